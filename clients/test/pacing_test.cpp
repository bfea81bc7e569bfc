#include <millrace/clients/pacing.hpp>

#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

using namespace std::chrono_literals;

constexpr Clock::time_point kNow{1000s};

media::Frame video(std::int64_t ms)
{
    return {.track = 0, .kind = media::Kind::video, .dts = media_ms(ms)};
}

media::Frame audio(std::int64_t ms)
{
    return {.track = 1, .kind = media::Kind::audio, .dts = media_ms(ms)};
}

std::int64_t map(Timeline& timeline, const media::Frame& frame)
{
    return to_ms(timeline.map(frame, kNow));
}

TEST(Timeline, LeavesTimesAsTheyAre)
{
    Timeline timeline;
    EXPECT_EQ(map(timeline, video(7000)), 7000);
    EXPECT_EQ(map(timeline, audio(7010)), 7010);
    EXPECT_EQ(map(timeline, video(7040)), 7040);
    EXPECT_EQ(timeline.position(), 40ms);
}

TEST(Timeline, GoesOnInTheNextPassWhereTheLongestTrackEndedWithoutPartingSoundAndPicture)
{
    Timeline timeline;
    for (const auto pass : {0, 1, 2}) {
        SCOPED_TRACE(pass);
        const auto begin = 1000 + pass * 120; // three frames of 40 ms
        EXPECT_EQ(map(timeline, video(1000)), begin);
        EXPECT_EQ(map(timeline, audio(1005)), begin + 5);
        EXPECT_EQ(map(timeline, video(1040)), begin + 40);
        EXPECT_EQ(map(timeline, audio(1028)), begin + 28);
        EXPECT_EQ(map(timeline, video(1080)), begin + 80);
        timeline.again();
    }
}

TEST(Timeline, GoesOnThroughAJumpAndThroughTheWrapOf32Bits)
{
    Timeline timeline;
    constexpr auto kWrap = std::int64_t{1} << 32;
    const auto before = map(timeline, video(kWrap - 40));
    EXPECT_EQ(map(timeline, video(0)), before + 40);
    const auto after = map(timeline, video(7'200'000));
    EXPECT_GT(after, before + 40);
    EXPECT_LT(after, before + 140);
    EXPECT_EQ(map(timeline, video(7'200'040)), after + 40);
}

TEST(Timeline, HasNoPassToGoOnFromBeforeItsFirstFrame)
{
    Timeline timeline;
    timeline.again();
    EXPECT_EQ(map(timeline, video(500)), 500);
}

TEST(Pacer, LetsFramesGoAsFarApartAsTheirTimes)
{
    Pacer pacer;
    EXPECT_EQ(pacer.due(media_ms(5000), kNow), kNow);
    EXPECT_EQ(pacer.due(media_ms(5040), kNow), kNow + 40ms);
    EXPECT_EQ(pacer.due(media_ms(5020), kNow + 5ms), kNow + 20ms);
}

TEST(Pacer, CatchesUpAfterAShortDelay)
{
    Pacer pacer;
    pacer.due(media_ms(0), kNow);
    EXPECT_EQ(pacer.due(media_ms(40), kNow + 900ms), kNow + 40ms);
    EXPECT_EQ(pacer.due(media_ms(1000), kNow + 900ms), kNow + 1000ms);
}

TEST(Pacer, DoesNotHurryAfterALongOne)
{
    Pacer pacer;
    pacer.due(media_ms(0), kNow);
    EXPECT_EQ(pacer.due(media_ms(40), kNow + 60s), kNow + 60s);
    EXPECT_EQ(pacer.due(media_ms(80), kNow + 60s), kNow + 60s + 40ms);
}

} // namespace
} // namespace millrace::clients
