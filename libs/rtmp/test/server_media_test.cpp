// Media that comes from publishers.
#include "peer.hpp"
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using amf::Null;
using namespace testing::literals;

Bytes payload_of(Peer& peer)
{
    return to_bytes(peer.expect<MediaReceived>().payload);
}

TEST(ServerMedia, LosesTheWrapperOfItsMetadata)
{
    const amf::EcmaArray values{{{"width", 640}}};
    const auto bare = amf::write_amf0({"onMetaData", values});
    auto flavoured = amf::write_amf0({"@setDataFrame", "onMetaData", values});
    flavoured.insert(flavoured.begin(), 0);
    Peer peer;
    peer.publish();
    const std::vector<std::pair<MessageType, Bytes>> cases{
        {MessageType::data, amf::write_amf0({"@setDataFrame", "onMetaData", values})},
        {MessageType::data, bare},
        {MessageType::data_amf3, flavoured},
        {MessageType::data_amf3, bare}, // The format byte left out.
    };
    for (const auto& [type, payload] : cases) {
        peer.send(Message{.csid = 4, .stream = 1, .type = type, .payload = payload});
        const auto received = peer.expect<MediaReceived>();
        EXPECT_EQ(received.type, MessageType::data);
        EXPECT_EQ(to_bytes(received.payload), bare);
    }
}

TEST(ServerMedia, OnMessageStream0IsTheOnlyPublications)
{
    const auto metadata = amf::write_amf0({"@setDataFrame", "onMetaData", amf::EcmaArray{}});
    Peer peer;
    peer.publish();
    peer.send(Message{.csid = 4, .stream = 0, .type = MessageType::data, .payload = metadata});
    EXPECT_EQ(peer.expect<MediaReceived>().stream, 1U);
    EXPECT_EQ(peer.server.counters(), (Server::Counters{{"metadata_on_stream_0", 1}}));
    peer.send(Message{.csid = 4, .stream = 0, .type = MessageType::audio, .payload = {1}});
    EXPECT_FALSE(peer.server.next_event());
}

TEST(ServerMedia, BeforeItsPublicationIsDropped)
{
    Peer peer;
    peer.open(true);
    const Message audio{.csid = 4, .stream = 1, .type = MessageType::audio, .payload = {1}};
    peer.send(audio);
    peer.command(1, {"publish", 3, Null{}, "cam"});
    peer.expect<PublishRequested>();
    peer.send(audio); // Not accepted yet.
    EXPECT_FALSE(peer.server.next_event());
    EXPECT_EQ(peer.server.counters(), (Server::Counters{{"media_without_publication", 2}}));
    peer.server.accept_publish(1);
    peer.send(audio);
    EXPECT_EQ(payload_of(peer), Bytes{1});
}

TEST(ServerMedia, ThatNobodyKnowsIsCounted)
{
    Peer peer;
    peer.publish();
    for (const auto type : {7, 10, 14, 200}) {
        peer.send(Message{
            .csid = 4, .stream = 1, .type = MessageType{static_cast<std::uint8_t>(type)}, .payload = {1}});
    }
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::data, .payload = {0x05}});
    EXPECT_FALSE(peer.server.next_event());
    EXPECT_EQ(peer.server.counters(),
              (Server::Counters{{"unknown_message_type", 4}, {"unreadable_data", 1}}));
    EXPECT_FALSE(peer.server.closed());
}

TEST(ServerMedia, PastTheLimitOfEventsIsDropped)
{
    Peer peer{{.events = 3}};
    peer.publish();
    for (std::uint8_t i = 0; i < 5; ++i) {
        peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::audio, .payload = {i}});
    }
    for (std::uint8_t i = 0; i < 3; ++i) {
        EXPECT_EQ(payload_of(peer), Bytes{i});
    }
    EXPECT_FALSE(peer.server.next_event());
    EXPECT_EQ(peer.server.counters(), (Server::Counters{{"event_queue_full", 2}}));
}

// V8.
constexpr auto kAggregate = R"(
    08 000003 0dbba0 00 000000  af0111        0000000e   # audio at 900000
    09 000005 0dbbb4 00 000000  2701000000    00000010   # video, 20 ms later
    12 000006 0dbbb4 00 000000  0200036f6e58  00000011   # data "onX"
)"_hex;

