// Conversations of real clients, recorded on the wire and told again, with every answer that they get.
#include "../vectors/publish_start.hpp"
#include "peer.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using amf::Null;

const std::string kConnected =
    R"(3/0 _result 1 {fmsVer:"FMS/3,5,7,7009",capabilities:31,mode:1} {level:"status",)"
    R"(code:"NetConnection.Connect.Success",description:"Connection succeeded.",objectEncoding:0,)"
    R"(data:{version:"3,5,7,7009"}})";

Lines after_connect(std::string_view chunk_size)
{
    return {"2/0 window 2500000", "2/0 bandwidth 2500000 2", "2/0 chunk size " + std::string{chunk_size},
            kConnected};
}

Lines fc_lines(std::string_view answer, std::string_view code, std::string_view name, std::string_view id)
{
    Lines lines{"3/0 " + std::string{answer} + " 0 null {level:\"status\",code:\"" + std::string{code} +
                "\",description:\"" + std::string{name} + "\"}"};
    if (!id.empty()) {
        lines.push_back("3/0 _result " + std::string{id} + " null undefined");
    }
    return lines;
}

TEST(ServerConversation, FfmpegPublishes)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1,
                     amf::Object{.members = {{"app", "live"},
                                             {"type", "nonprivate"},
                                             {"flashVer", "FMLE/3.0 (compatible; Lavf59.27.100)"},
                                             {"tcUrl", "rtmp://h:1935/live"}}}});
    const auto connect = peer.expect<ConnectRequested>();
    EXPECT_EQ(connect.app, "live");
    EXPECT_EQ(connect.tc_url, "rtmp://h:1935/live");
    EXPECT_EQ(connect.flash_ver, "FMLE/3.0 (compatible; Lavf59.27.100)");
    EXPECT_TRUE(connect.publisher);
    peer.server.accept_connect();
    EXPECT_EQ(peer.answers(), after_connect("4096"));

    peer.control(SetChunkSize{4096});
    peer.writer.set_chunk_size(4096);
    peer.command(0, {"releaseStream", 2, Null{}, "cam?token=a"});
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 2 null undefined"});
    peer.command(0, {"FCPublish", 3, Null{}, "cam?token=a"});
    EXPECT_EQ(peer.answers(), fc_lines("onFCPublish", "NetStream.Publish.Start", "cam?token=a", "3"));
    peer.command(0, {"createStream", 4, Null{}});
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 4 null 1"});
    peer.command(0, {"_checkbw", 5, Null{}});
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 5 null undefined"});
    peer.command(1, {"publish", 6, Null{}, "cam?token=a", "live"});
    const auto publish = peer.expect<PublishRequested>();
    EXPECT_EQ(publish.path, "live/cam");
    EXPECT_EQ(publish.query, "token=a");
    EXPECT_EQ(publish.kind, "live");
    EXPECT_EQ(peer.answers(), Lines{});
    peer.server.accept_publish(1);
    EXPECT_EQ(peer.answers(), (Lines{"2/0 event 0 of 1",
                                     status_line(1, "status", "NetStream.Publish.Start", "Publishing.")}));

    const auto metadata = amf::write_amf0({"@setDataFrame", "onMetaData", amf::EcmaArray{{{"width", 640}}}});
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::data, .payload = metadata});
    const auto received = peer.expect<MediaReceived>();
    EXPECT_EQ(received.type, MessageType::data);
    EXPECT_EQ(received.payload.view().size(), metadata.size() - 16);
    peer.send(
        Message{.csid = 6, .stream = 1, .timestamp = 40, .type = MessageType::video, .payload = {0x17, 1}});
    EXPECT_EQ(peer.expect<MediaReceived>().timestamp, 40U);

    peer.command(0, {"FCUnpublish", 7, Null{}, "cam?token=a"});
    EXPECT_EQ(peer.answers(), fc_lines("onFCUnpublish", "NetStream.Unpublish.Success", "cam?token=a", "7"));
    EXPECT_EQ(peer.expect<PublishStopped>().stream, 1U);
    peer.command(0, {"deleteStream", 8, Null{}, 1});
    EXPECT_EQ(peer.answers(), Lines{});
    EXPECT_FALSE(peer.server.next_event());
    EXPECT_TRUE(peer.server.counters().empty());
}

