#include <millrace/rtmp/chunk_reader.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;

std::vector<Message> drain(ChunkReader& reader)
{
    std::vector<Message> messages;
    while (auto message = reader.next()) {
        messages.push_back(std::move(*message));
    }
    return messages;
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
    using enum MessageType;
    const std::vector<Message> expected{
        {.csid = 2, .timestamp = 0, .type = set_chunk_size, .payload = "00000004"_hex},
        {.csid = 4, .stream = 1, .timestamp = 26, .type = audio, .payload = "af01112233"_hex},
        {.csid = 4, .stream = 1, .timestamp = 52, .type = audio, .payload = "af01445566"_hex},
    };
    for (std::size_t cut = 0; cut <= kWire.size(); ++cut) {
        SCOPED_TRACE(cut);
        ChunkReader reader;
        ASSERT_TRUE(reader.feed(ByteView{kWire}.first(cut)));
        ASSERT_TRUE(reader.feed(ByteView{kWire}.subspan(cut)));
        EXPECT_EQ(drain(reader), expected);
    }
}

} // namespace
} // namespace millrace::rtmp
