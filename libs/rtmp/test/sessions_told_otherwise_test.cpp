// What tutorials tell of handshakes and sessions, and what the specification and real peers do. Each name
// says what we do.
#include "conversation.hpp"
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using amf::Null;

Bytes replaced(Bytes block, std::size_t at, ByteView bytes)
{
    std::ranges::copy(bytes, block.begin() + static_cast<std::ptrdiff_t>(at));
    return block;
}

// Told: time2 of C2 and S2 says when the packet before was read. Most echo, GStreamer puts its own clock
// there.
TEST(SessionsToldOtherwise, TakeAnyTimesInC2AndS2)
{
    for (const auto layout : {DigestLayout::none, DigestLayout::d8, DigestLayout::d772}) {
        for (const auto& times :
             {"00000000 00000000"_hex, "ffffffff 00000001"_hex, "00000001 12345678"_hex}) {
            ClientHandshake client{fill_with_counting, layout};
            ServerHandshake server{fill_with_counting};
            ASSERT_TRUE(server.feed(client.take_output()));
            const Bytes answer = replaced(server.take_output(), 1 + kHandshakeBlock, times);
            ASSERT_TRUE(client.feed(answer));
            EXPECT_TRUE(client.done());
            ASSERT_TRUE(server.feed(replaced(client.take_output(), 0, times)));
            EXPECT_TRUE(server.done());
        }
    }
}

TEST(SessionsToldOtherwise, EchoTheBlockOfASimplePeerByteForByte)
{
    Bytes c1(kHandshakeBlock, 0x5a);
    c1 = replaced(std::move(c1), 0, "01020304 00000000"_hex);
    ServerHandshake server{fill_with_counting};
    const std::uint8_t version = 3;
    ASSERT_TRUE(server.feed(ByteView{&version, 1}));
    ASSERT_TRUE(server.feed(c1));
    const Bytes said = server.take_output();
    EXPECT_EQ(Bytes(said.end() - kHandshakeBlock, said.end()), c1);

    ClientHandshake client{fill_with_counting, DigestLayout::none};
    client.take_output();
    ASSERT_TRUE(client.feed(ByteView{&version, 1}));
    ASSERT_TRUE(client.feed(c1)); // S1 of the same form
    EXPECT_EQ(client.take_output(), c1);
}

// Told: S2 comes when the server likes. FFmpeg and GStreamer wait for it before they send C2.
TEST(SessionsToldOtherwise, SendS2BeforeC2IsInAndTakeConnectBehindIt)
{
    Peer peer;
    Bytes hello(1 + kHandshakeBlock, 0);
    hello[0] = 3;
    peer.send(hello);
    EXPECT_EQ(peer.server.take_output().size(), 1 + 2 * kHandshakeBlock);
    Bytes rest(kHandshakeBlock, 0);
    peer.writer.write(rest, {.csid = 3, .type = MessageType::command},
                      amf::write_amf0({"connect", 1, amf::Object{.members = {{"app", "live"}}}}));
    peer.send(rest);
    EXPECT_EQ(peer.expect<ConnectRequested>().app, "live");
}

// Told, in a diagram of play: sound and picture go from the client to the server.
TEST(SessionsToldOtherwise, PlayFromTheServerToTheClientAndDropWhatAPlayerSends)
{
    Peer peer;
    peer.play();
    for (const auto type : {MessageType::audio, MessageType::video}) {
        peer.send(Message{.csid = 4, .stream = 1, .type = type, .payload = {1}});
    }
    EXPECT_FALSE(peer.server.next_event());
    EXPECT_EQ(peer.server.counters(), (Server::Counters{{"media_without_publication", 2}}));

    Conversation talk{{.role = Client::Role::play, .app = "live", .tc_url = "rtmp://h/live", .name = "cam"}};
    talk.run();
    talk.client.send(MessageType::audio, 0, Bytes{0xaf, 1}, {});
    EXPECT_FALSE(talk.client.has_output()) << "a player has nothing to send";
    Bytes media;
    ChunkWriter{kPlayChunkSize}.write(media, {csid::kAudio, 1, 41, MessageType::audio}, Bytes(300, 0xaf));
    ASSERT_TRUE(talk.client.feed(media, talk.now));
    const auto event = talk.client.next_event();
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<MediaArrived>(*event).payload.size(), 300U);
}

// Told, in a diagram of publish: media goes first, then _result says yes.
TEST(SessionsToldOtherwise, AnswerPublishWithAStatusAndNoResultBeforeAnyMedia)
{
    Peer peer;
    peer.open(true);
    peer.command(1, {"publish", 3, Null{}, "cam", "live"});
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::audio, .payload = {1}}); // too early
    peer.expect<PublishRequested>();
    EXPECT_FALSE(peer.server.next_event());
    peer.server.accept_publish(1);
    EXPECT_EQ(peer.answers(), (Lines{"2/0 event 0 of 1",
                                     status_line(1, "status", "NetStream.Publish.Start", "Publishing.")}));
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::audio, .payload = {2}});
    EXPECT_EQ(to_bytes(peer.expect<MediaReceived>().payload), Bytes{2});
}