TEST(ServerConversation, ObsPublishes)
{
    Peer peer;
    peer.shake_hands();
    peer.control(SetChunkSize{4096});
    peer.writer.set_chunk_size(4096);
    peer.command(0, {"connect", 1,
                     amf::Object{.members = {{"app", "live"},
                                             {"type", "nonprivate"},
                                             {"supportsGoAway", true},
                                             {"flashVer", "FMLE/3.0 (compatible; FMSc/1.0)"},
                                             {"swfUrl", "rtmp://h/live"},
                                             {"tcUrl", "rtmp://h/live"}}}});
    EXPECT_TRUE(peer.expect<ConnectRequested>().publisher);
    peer.server.accept_connect();
    EXPECT_EQ(peer.answers(), after_connect("4096"));
    peer.command(0, {"releaseStream", 2, Null{}, "key"});
    peer.command(0, {"FCPublish", 3, Null{}, "key"});
    peer.command(0, {"createStream", 4, Null{}});
    Lines expected{"3/0 _result 2 null undefined"};
    for (auto& line : fc_lines("onFCPublish", "NetStream.Publish.Start", "key", "3")) {
        expected.push_back(line);
    }
    expected.emplace_back("3/0 _result 4 null 1");
    EXPECT_EQ(peer.answers(), expected);
    // OBS has everything of the stream on chunk stream 4, `publish` too.
    const auto publish = amf::write_amf0({"publish", 6, Null{}, "key", "live"});
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::command, .payload = publish});
    peer.server.accept_publish(peer.expect<PublishRequested>().stream);
    EXPECT_EQ(peer.answers(), (Lines{"2/0 event 0 of 1",
                                     status_line(1, "status", "NetStream.Publish.Start", "Publishing.")}));
    for (const auto type : {MessageType::audio, MessageType::video}) {
        peer.send(Message{.csid = 4, .stream = 1, .type = type, .payload = {1, 2, 3}});
        EXPECT_EQ(peer.expect<MediaReceived>().type, type);
    }
}

TEST(ServerConversation, GstreamerPublishesAndDeletesItsStreamByName)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1,
                     amf::Object{.members = {{"app", "live"},
                                             {"type", "nonprivate"},
                                             {"flashVer", "FMLE/3.0 (compatible; GStreamer)"},
                                             {"tcUrl", "rtmp://h:1935/live"}}}});
    peer.expect<ConnectRequested>();
    peer.server.accept_connect();
    EXPECT_EQ(peer.answers(), after_connect("4096"));
    peer.control(WindowAcknowledgementSize{2500000});
    // Transaction 0 wants no answer.
    peer.command(0, {"releaseStream", 0, Null{}, "cam"});
    EXPECT_EQ(peer.answers(), Lines{});
    peer.command(0, {"FCPublish", 0, Null{}, "cam"});
    EXPECT_EQ(peer.answers(), fc_lines("onFCPublish", "NetStream.Publish.Start", "cam", ""));
    peer.command(0, {"createStream", 2, Null{}});
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 2 null 1"});
    peer.command(1, {"publish", 0, Null{}, "cam", "live"});
    peer.server.accept_publish(peer.expect<PublishRequested>().stream);
    EXPECT_EQ(peer.answers(), (Lines{"2/0 event 0 of 1",
                                     status_line(1, "status", "NetStream.Publish.Start", "Publishing.")}));
    peer.command(0, {"FCUnpublish", 0, Null{}, "cam"});
    EXPECT_EQ(peer.answers(), fc_lines("onFCUnpublish", "NetStream.Unpublish.Success", "cam", ""));
    peer.expect<PublishStopped>();
    peer.command(0, {"deleteStream", 0, Null{}, "cam"});
    EXPECT_EQ(peer.answers(), Lines{});
    EXPECT_EQ(peer.server.counters(), (Server::Counters{{"delete_stream_by_name", 1}}));
    // It is gone: the next one has its id.
    peer.command(0, {"createStream", 3, Null{}});
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 3 null 1"});
}

const amf::Object kPlayer{.members = {{"app", "live"},
                                      {"flashVer", "LNX 9,0,124,2"},
                                      {"tcUrl", "rtmp://h:1935/live"},
                                      {"fpad", false},
                                      {"capabilities", 15},
                                      {"audioCodecs", 4071},
                                      {"videoCodecs", 252},
                                      {"videoFunction", 1}}};

const Lines kPlaying{
    "2/0 event 0 of 1",
    status_line(1, "status", "NetStream.Play.Reset", "Playing and resetting."),
    status_line(1, "status", "NetStream.Play.Start", "Playing."),
    R"(5/1 data "|RtmpSampleAccess" true true)",
};

