#include "chunks.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using enum MessageType;

Message audio_message(std::uint32_t timestamp, Bytes payload)
{
    return {.csid = 4, .stream = 1, .timestamp = timestamp, .type = audio, .payload = std::move(payload)};
}

// Made by hand from RTMP 1.0 §5.3.1. The lone c4 chunks are what FMLE sends for audio.
constexpr auto kWire = R"(
    02 000000 000004 01 00000000  00000004   # csid 2, type 0: Set Chunk Size, to 4
    04 00001a 000005 08 01000000  af011122   # csid 4, type 0: audio at 26 ms, 5 bytes; its first 4
    c4                            33         # type 3 goes on: its last byte
    c4                            af014455   # type 3 begins anew: 5 bytes at 26 + 26 ms
    c4                            66
)"_hex;

TEST(ChunkReader, GivesTheSameMessagesHoweverTheBytesAreCut)
{
    const std::vector<Message> expected{
        {.csid = 2, .timestamp = 0, .type = set_chunk_size, .payload = "00000004"_hex},
        audio_message(26, "af01112233"_hex),
        audio_message(52, "af01445566"_hex),
    };
    for (std::size_t cut = 0; cut <= kWire.size(); ++cut) {
        for (std::size_t again = cut; again <= kWire.size(); ++again) {
            EXPECT_EQ(read_cut(kWire, {cut, again}).messages, expected) << cut << ", " << again;
        }
    }
}

TEST(ChunkReader, TakesALongerBasicHeaderThanTheChunkStreamNeeds)
{
    const Reading reading = read_whole("01 3200 000000 000001 14 00000000 05   c0 32 06"_hex);
    ASSERT_EQ(reading.messages.size(), 2U);
    EXPECT_EQ(reading.messages[0].csid, 114U);
    EXPECT_EQ(reading.messages[1].csid, 114U);
    EXPECT_EQ(reading.messages[1].payload, Bytes("06"_hex));
}

TEST(ChunkReader, GivesMessagesWithoutPayloadAfterTheirHeader)
{
    const std::vector<Message> expected{audio_message(10, {}), audio_message(30, {}), audio_message(50, {})};
    constexpr auto kSilence = "04 00000a 000000 08 01000000   84 000014   c4"_hex;
    EXPECT_EQ(read_whole(kSilence).messages, expected);
    EXPECT_EQ(read_byte_by_byte(kSilence).messages, expected);
}

TEST(ChunkReader, HandsUnknownMessageTypesOn)
{
    const Reading reading = read_whole("04 000000 000001 63 01000000 aa"_hex);
    ASSERT_EQ(reading.messages.size(), 1U);
    EXPECT_EQ(static_cast<int>(reading.messages[0].type), 0x63);
}

TEST(ChunkReader, KeepsTheMessageStreamOfAChunkStreamUntilTheNextFullHeader)
{
    const Reading reading = read_whole(R"(
        04 000000 000001 08 01000000 aa
        44 000005 000001 12          bb
        04 000006 000001 08 02000000 cc
        84 000001                    dd)"_hex);
    const std::vector<Message> expected{
        {.csid = 4, .stream = 1, .timestamp = 0, .type = audio, .payload = "aa"_hex},
        {.csid = 4, .stream = 1, .timestamp = 5, .type = data, .payload = "bb"_hex},
        {.csid = 4, .stream = 2, .timestamp = 6, .type = audio, .payload = "cc"_hex},
        {.csid = 4, .stream = 2, .timestamp = 7, .type = audio, .payload = "dd"_hex},
    };
    EXPECT_EQ(reading.messages, expected);
}

// The deltas are 2^24 - 1 (which must be extended) and 2^24 - 2 (which must not).
TEST(ChunkReader, CountsTimeAcross24And32Bits)
{
    const Reading reading = read_whole(R"(
        04 fffffe 000001 08 01000000          01   # 16777214
        84 000003                             02   # 16777217
        84 fffffe                             03   # 33554431
        84 ffffff                    00ffffff 04   # 50331646
        84 ffffff                    fcffffff 05   # 4294967293
        84 000005                             06   # 2)"_hex);
    std::vector<std::uint32_t> times;
    for (const Message& message : reading.messages) {
        times.push_back(message.timestamp);
    }
    EXPECT_EQ(times, (std::vector<std::uint32_t>{16777214, 16777217, 33554431, 50331646, 4294967293, 2}));
}

TEST(ChunkReader, TakesANewChunkSizeInTheMiddleOfAMessage)
{
    const Bytes wire =
        join({"04 000000 000096 08 01000000"_hex, counting(128), "02 000000 000004 01 00000000 0000000a"_hex,
              "c4"_hex, counting(10, 128), "c4"_hex, counting(10, 138), "c4"_hex, counting(2, 148)});
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        const Reading reading = read_cut(wire, {cut});
        ASSERT_EQ(reading.messages.size(), 2U) << cut;
        EXPECT_EQ(reading.messages[1], audio_message(0, counting(150)));
        EXPECT_EQ(reading.chunk_size, 10U);
    }
}

TEST(ChunkReader, ClampsAChunkSizeThatIsMoreThanAnyMessage)
{
    EXPECT_EQ(read_whole("02 000000 000004 01 00000000 7fffffff"_hex).chunk_size, 0xffffffU);
    EXPECT_EQ(read_whole("02 000000 000004 01 00000000 00ffffff"_hex).chunk_size, 0xffffffU);
    EXPECT_EQ(read_whole({}).chunk_size, 128U);
}

