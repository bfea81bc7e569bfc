// Our client before servers that are not ours, by script.
#include "../vectors/publish_start.hpp"
#include "peer.hpp"
#include <millrace/rtmp/client.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using amf::Null;

constexpr Clock::time_point kNow{std::chrono::hours{1}};

/// A client with a scripted server on its other end; the handshake is over.
class Host {
public:
    explicit Host(Client::Role role, std::string kind = "live")
        : client{{.role = role,
                  .app = "live",
                  .tc_url = "rtmp://h/live",
                  .name = "cam",
                  .kind = std::move(kind),
                  .flash_ver = "T"},
                 kNow,
                 fill_with_counting}
    {
        ServerHandshake handshake{fill_with_counting};
        EXPECT_TRUE(handshake.feed(client.take_output()));
        EXPECT_TRUE(client.feed(handshake.take_output(), kNow));
        const auto said = client.take_output();
        const auto used = handshake.feed(said);
        EXPECT_TRUE(used);
        EXPECT_TRUE(reader.feed(ByteView{said}.subspan(*used)));
    }

    bool send(const Message& message)
    {
        Bytes bytes;
        writer.write(bytes, message);
        const auto fed = client.feed(bytes, kNow);
        error = fed ? std::error_code{} : fed.error().code();
        return fed.has_value();
    }

    bool command(std::uint32_t stream, std::initializer_list<amf::Value> values)
    {
        return send(
            {.csid = 3, .stream = stream, .type = MessageType::command, .payload = amf::write_amf0(values)});
    }

    bool status(const char* level, const char* code, const char* description = "")
    {
        return command(1,
                       {"onStatus", 0, Null{},
                        amf::Object{{}, {{"level", level}, {"code", code}, {"description", description}}}});
    }

    Lines said()
    {
        EXPECT_TRUE(reader.feed(client.take_output()));
        Lines lines;
        while (const auto message = reader.next()) {
            lines.push_back(describe(*message));
        }
        return lines;
    }

    /// Up to the answer to publish or play.
    void open()
    {
        command(0,
                {"_result", 1, amf::Object{}, amf::Object{{}, {{"code", "NetConnection.Connect.Success"}}}});
        for (int id = 2; id <= 4; ++id) {
            command(0, {"_result", id, Null{}, 1});
        }
        said();
    }

    void start(const char* code)
    {
        open();
        status("status", code);
        EXPECT_TRUE(std::holds_alternative<Started>(*client.next_event()));
    }

    Client client;
    ChunkWriter writer;
    ChunkReader reader;
    std::error_code error;
};

TEST(Client, PublishesAsEncodersDo)
{
    Host host{Client::Role::publish};
    EXPECT_EQ(host.said(),
              Lines{R"(3/0 connect 1 {app:"live",type:"nonprivate",flashVer:"T",tcUrl:"rtmp://h/live",)"
                    R"(fourCcList:["*"],videoFourCcInfoMap:{*:4},audioFourCcInfoMap:{*:4},capsEx:15})"});
    host.command(0,
                 {"_result", 1, amf::Object{}, amf::Object{{}, {{"code", "NetConnection.Connect.Success"}}}});
    EXPECT_EQ(host.said(), (Lines{"2/0 chunk size 4096", R"(3/0 releaseStream 2 null "cam")",
                                  R"(3/0 FCPublish 3 null "cam")", "3/0 createStream 4 null"}));
    host.command(0, {"onBWDone", 0, Null{}});
    EXPECT_EQ(host.said(), Lines{"3/0 _checkbw 5 null"});
    host.command(0, {"onBWDone", 0, Null{}}); // Once is enough.
    host.command(0, {"_error", 2, Null{}, amf::Object{{}, {{"description", "no such method"}}}});
    host.command(0, {"_error", 5, Null{}, amf::Object{{}, {{"description", "no such method"}}}});
    EXPECT_EQ(host.said(), Lines{});
    host.command(0, {"_result", 4, Null{}, 7});
    EXPECT_EQ(host.said(), Lines{R"(5/7 publish 6 null "cam" "live")"});
    host.status("status", "NetStream.Publish.Start");
    EXPECT_TRUE(std::holds_alternative<Started>(*host.client.next_event()));
    host.client.close();
    EXPECT_EQ(host.said(), (Lines{R"(3/0 FCUnpublish 7 null "cam")", "3/0 deleteStream 8 null 7"}));
}

