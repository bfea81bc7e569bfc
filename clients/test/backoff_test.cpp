#include <millrace/clients/backoff.hpp>

#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesItsPausesUpToTheLongest)
{
    Backoff backoff{{.first = 1s, .longest = 30s}, [] { return 0.0; }};
    const Clock::time_point now{1h};
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s}) {
        EXPECT_EQ(backoff.failed(now), pause);
    }
}

TEST(Backoff, ShortensEachByUpToAHalfAtRandom)
{
    Backoff least{{.first = 4s}, [] { return 0.999; }};
    EXPECT_NEAR(std::chrono::duration<double>{least.failed({})}.count(), 2, 0.01);
    const auto random = make_random();
    Backoff any{{.first = 8s, .longest = 8s}, random};
    bool differs = false;
    auto last = any.failed({});
    for (int i = 0; i < 100; ++i) {
        const auto pause = any.failed({});
        EXPECT_GE(pause, 4s);
        EXPECT_LE(pause, 8s);
        differs = differs || pause != last;
        last = pause;
    }
    EXPECT_TRUE(differs);
}

TEST(Backoff, BeginsAnewAfterAStableMinute)
{
    Backoff backoff{{}, [] { return 0.0; }};
    Clock::time_point now{1h};
    EXPECT_EQ(backoff.failed(now), 1s);
    EXPECT_EQ(backoff.failed(now), 2s);
    backoff.works(now);
    now += 59s;
    EXPECT_EQ(backoff.failed(now), 4s) << "not stable yet";
    backoff.works(now);
    now += 60s;
    EXPECT_EQ(backoff.failed(now), 1s);
    now += 10min;
    EXPECT_EQ(backoff.failed(now), 2s) << "it did not work meanwhile";
}

} // namespace
} // namespace millrace::clients
