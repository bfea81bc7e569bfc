// What tutorials tell of chunks, and what the specification and real peers do. Each name says what we do.
#include "chunks.hpp"
#include <millrace/rtmp/chunk_writer.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using enum MessageType;

Bytes written(const std::vector<Message>& messages, std::uint32_t chunk_size = 128)
{
    ChunkWriter writer{chunk_size};
    Bytes out;
    for (const Message& message : messages) {
        writer.write(out, message);
    }
    return out;
}

/// The bytes read as these messages, and we write them so.
void expect_both_ways(const Bytes& wire, const std::vector<Message>& messages)
{
    const Reading reading = read_byte_by_byte(wire);
    EXPECT_FALSE(reading.error) << reading.error.message();
    EXPECT_EQ(reading.messages, messages);
    EXPECT_TRUE(reading.counters.empty());
    EXPECT_EQ(written(messages), wire);
}

// Told: type 3 chunks never have one.
TEST(ChunksToldOtherwise, HaveTheirExtendedTimeInType3ChunksToo)
{
    expect_both_ways(
        join({"06 ffffff 000084 09 01000000 01312d00"_hex, counting(128), "c6 01312d00"_hex,
              counting(4, 128)}),
        {{.csid = 6, .stream = 1, .timestamp = 20000000, .type = video, .payload = counting(132)}});
}

// Told: only a value above 0xffffff is extended.
TEST(ChunksToldOtherwise, HaveAnExtendedTimeFrom0xffffffOn)
{
    expect_both_ways("04 fffffe 000001 08 01000000 aa"_hex,
                     {{.csid = 4, .stream = 1, .timestamp = 0xfffffe, .type = audio, .payload = "aa"_hex}});
    expect_both_ways("04 ffffff 000001 08 01000000 00ffffff aa"_hex,
                     {{.csid = 4, .stream = 1, .timestamp = 0xffffff, .type = audio, .payload = "aa"_hex}});
}

// Told: all six bits are set before two more bytes.
TEST(ChunksToldOtherwise, HaveAThreeByteBasicHeaderWhenTheSixBitsAre1)
{
    expect_both_ways("3f 000000 000001 14 00000000 aa"_hex,
                     {{.csid = 63, .type = command, .payload = "aa"_hex}});
    expect_both_ways("01 0001 000000 000001 14 00000000 aa"_hex,
                     {{.csid = 320, .type = command, .payload = "aa"_hex}});
}

// Told: the second byte counts 256 times.
TEST(ChunksToldOtherwise, HaveTheLowByteOfALongChunkStreamIdFirst)
{
    expect_both_ways("01 0102 000000 000001 14 00000000 aa"_hex,
                     {{.csid = 0x0201 + 64, .type = command, .payload = "aa"_hex}});
}

// Told: the basic header has exactly one byte, or may be missing.
TEST(ChunksToldOtherwise, HaveABasicHeaderOfOneTwoOrThreeBytes)
{
    expect_both_ways(R"(
        02          000000 000001 14 00000000 aa
        00 00       000000 000001 14 00000000 aa
        01 00 01    000000 000001 14 00000000 aa)"_hex,
                     {{.csid = 2, .type = command, .payload = "aa"_hex},
                      {.csid = 64, .type = command, .payload = "aa"_hex},
                      {.csid = 320, .type = command, .payload = "aa"_hex}});
}

// Told: a message's length counts headers.
TEST(ChunksToldOtherwise, CountThePayloadAloneInTheLength)
{
    expect_both_ways(join({"04 000000 000084 08 01000000"_hex, counting(128), "c4"_hex, counting(4, 128),
                           "44 000001 000001 08 aa"_hex}),
                     {{.csid = 4, .stream = 1, .timestamp = 0, .type = audio, .payload = counting(132)},
                      {.csid = 4, .stream = 1, .timestamp = 1, .type = audio, .payload = "aa"_hex}});
}

// Told: a message has a header of its own, with three bytes of stream id, the high one first.
TEST(ChunksToldOtherwise, HaveFourBytesOfMessageStreamIdTheLowOneFirst)
{
    expect_both_ways("04 000000 000001 08 01020304 aa"_hex,
                     {{.csid = 4, .stream = 0x04030201, .type = audio, .payload = "aa"_hex}});
}

// Told: a full header stands only at the beginning of a chunk stream.
TEST(ChunksToldOtherwise, HaveAFullHeaderAgainForAnotherMessageStreamAndWhereTimeGoesBack)
{
    expect_both_ways(R"(
        04 000064 000001 08 01000000 aa
        84 000001                    bb
        04 000065 000001 08 02000000 cc
        04 000063 000001 08 02000000 dd)"_hex,
                     {{.csid = 4, .stream = 1, .timestamp = 100, .type = audio, .payload = "aa"_hex},
                      {.csid = 4, .stream = 1, .timestamp = 101, .type = audio, .payload = "bb"_hex},
                      {.csid = 4, .stream = 2, .timestamp = 101, .type = audio, .payload = "cc"_hex},
                      {.csid = 4, .stream = 2, .timestamp = 99, .type = audio, .payload = "dd"_hex}});
}

// Told: type 3 only goes on; what the delta of a new message is nobody tells.
TEST(ChunksToldOtherwise, BeginMessagesOfTypes1To3WithTheLastDeltaAdded)
{
    const Reading reading = read_byte_by_byte(R"(
        04 00000a 000001 08 01000000 aa
        c4                           bb   # the time of type 0 is a delta now
        44 000003 000001 08          cc
        c4                           dd
        84 000004                    ee
        c4                           ff)"_hex);
    std::vector<std::uint32_t> times;
    for (const Message& message : reading.messages) {
        EXPECT_EQ(message.payload.size(), 1U);
        times.push_back(message.timestamp);
    }
    EXPECT_EQ(times, (std::vector<std::uint32_t>{10, 20, 23, 26, 30, 34}));
}

} // namespace
} // namespace millrace::rtmp
