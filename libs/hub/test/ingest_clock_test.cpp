#include <millrace/hub/ingest_clock.hpp>

#include <gtest/gtest.h>

namespace millrace::hub {
namespace {

using namespace std::chrono_literals;

constexpr auto kWrap32 = std::chrono::milliseconds{std::int64_t{1} << 32};

struct Source {
    IngestClock clock{kWrap32};
    Clock::time_point now{1h};

    std::int64_t at(std::int64_t ms, media::TrackId track = 0, Clock::duration later = 20ms)
    {
        now += later;
        return to_ms(clock.map(track, media_ms(ms), now).time);
    }
};

TEST(IngestClock, KeepsTheTimesOfASteadySource)
{
    Source source;
    EXPECT_EQ(source.at(5000, 0), 5000);
    EXPECT_EQ(source.at(4990, 1), 4990);
    EXPECT_EQ(source.at(5040, 0), 5040);
    EXPECT_EQ(source.clock.epoch(), 1U);
}

TEST(IngestClock, GoesOnAcrossTheWrapAt2To32)
{
    Source source;
    EXPECT_EQ(source.at(4294967280), 10000) << "players shall not meet the wrap";
    EXPECT_EQ(source.at(16), 10032);
    EXPECT_EQ(source.at(36), 10052);
    EXPECT_EQ(source.clock.epoch(), 1U);
}

TEST(IngestClock, GoesOnAcrossTheWrapAt2To24OfOldEncoders)
{
    Source source;
    source.at(16777200);
    EXPECT_EQ(source.at(10), 16777226);
    EXPECT_EQ(source.at(16777210, 1), 16777216 - 6) << "the other track's last frame of the old count";
    EXPECT_EQ(source.clock.wraps_24_bit(), 1U);
    EXPECT_EQ(source.clock.jumps(), 0U);
}

TEST(IngestClock, OpensAnEpochAtAJumpAndKeepsTheTracksTogether)
{
    Source source;
    source.at(10000, 0);
    source.at(10010, 1);
    const auto video = source.at(90000, 0);
    EXPECT_EQ(video, 10010 + 60);
    EXPECT_EQ(source.at(10030, 1), 10030) << "a straggler of the old numbering";
    EXPECT_EQ(source.at(90013, 1), video + 13);
    EXPECT_EQ(source.clock.epoch(), 2U);
    EXPECT_EQ(source.clock.jumps(), 1U);
}

TEST(IngestClock, TakesAGapAsLongAsTheSilenceForWhatItIs)
{
    Source source;
    source.at(1000);
    EXPECT_EQ(source.at(31000, 0, 30s), 31000);
    EXPECT_EQ(source.clock.jumps(), 0U);
}

TEST(IngestClock, NeverStepsBackWithinATrack)
{
    Source source;
    source.at(1000);
    EXPECT_EQ(source.at(960), 1000);
    EXPECT_EQ(source.clock.steps_back(), 1U);
    EXPECT_EQ(source.at(1040), 1040);
}

TEST(IngestClock, LetsASuccessorGoOnWhereTheTimelineEnded)
{
    Source source;
    source.at(70000);
    source.clock.restart(kWrap32);
    EXPECT_EQ(source.at(0, 0, 4s), 70060);
    EXPECT_EQ(source.at(23, 1), 70083);
    EXPECT_EQ(source.clock.epoch(), 2U);
    EXPECT_EQ(source.clock.jumps(), 0U);
}

} // namespace
} // namespace millrace::hub
