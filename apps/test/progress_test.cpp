#include "progress.hpp"

#include <gtest/gtest.h>

namespace millrace::apps {
namespace {

using namespace std::chrono_literals;

TEST(Progress, SaysRatesAndSizesWithThePrefixThatFits)
{
    EXPECT_EQ(rate_text(0), "0 bit/s");
    EXPECT_EQ(rate_text(999), "999 bit/s");
    EXPECT_EQ(rate_text(96'000), "96 kbit/s");
    EXPECT_EQ(rate_text(2'512'345), "2.51 Mbit/s");
    EXPECT_EQ(rate_text(-1), "0 bit/s");
    EXPECT_EQ(size_text(1'234'567'890), "1.23 GB");
    EXPECT_EQ(size_text(UINT64_MAX), "18446744.07 TB");
}

TEST(Progress, SaysTimesInHoursMinutesAndSeconds)
{
    EXPECT_EQ(time_text(0s), "00:00:00.0");
    EXPECT_EQ(time_text(83'450ms), "00:01:23.4");
    EXPECT_EQ(time_text(101h + 59min + 59'999ms), "101:59:59.9");
}

TEST(Progress, ShowsPositionRateSpeedAndDrops)
{
    EXPECT_EQ(progress_text({.position = 83'450ms, .bitrate = 1'020'000, .speed = 1, .dropped = 3}),
              "00:01:23.4  1.02 Mbit/s  1.00x  3 dropped");
}

TEST(Progress, ShowsOnlyWhatThereIs)
{
    EXPECT_EQ(progress_text({.position = 1s, .bitrate = 500, .speed = 0.5}), "00:00:01.0  500 bit/s  0.50x");
    EXPECT_EQ(progress_text({.backlog = 1500ms}), "00:00:00.0  0 bit/s  0.00x  1.5 s behind");
}

} // namespace
} // namespace millrace::apps