// V15.
TEST(Client, StartsToPublishWithTheStatusOfTheVector)
{
    Host host{Client::Role::publish};
    host.open();
    host.send({.csid = 5, .stream = 1, .type = MessageType::command, .payload = vectors::kPublishStart});
    EXPECT_TRUE(std::holds_alternative<Started>(host.client.next_event().value()));
}

TEST(Client, PlaysAsPlayersDo)
{
    Host host{Client::Role::play};
    EXPECT_EQ(host.said(),
              Lines{R"(3/0 connect 1 {app:"live",flashVer:"T",tcUrl:"rtmp://h/live",fpad:false,)"
                    R"(capabilities:15,audioCodecs:4071,videoCodecs:252,videoFunction:7,)"
                    R"(fourCcList:["*"],videoFourCcInfoMap:{*:4},audioFourCcInfoMap:{*:4},capsEx:15})"});
    host.command(0,
                 {"_result", 1, amf::Object{}, amf::Object{{}, {{"code", "NetConnection.Connect.Success"}}}});
    EXPECT_EQ(host.said(), (Lines{"2/0 window 2500000", "3/0 createStream 2 null"}));
    host.command(0, {"_result", 2, Null{}, 1});
    EXPECT_EQ(host.said(), (Lines{R"(5/1 play 3 null "cam" -2000)", "2/0 buffer 3000"}));
    EXPECT_FALSE(host.client.next_event());
    host.status("status", "NetStream.Play.Reset");
    EXPECT_FALSE(host.client.next_event());
    host.status("status", "NetStream.Play.Start");
    EXPECT_TRUE(std::holds_alternative<Started>(*host.client.next_event()));
    host.status("status", "NetStream.Play.PublishNotify"); // No second start.
    EXPECT_FALSE(host.client.next_event());
    host.client.close();
    EXPECT_EQ(host.said(), Lines{"3/0 deleteStream 4 null 1"});
}

TEST(Client, AnswersPingsBandwidthsAndWindows)
{
    Host host{Client::Role::play};
    host.start("NetStream.Play.Start");
    host.send(control_message(PingRequest{42}));
    host.send(control_message(SetPeerBandwidth{1000, PeerLimit::hard}));
    host.send(control_message(WindowAcknowledgementSize{1000}));
    const auto said = host.said();
    ASSERT_EQ(said.size(), 3U);
    EXPECT_EQ(said[0], "2/0 pong 42");
    EXPECT_EQ(said[1], "2/0 window 1000");
    EXPECT_TRUE(said[2].starts_with("2/0 ack ")) << said[2];
}

TEST(Client, EndsAtWhateverServersEndWith)
{
    for (const auto* code :
         {"NetStream.Play.Stop", "NetStream.Play.UnpublishNotify", "NetStream.Play.Complete"}) {
        Host host{Client::Role::play};
        host.start("NetStream.Play.Start");
        EXPECT_TRUE(host.status("status", code));
        EXPECT_EQ(std::get<Ended>(*host.client.next_event()).code, code);
        EXPECT_TRUE(host.client.closed());
    }
    Host complete{Client::Role::play};
    complete.start("NetStream.Play.Start");
    const amf::Object info{{}, {{"level", "status"}, {"code", "NetStream.Play.Complete"}}};
    complete.send({.csid = 4,
                   .stream = 1,
                   .type = MessageType::data,
                   .payload = amf::write_amf0({"onPlayStatus", info})});
    EXPECT_EQ(std::get<Ended>(*complete.client.next_event()).code, "NetStream.Play.Complete");

    Host eof{Client::Role::play};
    eof.start("NetStream.Play.Start");
    eof.send(control_message(StreamEvent{StreamNews::eof, 9})); // Another stream.
    EXPECT_FALSE(eof.client.closed());
    eof.send(control_message(StreamEvent{StreamNews::eof, 1}));
    EXPECT_EQ(std::get<Ended>(*eof.client.next_event()).code, "StreamEOF");
}

