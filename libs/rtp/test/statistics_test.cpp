#include <millrace/rtp/statistics.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace millrace::rtp {
namespace {

using namespace std::chrono_literals;

TEST(SourceStatistics, WalksV6)
{
    struct Step {
        std::uint16_t sequence;
        std::uint32_t timestamp;
        std::chrono::milliseconds arrival;
        std::uint32_t jitter;
    };
    const std::vector<Step> steps{{65533, 0, 0ms, 0},     {65534, 3600, 42ms, 11}, {65535, 7200, 79ms, 27},
                                  {1, 14400, 165ms, 59},  {0, 10800, 171ms, 314},  {2, 18000, 200ms, 581},
                                  {4, 25200, 281ms, 550}, {5, 28800, 318ms, 533}};
    SourceStatistics source{90000};
    const Clock::time_point begin{5h};
    for (const auto& step : steps) {
        EXPECT_TRUE(source.packet(step.sequence, step.timestamp, begin + step.arrival));
        EXPECT_EQ(source.jitter(), step.jitter) << step.sequence;
    }
    EXPECT_EQ(source.highest(), 0x10005U);
    EXPECT_EQ(source.received(), 8U);
    EXPECT_EQ(source.expected(), 9);
    EXPECT_EQ(source.reported_loss(), 1);
    EXPECT_EQ(source.take_fraction(), 28);
    EXPECT_EQ(source.take_fraction(), 0); // nothing since
}

TEST(SourceStatistics, CountsDuplicatesAsNegativeLoss)
{
    SourceStatistics source{8000};
    for (int i = 0; i < 3; ++i) {
        source.packet(7, 0, {});
    }
    EXPECT_EQ(source.reported_loss(), -2);
    EXPECT_EQ(source.take_fraction(), 0);
}

TEST(SourceStatistics, BelievesAJumpWhenTheNextPacketFollowsIt)
{
    SourceStatistics source{8000};
    for (std::uint16_t i = 0; i < 10; ++i) {
        EXPECT_TRUE(source.packet(i, 0, {}));
    }
    EXPECT_FALSE(source.packet(30000, 0, {}));
    EXPECT_TRUE(source.packet(10, 0, {}));
    EXPECT_FALSE(source.packet(40000, 0, {}));
    EXPECT_TRUE(source.packet(40001, 0, {}));
    EXPECT_EQ(source.resets(), 1U);
    EXPECT_EQ(source.expected(), 1);
}

TEST(SourceStatistics, HasAProbationWhenAsked)
{
    SourceStatistics source{8000, 2};
    EXPECT_FALSE(source.packet(5, 0, {}));
    EXPECT_FALSE(source.packet(9, 0, {})); // does not follow
    EXPECT_TRUE(source.packet(10, 0, {}));
    EXPECT_EQ(source.received(), 1U);
    EXPECT_EQ(source.lost(), 0);
}

} // namespace
} // namespace millrace::rtp
