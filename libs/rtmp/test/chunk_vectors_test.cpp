#include "chunks.hpp"
#include <millrace/rtmp/chunk_writer.hpp>
#include <millrace/rtmp/control.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using enum MessageType;

struct Case {
    const char* name = "";
    Bytes wire;
    std::vector<Message> messages;
    Bytes written = {}; ///< How we write the same messages; empty: as they came.
};

const Bytes kLong = counting(200, 16);

Bytes of_long(std::size_t from, std::size_t count)
{
    return to_bytes(ByteView{kLong}.subspan(from, count));
}

// V5, made by hand from RTMP 1.0 §5.3.1. a was played by FFmpeg, rtmpdump and GStreamer; h is FFmpeg's own
// output; b, d, e, i and j were understood so by rtmpdump and rtmp2src, b, c and g by Wireshark. What we
// write differs: no type 3 where a message begins, no delta where time goes back, one message after the
// other.
const std::vector<Case> kCases{
    {"a_extended_time_repeated_in_type_3",
     join(
         {"06 ffffff 0000c8 09 01000000 01000000"_hex, of_long(0, 128), "c6 01000000"_hex, of_long(128, 72)}),
     {{.csid = 6, .stream = 1, .timestamp = 16777216, .type = video, .payload = kLong}}},
    {"b_type_3_begins_messages_and_repeats_the_time_of_type_0",
     R"(04 00001a 000002 08 01000000 aabb
        c4 ccdd
        c4 eeff)"_hex,
     {{.csid = 4, .stream = 1, .timestamp = 26, .type = audio, .payload = "aabb"_hex},
      {.csid = 4, .stream = 1, .timestamp = 52, .type = audio, .payload = "ccdd"_hex},
      {.csid = 4, .stream = 1, .timestamp = 78, .type = audio, .payload = "eeff"_hex}},
     R"(04 00001a 000002 08 01000000 aabb
        84 00001a                    ccdd
        84 00001a                    eeff)"_hex},
    {"c_types_0_to_3_one_after_the_other",
     R"(04 000064 000002 08 01000000 0102
        44 000017 000003 08          010203
        84 000018                    040506
        c4                           070809)"_hex,
     {{.csid = 4, .stream = 1, .timestamp = 100, .type = audio, .payload = "0102"_hex},
      {.csid = 4, .stream = 1, .timestamp = 123, .type = audio, .payload = "010203"_hex},
      {.csid = 4, .stream = 1, .timestamp = 147, .type = audio, .payload = "040506"_hex},
      {.csid = 4, .stream = 1, .timestamp = 171, .type = audio, .payload = "070809"_hex}},
     R"(04 000064 000002 08 01000000 0102
        44 000017 000003 08          010203
        84 000018                    040506
        84 000018                    070809)"_hex},
    {"d_time_goes_back_by_an_extended_delta",
     R"(04 0003e8 000001 08 01000000          11
        44 ffffff 000001 09          ffffffec 22)"_hex,
     {{.csid = 4, .stream = 1, .timestamp = 1000, .type = audio, .payload = "11"_hex},
      {.csid = 4, .stream = 1, .timestamp = 980, .type = video, .payload = "22"_hex}},
     R"(04 0003e8 000001 08 01000000 11
        04 0003d4 000001 09 01000000 22)"_hex},
    {"e_time_wraps_at_2_to_32",
     R"(04 ffffff 000001 08 01000000 fffffff0 11
        84 000020                             22)"_hex,
     {{.csid = 4, .stream = 1, .timestamp = 4294967280, .type = audio, .payload = "11"_hex},
      {.csid = 4, .stream = 1, .timestamp = 16, .type = audio, .payload = "22"_hex}}},
    {"f_all_forms_of_the_basic_header",
     R"(00 00    000000 000001 14 00000000 05
        00 ff    000000 000001 14 00000000 05
        01 00 01 000000 000001 14 00000000 05
        01 ff ff 000000 000001 14 00000000 05)"_hex,
     {{.csid = 64, .type = command, .payload = "05"_hex},
      {.csid = 319, .type = command, .payload = "05"_hex},
      {.csid = 320, .type = command, .payload = "05"_hex},
      {.csid = 65599, .type = command, .payload = "05"_hex}}},
    {"g_two_chunk_streams_take_turns",
     R"(02 000000 000004 01 00000000 00000004
        04 000000 000006 08 01000000 a0a1a2a3
        06 000000 000005 09 01000000 b0b1b2b3
        c4                           a4a5
        c6                           b4)"_hex,
     {{.csid = 2, .type = set_chunk_size, .payload = "00000004"_hex},
      {.csid = 4, .stream = 1, .type = audio, .payload = "a0a1a2a3a4a5"_hex},
      {.csid = 6, .stream = 1, .type = video, .payload = "b0b1b2b3b4"_hex}},
     R"(02 000000 000004 01 00000000 00000004
        04 000000 000006 08 01000000 a0a1a2a3
        c4                           a4a5
        06 000000 000005 09 01000000 b0b1b2b3
        c6                           b4)"_hex},
    {"h_extended_delta_repeated_in_type_3",
     join({"04 000000 000001 08 01000000 af"_hex, "44 ffffff 000084 08 01312d00"_hex, of_long(0, 128),
           "c4 01312d00"_hex, of_long(128, 4)}),
     {{.csid = 4, .stream = 1, .timestamp = 0, .type = audio, .payload = "af"_hex},
      {.csid = 4, .stream = 1, .timestamp = 20000000, .type = audio, .payload = of_long(0, 132)}}},
    {"i_type_3_begins_a_message_with_an_extended_delta",
     R"(04 000000 000001 08 01000000          00
        44 ffffff 000001 08          01000000 11
        c4                           01000000 22)"_hex,
     {{.csid = 4, .stream = 1, .timestamp = 0, .type = audio, .payload = "00"_hex},
      {.csid = 4, .stream = 1, .timestamp = 16777216, .type = audio, .payload = "11"_hex},
      {.csid = 4, .stream = 1, .timestamp = 33554432, .type = audio, .payload = "22"_hex}},
     R"(04 000000 000001 08 01000000          00
        84 ffffff                    01000000 11
        84 ffffff                    01000000 22)"_hex},
    {"j_abort_drops_the_unfinished_message",
     join({"04 000000 000100 08 01000000"_hex, of_long(0, 128),
           R"(02 000000 000004 02 00000000 00000004
              04 000005 000002 08 01000000 aabb)"_hex}),
     {{.csid = 2, .type = abort, .payload = "00000004"_hex},
      {.csid = 4, .stream = 1, .timestamp = 5, .type = audio, .payload = "aabb"_hex}},
     R"(02 000000 000004 02 00000000 00000004
        04 000005 000002 08 01000000 aabb)"_hex},
    {"k_extended_time_left_out_of_type_3",
     join({"06 ffffff 0000c8 09 01000000 01000000"_hex, of_long(0, 128), "c6"_hex, of_long(128, 72)}),
     {{.csid = 6, .stream = 1, .timestamp = 16777216, .type = video, .payload = kLong}},
     join({"06 ffffff 0000c8 09 01000000 01000000"_hex, of_long(0, 128), "c6 01000000"_hex,
           of_long(128, 72)})},
};

