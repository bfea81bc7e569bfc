// What is refused, what is tolerated, and in which words.
#include "peer.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using amf::Null;

amf::Object app(const char* name)
{
    return {.members = {{"app", name}, {"tcUrl", "rtmp://h/" + std::string{name}}}};
}

TEST(ServerConnect, ReadsAppAndCredentialsFromWhereverTheyStand)
{
    struct Case {
        amf::Object object;
        std::string app;
        std::string query;
        Server::Counters counters;
    };
    const std::vector<Case> cases{
        {{.members = {{"app", "live"}, {"tcUrl", "rtmp://h/live"}}}, "live", "", {}},
        {{.members = {{"app", "/live/"}, {"tcUrl", "rtmp://h/live"}}}, "live", "", {}},
        {{.members = {{"app", "a/b?x=1"}, {"tcUrl", "rtmp://h/a/b?x=1&y=2"}}}, "a/b", "x=1&y=2", {}},
        {{.members = {{"app", "live"}, {"tcurl", "rtmp://h/live?z=3"}}},
         "live",
         "z=3",
         {{"property_in_other_case", 1}}},
        {{.members = {{"app", "live"}, {"tcUrl", "\"rtmp://h/live?q=1\""}}},
         "live",
         "q=1",
         {{"quoted_tc_url", 1}}},
        {{.members = {{"tcUrl", "rtmp://h:1935/a/b?u=1"}}}, "a/b", "u=1", {{"app_from_tc_url", 1}}},
        {{.members = {{"app", 7}}}, "7", "", {}},
        {{.members = {{"app", ""}}}, "", "", {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(amf::to_string(c.object));
        Peer peer;
        peer.shake_hands();
        EXPECT_TRUE(peer.command(0, {"connect", 1, c.object}));
        const auto request = peer.expect<ConnectRequested>();
        EXPECT_EQ(request.app, c.app);
        EXPECT_EQ(request.query, c.query);
        EXPECT_EQ(request.properties, amf::Value{c.object});
        EXPECT_EQ(peer.server.counters(), c.counters);
    }
}

TEST(ServerConnect, RefusesNamesThatLeadElsewhere)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"a/../b", "stream name has an empty, '.' or '..' segment"},
        {"a//b", "stream name has an empty, '.' or '..' segment"},
        {"a\nb", "stream name has control characters"},
        {"\xff", "stream name is not UTF-8"},
        {std::string(256, 'a'), "stream name too long: APP/NAME may have 255 bytes"},
    };
    for (const auto& [name, words] : cases) {
        SCOPED_TRACE(name);
        Peer peer;
        peer.shake_hands();
        EXPECT_FALSE(peer.command(0, {"connect", 1, app(name.c_str())}));
        EXPECT_EQ(peer.error, make_error_code(Errc::disconnected));
        EXPECT_TRUE(peer.server.closed());
        EXPECT_EQ(peer.answers(),
                  Lines{R"(3/0 _error 1 null {level:"error",code:"NetConnection.Connect.InvalidApp",)"
                        R"(description:")" +
                        words + "\"}"});
    }
}

TEST(ServerConnect, RefusesQueriesWithoutEnd)
{
    Peer peer;
    peer.shake_hands();
    EXPECT_FALSE(peer.command(0, {"connect", 1, app(("live?" + std::string(4097, 'q')).c_str())}));
    EXPECT_EQ(peer.answers(),
              Lines{R"(3/0 _error 1 null {level:"error",code:"NetConnection.Connect.Rejected",)"
                    R"(description:"the queries of app and tcUrl have more than 4096 bytes"})"});
}

TEST(ServerConnect, SaysNoInTheFormThatFfmpegReads)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1, app("live")});
    peer.server.reject_connect("wrong key");
    EXPECT_EQ(peer.answers(),
              Lines{R"(3/0 _error 1 null {level:"error",code:"NetConnection.Connect.Rejected",)"
                    R"(description:"wrong key"})"});
    EXPECT_TRUE(peer.server.closed());
    EXPECT_FALSE(peer.command(0, {"createStream", 2, Null{}}));
    EXPECT_EQ(peer.answers(), Lines{});
}

