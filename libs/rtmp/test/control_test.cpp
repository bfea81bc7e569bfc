#include <millrace/rtmp/chunk_reader.hpp>
#include <millrace/rtmp/chunk_writer.hpp>
#include <millrace/rtmp/control.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;

struct Case {
    Control control;
    MessageType type = {};
    Bytes payload;
};

const std::vector<Case> kCases{
    {SetChunkSize{4096}, MessageType::set_chunk_size, "00001000"_hex},
    {Abort{4}, MessageType::abort, "00000004"_hex},
    {Acknowledgement{0xfffffff0}, MessageType::acknowledgement, "fffffff0"_hex},
    {WindowAcknowledgementSize{2500000}, MessageType::window_acknowledgement_size, "002625a0"_hex},
    {SetPeerBandwidth{2500000, PeerLimit::hard}, MessageType::set_peer_bandwidth, "002625a0 00"_hex},
    {SetPeerBandwidth{2500000, PeerLimit::soft}, MessageType::set_peer_bandwidth, "002625a0 01"_hex},
    {SetPeerBandwidth{2500000, PeerLimit::dynamic}, MessageType::set_peer_bandwidth, "002625a0 02"_hex},
    {StreamEvent{StreamNews::begin, 1}, MessageType::user_control, "0000 00000001"_hex},
    {StreamEvent{StreamNews::eof, 1}, MessageType::user_control, "0001 00000001"_hex},
    {StreamEvent{StreamNews::dry, 2}, MessageType::user_control, "0002 00000002"_hex},
    {SetBufferLength{1, 3000}, MessageType::user_control, "0003 00000001 00000bb8"_hex},
    {StreamEvent{StreamNews::is_recorded, 1}, MessageType::user_control, "0004 00000001"_hex},
    {UnknownEvent{5, "0102"_hex}, MessageType::user_control, "0005 0102"_hex},
    {PingRequest{0x01020304}, MessageType::user_control, "0006 01020304"_hex},
    {PingResponse{0x01020304}, MessageType::user_control, "0007 01020304"_hex},
    {SwfVerifyRequest{}, MessageType::user_control, "001a"_hex},
    {SwfVerifyRequest{1}, MessageType::user_control, "001a 01"_hex},
    {StreamEvent{StreamNews::buffer_empty, 1}, MessageType::user_control, "001f 00000001"_hex},
    {StreamEvent{StreamNews::buffer_ready, 1}, MessageType::user_control, "0020 00000001"_hex},
};

// What librtmp sends for a file of 4321 bytes.
constexpr auto kSwfResponse = R"(
    001b 0101 000010e1 000010e1
    330cb19f93eead3529c5a182db30e0f7654f275a33f9025f1f0810493d0838e1
)"_hex;

TEST(Control, ReadsAndWritesEachKind)
{
    for (const Case& each : kCases) {
        SCOPED_TRACE(::testing::PrintToString(each.payload));
        const auto control = read_control(each.type, each.payload);
        ASSERT_TRUE(control);
        EXPECT_EQ(*control, each.control);
        const Message expected{.csid = 2, .type = each.type, .payload = each.payload};
        EXPECT_EQ(control_message(each.control), expected);
        EXPECT_TRUE(is_control(each.type));
    }
    EXPECT_FALSE(is_control(MessageType::audio));
    EXPECT_FALSE(is_control(MessageType{}));
}

TEST(Control, ReadsAndWritesAnSwfVerification)
{
    const auto control = read_control(MessageType::user_control, kSwfResponse);
    ASSERT_TRUE(control);
    const auto* response = std::get_if<SwfVerifyResponse>(&*control);
    ASSERT_NE(response, nullptr);
    EXPECT_EQ(response->size, 4321U);
    EXPECT_EQ(response->digest.front(), 0x33);
    EXPECT_EQ(response->digest.back(), 0xe1);
    EXPECT_EQ(control_message(*control).payload, Bytes(kSwfResponse));
}

TEST(Control, RefusesAnSwfVerificationThatContradictsItself)
{
    Bytes versions = kSwfResponse;
    versions[3] = 2;
    EXPECT_FALSE(read_control(MessageType::user_control, versions));
    Bytes sizes = kSwfResponse;
    sizes[5] ^= 1U;
    EXPECT_FALSE(read_control(MessageType::user_control, sizes));
}