class ChunkVectors : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Wire, ChunkVectors, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string{each.param.name}; });

TEST_P(ChunkVectors, ReadAsTheyShouldWhole)
{
    const Reading reading = read_whole(GetParam().wire);
    EXPECT_FALSE(reading.error);
    EXPECT_EQ(reading.messages, GetParam().messages);
}

TEST_P(ChunkVectors, ReadAsTheyShouldByteByByte)
{
    EXPECT_EQ(read_byte_by_byte(GetParam().wire).messages, GetParam().messages);
}

TEST_P(ChunkVectors, ReadAsTheyShouldCutAnywhere)
{
    const Bytes& wire = GetParam().wire;
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        SCOPED_TRACE(cut);
        EXPECT_EQ(read_cut(wire, {cut}).messages, GetParam().messages);
    }
}

TEST_P(ChunkVectors, GiveNoMessageBeforeItsLastByte)
{
    const Bytes& wire = GetParam().wire;
    EXPECT_EQ(read_whole(ByteView{wire}.first(wire.size() - 1)).messages.size(),
              GetParam().messages.size() - 1);
}

TEST_P(ChunkVectors, AreWrittenInTheFormThatEveryReaderKnows)
{
    const Bytes& expected = GetParam().written.empty() ? GetParam().wire : GetParam().written;
    ChunkWriter writer;
    Bytes written;
    for (const Message& message : GetParam().messages) {
        writer.write(written, message);
        if (message.type == set_chunk_size) {
            writer.set_chunk_size(std::get<SetChunkSize>(*read_control(message.type, message.payload)).bytes);
        }
    }
    EXPECT_EQ(written, expected);
    EXPECT_EQ(read_byte_by_byte(written).messages, GetParam().messages);
}

} // namespace
} // namespace millrace::rtmp