TEST(Client, IsRefusedInTheFirstObjectThatSaysWhy)
{
    const amf::Object info{
        {}, {{"level", "error"}, {"code", "NetConnection.Connect.Rejected"}, {"description", "no"}}};
    for (const bool properties : {false, true}) {
        Host host{Client::Role::publish};
        const amf::Value third =
            properties ? amf::Value{amf::Object{{}, {{"fmsVer", "x"}}}} : amf::Value{Null{}};
        EXPECT_FALSE(host.command(0, {"_error", 1, third, info}));
        EXPECT_EQ(host.error, make_error_code(Errc::refused));
        const auto refused = std::get<Refused>(*host.client.next_event());
        EXPECT_EQ(refused.code, "NetConnection.Connect.Rejected");
        EXPECT_EQ(refused.description, "no");
    }
    Host no_stream{Client::Role::play};
    no_stream.command(0, {"_result", 1, amf::Object{}, amf::Object{}});
    EXPECT_FALSE(no_stream.command(0, {"_error", 2, Null{}, info}));

    Host unknown_code{Client::Role::play};
    unknown_code.open();
    EXPECT_TRUE(unknown_code.status("status", "NetStream.Some.News"));
    EXPECT_FALSE(unknown_code.status("error", "NetStream.Some.Trouble", "what now"));
    EXPECT_EQ(std::get<Refused>(*unknown_code.client.next_event()).description, "what now");
}

TEST(Client, TakesMediaForTheStartOfAPlay)
{
    Host host{Client::Role::play};
    host.open();
    const auto metadata = amf::write_amf0({"onMetaData", amf::EcmaArray{}});
    host.send(
        {.csid = 4, .stream = 1, .type = MessageType::data, .payload = metadata}); // Too early to be kept.
    host.send({.csid = 4, .stream = 1, .timestamp = 9, .type = MessageType::audio, .payload = {0xaf}});
    EXPECT_TRUE(std::holds_alternative<Started>(*host.client.next_event()));
    EXPECT_EQ(std::get<MediaArrived>(*host.client.next_event()).timestamp, 9U);
    // What is said to us is no data of the stream.
    host.send({.csid = 4,
               .stream = 1,
               .type = MessageType::data,
               .payload = amf::write_amf0({"|RtmpSampleAccess", true, true})});
    EXPECT_FALSE(host.client.next_event());
    host.send({.csid = 4, .stream = 1, .type = MessageType::data, .payload = metadata});
    EXPECT_EQ(to_bytes(std::get<MediaArrived>(*host.client.next_event()).payload), metadata);
}

TEST(Client, TellsOfStatusesOfTheServersOwn)
{
    Host host{Client::Role::play};
    host.open();
    host.status("status", "NetStream.Data.Start");
    EXPECT_FALSE(host.client.next_event());
    host.status("status", "Millrace.Via", "a,b");
    const auto event = host.client.next_event();
    ASSERT_TRUE(event);
    const auto* notice = std::get_if<Noticed>(&*event);
    ASSERT_NE(notice, nullptr);
    EXPECT_EQ(notice->code, "Millrace.Via");
    EXPECT_EQ(notice->description, "a,b");
    for (int i = 0; i < 5000; ++i) {
        host.status("status", "Server.Own");
    }
    int kept = 0;
    while (host.client.next_event()) {
        ++kept;
    }
    EXPECT_EQ(kept, 4096) << "who does not listen loses some";
}