TEST(ServerMedia, ComesOutOfAggregatesOnTheClockOfTheMessage)
{
    Peer peer;
    peer.publish();
    peer.send(Message{
        .csid = 4, .stream = 1, .timestamp = 5000, .type = MessageType::aggregate, .payload = kAggregate});
    const auto audio = peer.expect<MediaReceived>();
    EXPECT_EQ(audio.type, MessageType::audio);
    EXPECT_EQ(audio.timestamp, 5000U);
    EXPECT_EQ(to_bytes(audio.payload), Bytes("af0111"_hex));
    const auto video = peer.expect<MediaReceived>();
    EXPECT_EQ(video.type, MessageType::video);
    EXPECT_EQ(video.timestamp, 5020U);
    EXPECT_EQ(to_bytes(video.payload), Bytes("2701000000"_hex));
    const auto data = peer.expect<MediaReceived>();
    EXPECT_EQ(data.type, MessageType::data);
    EXPECT_EQ(data.timestamp, 5020U);
    EXPECT_EQ(to_bytes(data.payload), Bytes("0200036f6e58"_hex));
    EXPECT_FALSE(peer.server.next_event());
    EXPECT_TRUE(peer.server.counters().empty());
}

TEST(ServerMedia, OfACutAggregateIsWhatIsWhole)
{
    const Bytes whole = kAggregate;
    const std::vector<std::size_t> ends{14, 34, 55}; // Where each part's payload ends.
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        SCOPED_TRACE(size);
        Peer peer;
        peer.publish();
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::aggregate, .payload = cut});
        std::size_t parts = 0;
        while (peer.server.next_event()) {
            ++parts;
        }
        EXPECT_EQ(parts, std::ranges::count_if(ends, [size](auto end) { return end <= size; }));
    }
}

TEST(ServerMedia, OfAnAggregateWhoseSizesLieIsCounted)
{
    const auto lying = R"(
        08 ffffff 000000 00 000000  af0111  0000000e   # says 16 MiB, has 3 bytes
    )"_hex;
    const auto nested = R"(
        16 000002 000000 00 000000  0800    0000000d   # an aggregate in an aggregate
        08 000001 000000 00 000000  af      0000000c
    )"_hex;
    Peer peer;
    peer.publish();
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::aggregate, .payload = lying});
    EXPECT_FALSE(peer.server.next_event());
    EXPECT_EQ(peer.server.counters(), (Server::Counters{{"truncated_aggregate", 1}}));
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::aggregate, .payload = nested});
    EXPECT_EQ(payload_of(peer), Bytes{0xaf});
    EXPECT_FALSE(peer.server.next_event());
}

TEST(ServerMedia, IsAcknowledgedEachHalfWindow)
{
    Peer peer;
    peer.publish();
    const auto send = [&](std::size_t bytes) {
        peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::video, .payload = Bytes(bytes)});
        peer.server.next_event();
        return peer.answers();
    };
    peer.writer.set_chunk_size(100000);
    peer.control(SetChunkSize{100000});
    EXPECT_EQ(send(1000000), Lines{});
    const auto first = send(300000); // 2500000 / 2 are full.
    EXPECT_EQ(first, Lines{"2/0 ack " + std::to_string(peer.server.bytes_in())});
    EXPECT_EQ(send(300000), Lines{});
    peer.control(WindowAcknowledgementSize{20000}); // 300000 have come since: one is due at once.
    EXPECT_EQ(peer.answers(), Lines{"2/0 ack " + std::to_string(peer.server.bytes_in())});
    EXPECT_EQ(send(9000), Lines{});
    const auto second = send(1000);
    EXPECT_EQ(second, Lines{"2/0 ack " + std::to_string(peer.server.bytes_in())});
    // A window above ours, and one of nothing, are ours.
    for (const std::uint32_t window : {0U, 0xFFFFFFFFU}) {
        peer.control(WindowAcknowledgementSize{window});
        EXPECT_EQ(send(20000), Lines{});
    }
}

} // namespace
} // namespace millrace::rtmp
