// What happens when nothing happens.
#include "peer.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using amf::Null;
using namespace std::chrono_literals;

/// Lets the time come for which the session asks, and tells it so.
std::error_code wait(Peer& peer)
{
    peer.now = peer.server.deadline();
    const auto ticked = peer.server.tick(peer.now);
    return ticked ? std::error_code{} : ticked.error().code();
}

TEST(ServerDeadlines, EndASessionThatNeverSpeaks)
{
    Peer peer;
    const auto start = peer.now;
    EXPECT_TRUE(peer.server.tick(start + 4999ms));
    EXPECT_EQ(wait(peer), make_error_code(Errc::handshake_timeout));
    EXPECT_EQ(peer.now - start, 5s);
    EXPECT_TRUE(peer.server.closed());
    EXPECT_EQ(peer.server.deadline(), Clock::time_point::max());
}

TEST(ServerDeadlines, EndAHandshakeThatTrickles)
{
    Peer peer;
    const auto start = peer.now;
    const Bytes version{3};
    const Bytes zero{0};
    peer.send(version);
    for (int i = 0; i < 9; ++i) {
        peer.now += 1s;
        peer.send(zero);
        EXPECT_TRUE(peer.server.tick(peer.now));
    }
    EXPECT_EQ(wait(peer), make_error_code(Errc::handshake_timeout));
    EXPECT_EQ(peer.now - start, 10s);
}

TEST(ServerDeadlines, EndASessionThatNeverConnects)
{
    Peer peer;
    peer.now += 3s;
    peer.shake_hands();
    const auto start = peer.now;
    peer.now += 9s;
    peer.control(WindowAcknowledgementSize{2500000}); // Talking is not connecting.
    EXPECT_EQ(wait(peer), make_error_code(Errc::connect_timeout));
    EXPECT_EQ(peer.now - start, 10s);
}

TEST(ServerDeadlines, EndASessionThatAsksForNothing)
{
    Peer peer;
    peer.open(false);
    const auto start = peer.now;
    peer.now += 20s;
    peer.command(0, {"_checkbw", 3, Null{}});
    EXPECT_EQ(wait(peer), make_error_code(Errc::idle_timeout));
    EXPECT_EQ(peer.now - start, 30s);
    const auto said = peer.answers();
    EXPECT_EQ(said.back(), status_line(0, "error", "NetConnection.Connect.Failed",
                                       "peer asked for nothing in time after connect"));
}

TEST(ServerDeadlines, CountAgainFromTheEndOfAPlay)
{
    Peer peer;
    peer.play();
    peer.now += 40s;
    EXPECT_TRUE(peer.server.tick(peer.now));
    peer.server.end_play(1);
    const auto end = peer.now;
    EXPECT_EQ(wait(peer), std::error_code{}); // The ping of its silence.
    EXPECT_EQ(wait(peer), make_error_code(Errc::idle_timeout));
    EXPECT_EQ(peer.now - end, 30s);
}

TEST(ServerDeadlines, DoNotPressAPlayerWhoseRequestOurSideHasNotAnswered)
{
    Peer peer;
    peer.open(false);
    peer.command(1, {"play", 3, Null{}, "cam"});
    EXPECT_EQ(peer.server.deadline() - peer.now, 60s); // The ping only.
}

TEST(ServerDeadlines, PingASilentPlayerThreeTimes)
{
    Peer peer;
    peer.play();
    const auto start = peer.now;
    for (int i = 1; i <= 3; ++i) {
        EXPECT_EQ(wait(peer), std::error_code{});
        EXPECT_EQ(peer.now - start, i * 60s);
        const auto ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(peer.now.time_since_epoch()).count();
        EXPECT_EQ(peer.answers(), Lines{"2/0 ping " + std::to_string(ms)});
    }
    EXPECT_EQ(wait(peer), make_error_code(Errc::ping_timeout));
    EXPECT_EQ(peer.now - start, 240s);
}

TEST(ServerDeadlines, TakeAnyByteForALifeSign)
{
    Peer peer;
    peer.play();
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(wait(peer), std::error_code{}); // A ping …
        peer.control(Acknowledgement{1000});      // … that is not even answered.
    }
    EXPECT_EQ(peer.answers().size(), 10U);
    EXPECT_FALSE(peer.server.closed());
}

TEST(ServerDeadlines, SendOnePingAfterALongSleepOfOurOwn)
{
    Peer peer;
    peer.play();
    peer.now += 24h;
    EXPECT_TRUE(peer.server.tick(peer.now));
    EXPECT_TRUE(peer.server.tick(peer.now));
    EXPECT_EQ(peer.answers().size(), 1U);
}

TEST(ServerDeadlines, DoNotMatterToAPeerWhoPings)
{
    Peer peer;
    peer.play();
    peer.control(PingRequest{77});
    EXPECT_EQ(peer.answers(), Lines{"2/0 pong 77"});
}

} // namespace
} // namespace millrace::rtmp