TEST(SessionsToldOtherwise, PublishNothingUntilTheStatusIsThere)
{
    Conversation talk{
        {.role = Client::Role::publish, .app = "live", .tc_url = "rtmp://h/live", .name = "cam"}};
    talk.client.send(MessageType::audio, 0, Bytes{1}, {});
    talk.run();
    ASSERT_EQ(talk.from_client<Started>().size(), 1U);
    EXPECT_TRUE(talk.from_server<MediaReceived>().empty());
    EXPECT_TRUE(talk.server.counters().empty()) << "nothing came too early";
    talk.client.send(MessageType::audio, 0, Bytes{2}, {});
    talk.run();
    ASSERT_EQ(talk.from_server<MediaReceived>().size(), 1U);
    EXPECT_EQ(to_bytes(talk.from_server<MediaReceived>()[0].payload), Bytes{2});
}

// Told: StreamIsRecorded is part of every play.
TEST(SessionsToldOtherwise, SayStreamIsRecordedOfRecordingsAlone)
{
    for (const bool recorded : {false, true}) {
        Peer peer;
        peer.open(false);
        peer.command(1, {"play", 3, Null{}, "cam"});
        peer.expect<PlayRequested>();
        peer.server.accept_play(1, recorded);
        const auto said = peer.answers();
        EXPECT_EQ(std::ranges::count(said, "2/0 event 4 of 1"), recorded ? 1 : 0);
        EXPECT_EQ(std::ranges::count(said, "2/0 event 0 of 1"), 1);
    }
}

// Told: an aggregate is one whole FLV tag; how long the number behind it is nobody tells.
TEST(SessionsToldOtherwise, TakeManyTagsFromAnAggregateEachWithFourBytesBehindItThatAreNotLookedAt)
{
    const auto wire = R"(
        08 000001 0003e8 00 000000  aa  ffffffff
        08 000001 000410 00 000000  bb  00000000
        09 000001 000411 00 000000  cc  0000000c)"_hex;
    Peer peer;
    peer.publish();
    peer.send(
        Message{.csid = 4, .stream = 1, .timestamp = 50, .type = MessageType::aggregate, .payload = wire});
    std::vector<std::uint32_t> times;
    Bytes payloads;
    for (int i = 0; i < 3; ++i) {
        const auto received = peer.expect<MediaReceived>();
        times.push_back(received.timestamp);
        payloads.push_back(received.payload.view().front());
    }
    EXPECT_FALSE(peer.server.next_event());
    EXPECT_EQ(times, (std::vector<std::uint32_t>{50, 90, 91}));
    EXPECT_EQ(payloads, (Bytes{0xaa, 0xbb, 0xcc}));
    EXPECT_TRUE(peer.server.counters().empty());
}

// Told: types 1 and 2 belong to one layer, 3 to 6 to another. All of them work wherever they come.
TEST(SessionsToldOtherwise, ObeyTypes1To6OnWhicheverStreamTheyCome)
{
    Peer peer;
    peer.publish();
    const auto send = [&](const Control& what) {
        auto message = control_message(what);
        message.csid = 9;
        message.stream = 1;
        peer.send(message);
    };
    send(PingRequest{42});                         // 4
    send(SetPeerBandwidth{1000, PeerLimit::hard}); // 6
    EXPECT_EQ(peer.answers(), (Lines{"2/0 pong 42", "2/0 window 1000"}));
    send(Acknowledgement{1}); // 3
    EXPECT_EQ(peer.answers(), Lines{});
    send(SetChunkSize{300}); // 1
    peer.writer.set_chunk_size(300);
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::audio, .payload = Bytes(300)});
    EXPECT_EQ(peer.expect<MediaReceived>().payload.size(), 300U);
    Bytes unfinished = "04 000000 000200 08 01000000"_hex;
    unfinished.resize(unfinished.size() + 300);
    peer.send(unfinished);
    send(Abort{4}); // 2
    peer.writer.restart(4);
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::audio, .payload = {7}});
    EXPECT_EQ(to_bytes(peer.expect<MediaReceived>().payload), Bytes{7});
    send(WindowAcknowledgementSize{100}); // 5: more than that has come.
    EXPECT_EQ(peer.answers(), Lines{"2/0 ack " + std::to_string(peer.server.bytes_in())});
    EXPECT_TRUE(peer.server.counters().empty());
}

// Told: an acknowledgement comes after as many bytes as the window has, and counts them exactly. Clients send
// it after a half or a tenth, and count the handshake or not.
TEST(SessionsToldOtherwise, AcknowledgeEachHalfWindowAndTakeAnyAcknowledgement)
{
    Peer peer;
    peer.publish();
    peer.control(SetChunkSize{10000});
    peer.writer.set_chunk_size(10000);
    peer.control(WindowAcknowledgementSize{2000});
    peer.answers();
    const auto send = [&](std::size_t bytes) {
        peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::video, .payload = Bytes(bytes)});
        peer.expect<MediaReceived>();
        return peer.answers();
    };
    EXPECT_EQ(send(900), Lines{});
    const auto acknowledged = send(200); // 1000 of 2000 are past.
    EXPECT_EQ(acknowledged, Lines{"2/0 ack " + std::to_string(peer.server.bytes_in())});
    for (const std::uint32_t number : {0U, 1U, 3073U, 0xffffffffU, 5U}) {
        EXPECT_TRUE(peer.control(Acknowledgement{number}));
    }
    EXPECT_TRUE(peer.server.counters().empty());
}

} // namespace
} // namespace millrace::rtmp