TEST(ChunkReader, ObeysControlMessagesOnAnyChunkAndMessageStream)
{
    const Reading reading = read_whole("05 000000 000004 01 07000000 00001000"_hex);
    EXPECT_EQ(reading.chunk_size, 4096U);
    EXPECT_EQ(reading.messages.size(), 1U);
}

TEST(ChunkReader, IgnoresAnAbortOfWhatIsNotUnfinished)
{
    const Reading reading = read_whole(R"(
        04 000000 000001 08 01000000 aa
        02 000000 000004 02 00000000 00000004   # complete already
        c2                           00000009   # never seen
        c4 bb)"_hex);
    EXPECT_FALSE(reading.error);
    EXPECT_EQ(reading.messages.size(), 4U);
}

TEST(ChunkReader, KeepsTheHeaderOfAnAbortedMessage)
{
    const Reading reading = read_whole(
        join({"04 000007 000082 08 01000000"_hex, counting(128), "02 000000 000004 02 00000000 00000004"_hex,
              "c4"_hex, counting(128, 1), "c4 ccdd"_hex}));
    ASSERT_EQ(reading.messages.size(), 2U);
    EXPECT_EQ(reading.messages[1], audio_message(14, join({counting(128, 1), "ccdd"_hex})));
}

// Tolerances, each pinned here under the name by which it is counted.

TEST(ChunkReader, QuirkType1OnFreshChunkStreamMeansMessageStream0AndTime0)
{
    const Reading reading = read_whole("42 000005 000004 03 00000010"_hex);
    const Message expected{.csid = 2, .timestamp = 5, .type = acknowledgement, .payload = "00000010"_hex};
    EXPECT_EQ(reading.messages, std::vector{expected});
    EXPECT_EQ(reading.counters.at("type_1_on_fresh_chunk_stream"), 1U);
}

TEST(ChunkReader, QuirkHeaderInsideMessageIsIgnoredWhenItsLengthAgrees)
{
    const Bytes wire =
        join({"04 00000a 000104 08 01000000"_hex, counting(128), "44 000009 000104 09"_hex,
              counting(128, 128), "84 ffffff 00000001"_hex, "00010203"_hex, "c4 00000014"_hex, counting(128),
              "c4 00000014"_hex, counting(128, 128), "c4 00000014 00010203"_hex});
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        const Reading reading = read_cut(wire, {cut});
        ASSERT_EQ(reading.messages.size(), 2U) << cut;
        EXPECT_EQ(reading.messages[0], audio_message(10, counting(260)));
        EXPECT_EQ(reading.messages[1], audio_message(30, counting(260)));
        EXPECT_EQ(reading.counters.at("header_inside_message"), 2U);
    }
}

TEST(ChunkReader, QuirkExtendedTimestampMayBeLeftOutOfType3Chunks)
{
    // The payload goes on with three bytes as in the time, and then another one.
    const Bytes payload = join({counting(128), "01000001"_hex, counting(128, 7), "01"_hex});
    const Bytes wire = join({"04 ffffff 000105 08 01000000 01000000"_hex, counting(128), "c4 01000001"_hex,
                             counting(124, 7), "c4"_hex, counting(4, 131), "01   84 000001"_hex});
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        const Reading reading = read_cut(wire, {cut});
        ASSERT_EQ(reading.messages.size(), 1U) << cut;
        EXPECT_EQ(reading.messages[0], audio_message(16777216, payload));
        EXPECT_EQ(reading.counters.at("no_extended_timestamp"), 2U);
    }
}

TEST(ChunkReader, TakesTheAbsoluteTimeInType3ChunksOfAMessageThatBeganWithADelta)
{
    const Bytes wire = join({"04 000010 000001 08 01000000 00   44 ffffff 000084 08 01000000"_hex,
                             counting(128), "c4 01000010"_hex, "0a0b0c0d"_hex});
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        const Reading reading = read_cut(wire, {cut});
        ASSERT_EQ(reading.messages.size(), 2U) << cut;
        EXPECT_EQ(reading.messages[1], audio_message(16777232, join({counting(128), "0a0b0c0d"_hex})));
        EXPECT_TRUE(reading.counters.empty());
    }
}

TEST(ChunkReader, TakesAHeldBackBeginningOfAnExtendedTimestampForPayloadAtTheEnd)
{
    const Bytes wire = join({"04 ffffff 000082 08 01000000 01000000"_hex, counting(128), "c4 0100"_hex});
    ChunkReader reader;
    ASSERT_TRUE(reader.feed(wire));
    EXPECT_FALSE(reader.next()); // two more bytes could make it the time
    ASSERT_TRUE(reader.finish());
    const auto message = reader.next();
    ASSERT_TRUE(message);
    EXPECT_EQ(*message, audio_message(16777216, join({counting(128), "0100"_hex})));
}

TEST(ChunkReader, QuirkLongControlMessagesAndTheTopBitOfAChunkSizeAreIgnored)
{
    const Reading reading = read_whole("02 000000 000006 01 00000000 80001000 ffff"_hex);
    EXPECT_EQ(reading.chunk_size, 4096U);
    EXPECT_EQ(reading.counters.at("long_control_message"), 1U);
    EXPECT_EQ(reading.counters.at("chunk_size_top_bit"), 1U);
}

} // namespace
} // namespace millrace::rtmp