TEST(ServerConversation, FfmpegPlaysALiveStream)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1, kPlayer});
    EXPECT_FALSE(peer.expect<ConnectRequested>().publisher);
    peer.server.accept_connect();
    EXPECT_EQ(peer.answers(), after_connect("60000"));
    peer.control(WindowAcknowledgementSize{2500000});
    peer.command(0, {"FCSubscribe", 2, Null{}, "cam"});
    EXPECT_EQ(peer.answers(), fc_lines("onFCSubscribe", "NetStream.Play.Start", "cam", "2"));
    peer.command(0, {"createStream", 3, Null{}});
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 3 null 1"});
    peer.command(0, {"getStreamLength", 4, Null{}, "cam"});
    peer.server.answer_stream_length(peer.expect<StreamLengthRequested>(), 0);
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 4 null 0"});
    peer.command(1, {"play", 5, Null{}, "cam", -2000});
    peer.control(SetBufferLength{1, 3000});
    const auto play = peer.expect<PlayRequested>();
    EXPECT_EQ(play.path, "live/cam");
    EXPECT_EQ(play.start_ms, -2000);
    EXPECT_EQ(play.duration_ms, -1000);
    EXPECT_TRUE(play.reset);
    EXPECT_EQ(peer.expect<BufferLengthSet>().ms, 3000U);
    peer.server.accept_play(1);
    EXPECT_EQ(peer.answers(), kPlaying);
    peer.server.end_play(1);
    EXPECT_EQ(peer.answers(),
              (Lines{"2/0 event 1 of 1",
                     status_line(1, "status", "NetStream.Play.UnpublishNotify", "The stream has ended."),
                     status_line(1, "status", "NetStream.Play.Stop", "The stream has ended.")}));
    peer.command(0, {"deleteStream", 6, Null{}, 1});
    EXPECT_EQ(peer.answers(), Lines{});
    EXPECT_FALSE(peer.server.next_event()); // It had ended already.
}

TEST(ServerConversation, RtmpdumpPlaysWithConnectInTheSegmentOfItsC2)
{
    Peer peer;
    Bytes hello(1 + kHandshakeBlock, 0);
    hello[0] = 3;
    peer.send(hello);
    Bytes rest(kHandshakeBlock, 0);
    peer.writer.write(rest, {.csid = 3, .type = MessageType::command},
                      amf::write_amf0({"connect", 1, kPlayer}));
    peer.send(rest);
    peer.expect<ConnectRequested>();
    peer.server.accept_connect();
    EXPECT_EQ(peer.answers(), after_connect("60000"));
    peer.control(WindowAcknowledgementSize{2500000});
    peer.control(SetBufferLength{0, 300});
    peer.command(0, {"createStream", 2, Null{}});
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 2 null 1"});
    peer.command(0, {"FCSubscribe", 3, Null{}, "cam"});
    EXPECT_EQ(peer.answers(), fc_lines("onFCSubscribe", "NetStream.Play.Start", "cam", "3"));
    peer.command(1, {"play", 4, Null{}, "cam", -1000});
    peer.control(SetBufferLength{1, 36000000});
    EXPECT_EQ(peer.expect<PlayRequested>().start_ms, -1000);
    EXPECT_EQ(peer.expect<BufferLengthSet>().ms, 36000000U);
    peer.server.accept_play(1);
    EXPECT_EQ(peer.answers(), kPlaying);
    peer.command(0, {"deleteStream", 5, Null{}, 1});
    EXPECT_EQ(peer.expect<PlayStopped>().stream, 1U);
}

TEST(ServerConversation, GstreamerPlaysWithASecondForItsStart)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1, kPlayer});
    peer.expect<ConnectRequested>();
    peer.server.accept_connect();
    peer.control(WindowAcknowledgementSize{2500000});
    peer.control(SetBufferLength{0, 300});
    peer.command(0, {"createStream", 2, Null{}});
    peer.answers();
    peer.command(1, {"play", 0, Null{}, "cam", -2});
    peer.control(SetBufferLength{1, 30000});
    EXPECT_EQ(peer.expect<PlayRequested>().start_ms, -2000);
    peer.server.accept_play(1);
    EXPECT_EQ(peer.answers(), kPlaying);
}

// V15.
TEST(ServerConversation, AllAnswersStandOnChunkStreamsThatNoMediaUses)
{
    Peer peer;
    peer.publish();
    peer.server.notify(1, "status", "NetStream.Publish.Start", "ok");
    const auto said = peer.server.take_output();
    ASSERT_FALSE(said.empty());
    EXPECT_EQ(said.front(), 5); // Type 0: a full header, which needs nothing before it.
    EXPECT_EQ(Bytes(said.begin() + 12, said.end()), Bytes(vectors::kPublishStart));
}

} // namespace
} // namespace millrace::rtmp