TEST(ServerConnect, EchoesTheCodecsOfEnhancedClients)
{
    Peer peer;
    peer.shake_hands();
    auto object = app("live");
    object.members.emplace_back("fourCcList", amf::StrictArray{"av01", "hvc1"});
    peer.command(0, {"connect", 1, object});
    peer.server.accept_connect();
    const auto said = peer.answers();
    ASSERT_EQ(said.size(), 4U);
    EXPECT_NE(said.back().find(R"(fourCcList:["av01","hvc1"]})"), std::string::npos);
}

TEST(ServerConnect, LetsCommandsWaitUntilItIsAnswered)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1, app("live")});
    EXPECT_TRUE(peer.command(0, {"createStream", 2, Null{}}));
    EXPECT_EQ(peer.answers(), Lines{});
    peer.server.accept_connect();
    const auto said = peer.answers();
    ASSERT_EQ(said.size(), 5U);
    EXPECT_EQ(said.back(), "3/0 _result 2 null 1");
}

TEST(ServerConnect, DoesNotLetBytesWaitWithoutEnd)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1, app("live")});
    const Message audio{.csid = 4, .stream = 1, .type = MessageType::audio, .payload = Bytes(20000)};
    EXPECT_TRUE(peer.send(audio));
    EXPECT_TRUE(peer.send(audio));
    EXPECT_TRUE(peer.send(audio));
    EXPECT_FALSE(peer.send(audio));
    EXPECT_EQ(peer.error, make_error_code(Errc::too_much_pending));
    const auto said = peer.answers();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_TRUE(
        said[0].starts_with(R"(3/0 _error 1 null {level:"error",code:"NetConnection.Connect.Failed")"));
}

TEST(ServerState, EndsASessionWhoseCommandsComeInTheWrongOrder)
{
    for (const auto* name : {"createStream", "publish", "play", "_checkbw", "deleteStream", "noSuchThing"}) {
        SCOPED_TRACE(name);
        Peer peer;
        peer.shake_hands();
        EXPECT_FALSE(peer.command(0, {name, 1, Null{}, "cam"}));
        EXPECT_EQ(peer.error, make_error_code(Errc::wrong_state));
        EXPECT_TRUE(peer.server.closed());
    }
    Peer twice;
    twice.open(false);
    EXPECT_FALSE(twice.command(0, {"connect", 5, app("live")}));
    EXPECT_EQ(twice.error, make_error_code(Errc::wrong_state));
    EXPECT_EQ(twice.answers(), Lines{status_line(0, "error", "NetConnection.Connect.Failed",
                                                 "command is not allowed in this state (RTMP 1.0 §7.2)")});
}

TEST(ServerState, EndsASessionWhoseCommandsAreNone)
{
    Peer peer;
    peer.open(false);
    EXPECT_FALSE(peer.send(Message{.csid = 3, .type = MessageType::command, .payload = {0x05, 0x05}}));
    EXPECT_EQ(peer.error, make_error_code(Errc::bad_command));
    EXPECT_FALSE(peer.command(0, {"createStream", 2, Null{}}));
    EXPECT_EQ(peer.error, make_error_code(Errc::bad_command)); // An error is final and repeats.
}

TEST(ServerState, EndsASessionWhoseCommandsOrStreamsAreTooMany)
{
    Peer big;
    big.open(false);
    EXPECT_FALSE(big.command(0, {"call", 1, Null{}, std::string(std::size_t{65} << 10U, 'x')}));
    EXPECT_EQ(big.error, make_error_code(Errc::message_too_big));

    Peer many;
    many.open(false);
    for (int i = 2; i <= 16; ++i) {
        EXPECT_TRUE(many.command(0, {"createStream", i, Null{}}));
    }
    EXPECT_FALSE(many.command(0, {"createStream", 17, Null{}}));
    EXPECT_EQ(many.error, make_error_code(Errc::too_many_streams));

    Peer deaf{{.output_bytes = 1000}};
    deaf.open(false);
    for (int i = 0; i < 100 && deaf.error == std::error_code{}; ++i) {
        deaf.command(0, {"noSuchThing", 1, Null{}});
    }
    EXPECT_EQ(deaf.error, make_error_code(Errc::too_much_pending));
}

