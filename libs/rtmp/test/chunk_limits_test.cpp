#include "chunks.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;

struct Broken {
    const char* name = "";
    Errc error = {};
    Bytes wire;               ///< Its last byte is the one that breaks it.
    std::size_t messages = 0; ///< That stand before the error and are still given.
    ChunkReader::Limits limits;
};

const Bytes kHalf = join({"04 000000 000100 08 01000000"_hex, counting(128)});

const std::vector<Broken> kBroken{
    {"type_2_on_a_fresh_chunk_stream", Errc::orphan_chunk, "84"_hex},
    {"type_3_on_a_fresh_chunk_stream", Errc::orphan_chunk, "c4"_hex},
    {"type_3_on_a_fresh_far_chunk_stream", Errc::orphan_chunk, "c1 1234"_hex},
    {"type_0_inside_a_message", Errc::interrupted_message, join({kHalf, "04"_hex})},
    {"other_length_inside_a_message", Errc::interrupted_message, join({kHalf, "44 000000 000101 08"_hex})},
    {"chunk_size_0", Errc::bad_chunk_size, "02 000000 000004 01 00000000 00000000"_hex},
    {"chunk_size_0_but_for_its_top_bit", Errc::bad_chunk_size, "02 000000 000004 01 00000000 80000000"_hex},
    {"chunk_size_of_3_bytes", Errc::bad_control_message, "02 000000 000003 01 00000000 000010"_hex},
    {"chunk_size_of_0_bytes", Errc::bad_control_message, "02 000000 000000 01 00000000"_hex},
    {"abort_of_3_bytes", Errc::bad_control_message, "02 000000 000003 02 00000000 000004"_hex},
    {"video_too_big", Errc::message_too_big, "06 000000 0003e9 09 01000000"_hex, 0, {.message_bytes = 1000}},
    {"audio_too_big",
     Errc::message_too_big,
     "06 000000 0003e9 08 01000000"_hex,
     0,
     {.other_message_bytes = 1000}},
    {"audio_too_big_by_default", Errc::message_too_big, "06 000000 400001 08 01000000"_hex},
    {"control_too_big_by_default", Errc::message_too_big, "02 000000 010001 14 00000000"_hex},
    {"too_big_with_type_1", Errc::message_too_big, "06 000000 000001 08 01000000 aa 46 000000 400001 08"_hex,
     1},
    {"too_many_chunk_streams",
     Errc::too_many_chunk_streams,
     "04 000000 000000 08 01000000   05 000000 000000 08 01000000   06"_hex,
     2,
     {.chunk_streams = 2}},
    {"too_much_pending",
     Errc::too_much_pending,
     join({kHalf, "05 000000 000100 08 01000000"_hex, counting(128), "c4"_hex}),
     0,
     {.pending_bytes = 300}},
};

class BrokenChunks : public ::testing::TestWithParam<Broken> {};
INSTANTIATE_TEST_SUITE_P(Wire, BrokenChunks, ::testing::ValuesIn(kBroken),
                         [](const auto& each) { return std::string{each.param.name}; });

TEST_P(BrokenChunks, AreRefusedAtTheByteThatBreaksThemHoweverTheyAreCut)
{
    const auto& [name, error, wire, messages, limits] = GetParam();
    EXPECT_FALSE(read_whole(ByteView{wire}.first(wire.size() - 1), limits).error);
    const Reading whole = read_whole(wire, limits);
    EXPECT_EQ(whole.error, error);
    EXPECT_EQ(whole.messages.size(), messages);
    EXPECT_EQ(whole.chunk_size, 128U);
    EXPECT_EQ(read_byte_by_byte(wire, limits), whole);
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        EXPECT_EQ(read_cut(wire, {cut}, limits), whole) << cut;
    }
}

TEST_P(BrokenChunks, StayRefused)
{
    const auto& broken = GetParam();
    ChunkReader reader{broken.limits};
    ASSERT_FALSE(reader.feed(broken.wire));
    drain(reader);
    const auto again = reader.feed("04 000000 000001 08 01000000 aa"_hex);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), broken.error);
    EXPECT_FALSE(again.error().clause().empty());
    EXPECT_FALSE(reader.next());
}

TEST(ChunkLimits, LetMessagesOfExactlyThatSizePass)
{
    const ChunkReader::Limits limits{
        .message_bytes = 100, .other_message_bytes = 50, .control_message_bytes = 40, .pending_bytes = 100};
    const Reading reading = read_whole(
        join({"06 000000 000064 09 01000000"_hex, counting(100), "04 000000 000032 08 01000000"_hex,
              counting(50), "02 000000 000028 04 00000000"_hex, counting(40)}),
        limits);
    EXPECT_FALSE(reading.error);
    EXPECT_EQ(reading.messages.size(), 3U);
}

TEST(ChunkLimits, FinishedAndAbortedMessagesAreNoLongerPending)
{
    const ChunkReader::Limits limits{.pending_bytes = 256};
    Bytes wire;
    for (int i = 0; i < 3; ++i) {
        wire =
            join({wire, kHalf, "02 000000 000004 02 00000000 00000004"_hex, kHalf, "c4"_hex, counting(128)});
    }
    const Reading reading = read_whole(wire, limits);
    EXPECT_FALSE(reading.error);
    EXPECT_EQ(reading.messages.size(), 6U);
}

TEST(ChunkLimits, ChunkStreamsInUseGoOnWhenThereAreNoMoreToHave)
{
    Bytes wire;
    for (unsigned csid = 2; csid < 64; ++csid) {
        wire = join({wire, {static_cast<std::uint8_t>(csid)}, "000000 000000 08 01000000"_hex});
    }
    wire = join({wire, "00 00 000000 000000 08 01000000   00 01 000000 000000 08 01000000   fe   c0 01"_hex});
    EXPECT_FALSE(read_whole(wire).error);
    EXPECT_EQ(read_whole(wire).messages.size(), 66U);
    EXPECT_EQ(read_whole(join({wire, "00 02"_hex})).error, Errc::too_many_chunk_streams);
}

} // namespace
} // namespace millrace::rtmp
