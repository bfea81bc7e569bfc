#include <millrace/vod/pace.hpp>

#include <gtest/gtest.h>

namespace millrace::vod {
namespace {

using namespace std::chrono_literals;

constexpr Clock::time_point kNow{100s};

TEST(Pace, IsAheadByThePlayersBuffer)
{
    Pace pace;
    pace.set_ahead(3s);
    pace.begin(media_ms(60000), kNow);
    EXPECT_EQ(pace.due(media_ms(60000)), kNow - 3s);
    EXPECT_EQ(pace.due(media_ms(65000)), kNow + 2s);
}

TEST(Pace, BoundsWhatAPlayerMayAskFor)
{
    Pace pace{{.least_ahead = 1s, .most_ahead = 10s}};
    pace.set_ahead(10h);
    EXPECT_EQ(pace.ahead(), 10s);
    pace.set_ahead(0s);
    EXPECT_EQ(pace.ahead(), 1s);
}

TEST(Pace, StandsStillWhilePaused)
{
    Pace pace;
    pace.begin(media_ms(0), kNow);
    const auto due = pace.due(media_ms(5000));
    pace.pause(kNow + 1s);
    pace.pause(kNow + 2s); // Twice is once.
    pace.resume(kNow + 11s);
    EXPECT_EQ(pace.due(media_ms(5000)), due + 10s);
    pace.resume(kNow + 20s);
    EXPECT_EQ(pace.due(media_ms(5000)), due + 10s);
}

TEST(Pace, BeginsAnewWhereItIsSoughtToWhilePaused)
{
    Pace pace;
    pace.begin(media_ms(0), kNow);
    pace.pause(kNow + 1s);
    pace.begin(media_ms(50000), kNow + 5s);
    pace.resume(kNow + 8s);
    EXPECT_EQ(pace.due(media_ms(50000)), kNow + 8s - pace.ahead());
}

} // namespace
} // namespace millrace::vod