/// A command on an open session with one idle stream, and the one line that it gets.
struct Refusal {
    std::uint32_t stream;
    std::vector<amf::Value> command;
    std::string line;
};

TEST(ServerCommands, RefusesInClearWords)
{
    const std::string long_name(256, 'n');
    const std::vector<Refusal> cases{
        {1,
         {"publish", 3, Null{}, ""},
         status_line(1, "error", "NetStream.Publish.BadName",
                     "stream name missing: use rtmp://HOST/APP/NAME")},
        {1,
         {"publish", 3, Null{}},
         status_line(1, "error", "NetStream.Publish.BadName",
                     "stream name missing: use rtmp://HOST/APP/NAME")},
        {1,
         {"publish", 3, Null{}, "../cam"},
         status_line(1, "error", "NetStream.Publish.BadName",
                     "stream name has an empty, '.' or '..' segment")},
        {1,
         {"publish", 3, Null{}, long_name},
         status_line(1, "error", "NetStream.Publish.BadName",
                     "stream name too long: APP/NAME may have 255 bytes")},
        {1,
         {"play", 3, Null{}, "?token=x"},
         status_line(1, "error", "NetStream.Play.Failed", "stream name missing: use rtmp://HOST/APP/NAME")},
        {1,
         {"play", 3, Null{}, "a\tb"},
         status_line(1, "error", "NetStream.Play.Failed", "stream name has control characters")},
        {7,
         {"play", 3, Null{}, "cam"},
         status_line(7, "error", "NetStream.Play.Failed", "no such stream: createStream comes first")},
        {1,
         {"play2", 3, Null{}, amf::Object{}},
         status_line(1, "error", "NetStream.Play.Failed", "this stream does not play: use play")},
        {1,
         {"seek", 0, Null{}, 5000},
         status_line(1, "error", "NetStream.Seek.Failed", "this stream does not play")},
        {1,
         {"pause", 0, Null{}, true, 0},
         status_line(1, "error", "NetStream.Failed", "this stream does not play")},
        {0,
         {"hello", 9, Null{}},
         R"(3/0 _error 9 null {level:"error",code:"NetConnection.Call.Failed",description:"no such method: hello"})"},
    };
    for (const auto& c : cases) {
        Peer peer;
        peer.open(false);
        const auto body = amf::write_amf0(c.command);
        SCOPED_TRACE(c.line);
        EXPECT_TRUE(
            peer.send(Message{.csid = 3, .stream = c.stream, .type = MessageType::command, .payload = body}));
        EXPECT_EQ(peer.answers(), Lines{c.line});
        EXPECT_FALSE(peer.server.closed());
        EXPECT_FALSE(peer.server.next_event());
    }
}

TEST(ServerCommands, AreNotAnsweredWithoutATransaction)
{
    Peer peer;
    peer.open(false);
    for (const auto* name : {"hello", "releaseStream", "_checkbw", "getStreamLength", "_result", "_error"}) {
        peer.command(0, {name, 0, Null{}, "cam"});
    }
    EXPECT_EQ(peer.answers(), Lines{});
    EXPECT_EQ(peer.server.counters(), (Server::Counters{{"answer_to_nothing", 2}, {"unknown_command", 1}}));
}

TEST(ServerCommands, OfAmf3FlavourAreAnsweredInKind)
{
    for (const bool format_byte : {true, false}) {
        Peer peer;
        peer.open(false);
        auto body = amf::write_amf0({"createStream", 5, Null{}});
        if (format_byte) {
            body.insert(body.begin(), 0);
        }
        peer.send(Message{.csid = 3, .type = MessageType::command_amf3, .payload = body});
        ChunkReader reader;
        ASSERT_TRUE(reader.feed(peer.server.take_output()));
        const auto answer = reader.next();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->type, MessageType::command_amf3);
        auto expected = amf::write_amf0({"_result", 5, Null{}, 2});
        expected.insert(expected.begin(), 0);
        EXPECT_EQ(answer->payload, expected);
        EXPECT_EQ(peer.server.counters().count("no_format_byte"), format_byte ? 0U : 1U);
    }
}

} // namespace
} // namespace millrace::rtmp
