// Redirects, reconnect requests and SWF verification between both cores.
#include "conversation.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace std::chrono_literals;

Client::Options player()
{
    return {.role = Client::Role::play, .app = "live", .tc_url = "rtmp://h:1935/live", .name = "cam"};
}

SwfFile swf_of(std::uint8_t byte)
{
    SwfFile file{.size = 1000};
    file.hash.fill(byte);
    return file;
}

/// Runs a conversation in which `decide` answers the connect.
template <class Decide>
void run(Conversation& talk, Decide decide)
{
    talk.on_connect = [&talk, decide](const ConnectRequested&) { decide(talk.server); };
    talk.run();
}

TEST(Redirect, TellsTheClientWhereToGo)
{
    Conversation talk{player()};
    run(talk, [](Server& server) { server.redirect("rtmp://other:1936/live"); });
    const auto refused = talk.from_client<Refused>();
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].code, "NetConnection.Connect.Rejected");
    EXPECT_EQ(refused[0].redirect, "rtmp://other:1936/live");
    EXPECT_TRUE(talk.server.closed());
    EXPECT_TRUE(talk.client.closed());
}

TEST(Redirect, IsWrittenAsCode302InTheInformationObject)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1, amf::Object{.members = {{"app", "live"}}}});
    peer.expect<ConnectRequested>();
    peer.server.redirect("rtmp://other/live");
    EXPECT_EQ(peer.answers(),
              Lines{"3/0 _error 1 null {level:\"error\",code:\"NetConnection.Connect.Rejected\","
                    "description:\"The application is served elsewhere.\","
                    "ex:{code:302,redirect:\"rtmp://other/live\"}}"});
    EXPECT_TRUE(peer.server.closed());
}

TEST(Redirect, IsAbsentFromOtherRefusals)
{
    Conversation talk{player()};
    run(talk, [](Server& server) { server.reject_connect("no"); });
    ASSERT_EQ(talk.from_client<Refused>().size(), 1U);
    EXPECT_EQ(talk.from_client<Refused>()[0].redirect, std::nullopt);
}

TEST(ReconnectRequest, ReachesTheClientWhichGoesOnUntilItLeaves)
{
    Conversation talk{player()};
    talk.run();
    for (const auto& [given, meant] :
         {std::pair{"rtmp://other/live", "rtmp://other/live"},
          std::pair{"//other:1936/app", "rtmp://other:1936/app"}, std::pair{"/app", "rtmp://h:1935/app"},
          std::pair{"", "rtmp://h:1935/live"}}) {
        talk.client_events.clear();
        EXPECT_TRUE(talk.server.request_reconnect(given, "the server is being updated"));
        talk.run();
        const auto requests = talk.from_client<ReconnectRequested>();
        ASSERT_EQ(requests.size(), 1U);
        EXPECT_EQ(requests[0].tc_url, meant);
        EXPECT_EQ(requests[0].description, "the server is being updated");
    }
    EXPECT_FALSE(talk.client.closed());
    EXPECT_FALSE(talk.server.closed());
}

TEST(ReconnectRequest, IsNotSentToAClientThatDoesNotKnowIt)
{
    for (const auto& caps :
         {amf::Value{amf::Undefined{}}, amf::Value{2}, amf::Value{"yes"}, amf::Value{-1}}) {
        Peer peer;
        peer.shake_hands();
        peer.command(0, {"connect", 1, amf::Object{.members = {{"app", "live"}, {"capsEx", caps}}}});
        peer.expect<ConnectRequested>();
        EXPECT_FALSE(peer.server.request_reconnect("", "too early"));
        peer.server.accept_connect();
        peer.answers();
        EXPECT_FALSE(peer.server.request_reconnect("", "nobody understands"));
        EXPECT_EQ(peer.answers(), Lines{});
    }
}

TEST(ReconnectRequest, IsAStatusOfTheConnection)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1, amf::Object{.members = {{"app", "live"}, {"capsEx", 7}}}});
    peer.expect<ConnectRequested>();
    peer.server.accept_connect();
    peer.answers();
    EXPECT_TRUE(peer.server.request_reconnect("rtmp://other/live", "moving"));
    EXPECT_EQ(peer.answers(),
              Lines{"3/0 onStatus 0 null {level:\"status\",code:\"NetConnection.Connect.ReconnectRequest\","
                    "description:\"moving\",tcUrl:\"rtmp://other/live\"}"});
}

TEST(SwfVerification, LetsInAClientThatIsOneOfTheFiles)
{
    auto options = player();
    options.swf = swf_of(2);
    Conversation talk{options};
    run(talk, [](Server& server) {
        server.demand_swf({swf_of(1), swf_of(2)});
        server.accept_connect();
    });
    EXPECT_EQ(talk.from_client<Started>().size(), 1U);
    EXPECT_EQ(talk.from_server<PlayRequested>().size(), 1U);
}

TEST(SwfVerification, ClosesOnTheAnswerOfAnotherFile)
{
    auto options = player();
    options.swf = swf_of(3);
    Conversation talk{options};
    run(talk, [](Server& server) {
        server.demand_swf({swf_of(1), swf_of(2)});
        server.accept_connect();
    });
    EXPECT_EQ(talk.server_error, make_error_code(Errc::swf_not_verified));
    EXPECT_EQ(talk.from_server<PlayRequested>().size(), 0U);
    ASSERT_EQ(talk.from_client<Refused>().size(), 1U);
    EXPECT_EQ(talk.from_client<Refused>()[0].code, "NetConnection.Connect.Failed");
}

TEST(SwfVerification, GivesAClientWithoutAnAnswerTenSeconds)
{
    Conversation talk{player()};
    run(talk, [](Server& server) {
        server.demand_swf({swf_of(1)});
        server.accept_connect();
    });
    EXPECT_EQ(talk.from_server<PlayRequested>().size(), 0U);
    EXPECT_EQ(talk.server.deadline(), talk.now + 10s);
    EXPECT_TRUE(talk.server.tick(talk.now + 9999ms));
    const auto late = talk.server.tick(talk.now + 10s);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error(), make_error_code(Errc::swf_not_verified));
    EXPECT_TRUE(talk.server.closed());
}

TEST(SwfVerification, IsAskedForBehindTheAnswerToConnect)
{
    Peer peer;
    peer.shake_hands();
    peer.command(0, {"connect", 1, amf::Object{.members = {{"app", "live"}}}});
    peer.expect<ConnectRequested>();
    peer.server.demand_swf({swf_of(1)});
    peer.server.accept_connect();
    const auto said = peer.answers();
    ASSERT_FALSE(said.empty());
    EXPECT_EQ(said.back(), "2/0 swf request");
    EXPECT_TRUE(said[said.size() - 2].starts_with("3/0 _result"));
}

TEST(SwfVerification, CountsAnAnswerThatNobodyAskedFor)
{
    Peer peer;
    peer.open(false);
    peer.control(SwfVerifyResponse{.size = 1});
    EXPECT_EQ(peer.server.counters().at("swf_response_to_nothing"), 1U);
    EXPECT_FALSE(peer.server.closed());
}

} // namespace
} // namespace millrace::rtmp