TEST(Client, PutsPropertiesOfItsOwnersIntoConnect)
{
    Client client{{.role = Client::Role::publish,
                   .app = "live",
                   .tc_url = "rtmp://h/live",
                   .name = "cam",
                   .flash_ver = "T",
                   .properties = {{"millraceVia", "a"}}},
                  kNow,
                  fill_with_counting};
    ServerHandshake handshake{fill_with_counting};
    EXPECT_TRUE(handshake.feed(client.take_output()));
    EXPECT_TRUE(client.feed(handshake.take_output(), kNow));
    const auto said = client.take_output();
    const auto used = handshake.feed(said);
    ASSERT_TRUE(used);
    ChunkReader reader;
    ASSERT_TRUE(reader.feed(ByteView{said}.subspan(*used)));
    const auto message = reader.next();
    ASSERT_TRUE(message);
    EXPECT_NE(describe(*message).find(R"(millraceVia:"a")"), std::string::npos);
}

TEST(Client, EndsASessionWhoseServerTalksNonsense)
{
    Host nonsense{Client::Role::play};
    EXPECT_FALSE(nonsense.send({.csid = 3, .type = MessageType::command, .payload = {0x05}}));
    EXPECT_EQ(nonsense.error, make_error_code(Errc::bad_command));

    Host no_id{Client::Role::play};
    no_id.command(0, {"_result", 1, amf::Object{}, amf::Object{}});
    EXPECT_FALSE(no_id.command(0, {"_result", 2, Null{}, "one"}));
    EXPECT_EQ(no_id.error, make_error_code(Errc::bad_command));

    Host big{Client::Role::play};
    EXPECT_FALSE(big.command(0, {"onBWDone", 0, Null{}, std::string(std::size_t{65} << 10U, 'x')}));
    EXPECT_EQ(big.error, make_error_code(Errc::message_too_big));
}

TEST(Client, WrapsItsMetadata)
{
    Host host{Client::Role::publish};
    host.start("NetStream.Publish.Start");
    const auto metadata = amf::write_amf0({"onMetaData", amf::EcmaArray{}});
    const auto text = amf::write_amf0({"onTextData", amf::Object{}});
    host.client.send(MessageType::data, 0, metadata, {});
    host.client.send(MessageType::data, 0, {}, SharedBytes::copy_of(metadata));
    host.client.send(MessageType::data, 0, ByteView{metadata}.first(13),
                     SharedBytes::copy_of(ByteView{metadata}.subspan(13)));
    host.client.send(MessageType::data, 0, text, {});
    EXPECT_EQ(
        host.said(),
        (Lines{R"(4/1 data "@setDataFrame" "onMetaData" {})", R"(4/1 data "@setDataFrame" "onMetaData" {})",
               R"(4/1 data "@setDataFrame" "onMetaData" {})", R"(4/1 data "onTextData" {})"}));
}

TEST(Client, HearsOfTheRecordingThatItAskedForAndGoesOn)
{
    Host host{Client::Role::publish, "append"};
    host.command(0,
                 {"_result", 1, amf::Object{}, amf::Object{{}, {{"code", "NetConnection.Connect.Success"}}}});
    host.said();
    host.command(0, {"_result", 4, Null{}, 1});
    EXPECT_EQ(host.said().back(), "5/1 publish 5 null \"cam\" \"append\"");
    host.status("status", "NetStream.Publish.Start");
    EXPECT_TRUE(std::holds_alternative<Started>(*host.client.next_event()));
    EXPECT_TRUE(host.status("status", "NetStream.Record.Start", "recording"));
    EXPECT_EQ(std::get<RecordNews>(*host.client.next_event()).code, "NetStream.Record.Start");
    EXPECT_TRUE(host.status("error", "NetStream.Record.Failed", "disk full"));
    EXPECT_EQ(std::get<RecordNews>(*host.client.next_event()).description, "disk full");
    EXPECT_FALSE(host.client.closed()); // What is live goes on.
}

} // namespace
} // namespace millrace::rtmp