TEST(Control, RefusesEachKindWhenItIsCutShort)
{
    std::vector<Case> cases = kCases;
    cases.push_back({SwfVerifyResponse{}, MessageType::user_control, kSwfResponse});
    for (const Case& each : cases) {
        for (std::size_t size = 0; size < each.payload.size(); ++size) {
            SCOPED_TRACE(::testing::PrintToString(each.payload) + " cut at " + std::to_string(size));
            const auto control = read_control(each.type, ByteView{each.payload}.first(size));
            const bool rest_is_optional =
                (std::holds_alternative<SetPeerBandwidth>(each.control) && size >= 4) ||
                (size >= 2 && (std::holds_alternative<UnknownEvent>(each.control) ||
                               std::holds_alternative<SwfVerifyRequest>(each.control)));
            EXPECT_EQ(control.has_value(), rest_is_optional);
            if (!control) {
                EXPECT_EQ(control.error().code(), Errc::bad_control_message);
            }
        }
    }
}

TEST(Control, TakesAPeerBandwidthWithoutTypeForDynamic)
{
    const auto control = read_control(MessageType::set_peer_bandwidth, "002625a0"_hex);
    ASSERT_TRUE(control);
    EXPECT_EQ(*control, Control{(SetPeerBandwidth{2500000, PeerLimit::dynamic})});
}

TEST(Control, IgnoresWhatStandsBehindTheFieldsAndTheTopBitOfAChunkSize)
{
    EXPECT_EQ(*read_control(MessageType::set_chunk_size, "80001000 ffff"_hex), Control{SetChunkSize{4096}});
    EXPECT_EQ(*read_control(MessageType::user_control, "0006 00000009 ff"_hex), Control{PingRequest{9}});
}

// V12. FFmpeg's Set Buffer Length rides on chunk stream 2 behind the fmt 0 header of the type 5 message.
constexpr auto kWire = R"(
    02 000000 000004 05 00000000  002625a0                   # Window Acknowledgement Size
    02 000000 000005 06 00000000  002625a0 02                # Set Peer Bandwidth, dynamic
    02 000000 000004 01 00000000  00001000                   # Set Chunk Size
    02 000000 000006 04 00000000  0000 00000001              # StreamBegin
    42 000001 00000a 04           0003 00000001 00000bb8     # SetBufferLength
)"_hex;

TEST(Control, IsReadFromAChunkStream)
{
    const std::vector<Control> expected{
        WindowAcknowledgementSize{2500000},
        SetPeerBandwidth{2500000, PeerLimit::dynamic},
        SetChunkSize{4096},
        StreamEvent{StreamNews::begin, 1},
        SetBufferLength{1, 3000},
    };
    ChunkReader reader;
    ASSERT_TRUE(reader.feed(kWire));
    std::vector<Control> found;
    while (const auto message = reader.next()) {
        const auto control = read_control(message->type, message->payload);
        ASSERT_TRUE(control);
        found.push_back(*control);
    }
    EXPECT_EQ(found, expected);
    EXPECT_EQ(reader.chunk_size(), 4096U);
}

TEST(Control, IsWrittenAsTheVectorsHaveIt)
{
    for (const auto& [control, wire] : std::vector<std::pair<Control, Bytes>>{
             {WindowAcknowledgementSize{2500000}, "02 000000 000004 05 00000000 002625a0"_hex},
             {SetPeerBandwidth{2500000}, "02 000000 000005 06 00000000 002625a0 02"_hex},
             {SetChunkSize{4096}, "02 000000 000004 01 00000000 00001000"_hex},
             {StreamEvent{StreamNews::begin, 1}, "02 000000 000006 04 00000000 0000 00000001"_hex}}) {
        Bytes out;
        ChunkWriter{}.write(out, control_message(control));
        EXPECT_EQ(out, wire);
    }
    // FFmpeg's, at 1 ms, behind a full header.
    ChunkWriter writer;
    Bytes out;
    writer.write(out, control_message(WindowAcknowledgementSize{2500000}));
    out.clear();
    Message buffer = control_message(SetBufferLength{1, 3000});
    buffer.timestamp = 1;
    writer.write(out, buffer);
    EXPECT_EQ(out, Bytes("42 000001 00000a 04 0003 00000001 00000bb8"_hex));
}

} // namespace
} // namespace millrace::rtmp
