#include <millrace/clients/checkup.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

using namespace std::chrono_literals;
using media::Kind;
using testing::Contains;
using testing::HasSubstr;

constexpr Clock::time_point kAsked{1000s};

/// A stream of 25 frames of picture and 50 of sound a second, made by rule.
struct Stream {
    Checkup checkup{kAsked};
    std::chrono::milliseconds gop = 2s;
    double fps_signalled = 25;
    double speed = 1; ///< How fast it arrives.
    std::chrono::milliseconds audio_late{0};
    std::chrono::milliseconds gap_at{-1}; ///< From there on, times are two seconds later.
    Clock::time_point now = kAsked;

    void run(std::chrono::milliseconds duration)
    {
        checkup.see(media::Track{.id = 0, .kind = Kind::video, .fps = fps_signalled}, kAsked);
        checkup.see(media::Track{.id = 1, .kind = Kind::audio}, kAsked);
        for (auto at = 0ms; at < duration; at += 20ms) {
            now = kAsked + 10ms + std::chrono::duration_cast<Clock::duration>(at / speed);
            const auto time = MediaTime{gap_at >= 0ms && at >= gap_at ? at + 2s : at};
            if (at % 40ms == 0ms) {
                checkup.see(media::Frame{.track = 0,
                                         .kind = Kind::video,
                                         .key = at % gop == 0ms,
                                         .dts = time,
                                         .payload = SharedBytes{Bytes(1000)}},
                            now);
            }
            if (at >= audio_late) {
                checkup.see(media::Frame{.track = 1,
                                         .kind = Kind::audio,
                                         .key = true,
                                         .dts = time - audio_late,
                                         .payload = SharedBytes{Bytes(100)}},
                            now);
            }
        }
    }
    Verdict verdict() const { return judge(checkup.report(now)); }
};

TEST(Checkup, MeasuresWhatIsInAStream)
{
    Stream stream;
    stream.run(6s);
    const auto report = stream.checkup.report(stream.now);
    ASSERT_EQ(report.tracks.size(), 2);
    EXPECT_DOUBLE_EQ(report.tracks[0].fps, 25);
    EXPECT_DOUBLE_EQ(report.tracks[0].bitrate, 200'000);
    EXPECT_DOUBLE_EQ(report.tracks[1].bitrate, 40'000);
    EXPECT_DOUBLE_EQ(report.bitrate, 240'000);
    EXPECT_DOUBLE_EQ(report.gop_seconds, 2);
    EXPECT_DOUBLE_EQ(report.first_frame_seconds, 0.01);
    EXPECT_NEAR(report.speed, 1, 0.01);
    EXPECT_NEAR(report.av_skew_seconds, 0, 0.021);
    EXPECT_EQ(report.tracks[0].gaps, 0);
    const auto verdict = stream.verdict();
    EXPECT_TRUE(verdict.healthy);
    EXPECT_THAT(verdict.sentences, testing::ElementsAre(HasSubstr("Healthy")));
}

TEST(Checkup, IsNotDeceivedByTheBurstWithWhichAStreamBegins)
{
    Checkup late{kAsked};
    for (int frame = 0; frame < 200; ++frame) {
        // Two seconds at once, then one frame every 40 ms.
        const auto now = kAsked + std::max(0, frame - 50) * 40ms;
        late.see(media::Frame{.track = 0,
                              .kind = Kind::video,
                              .key = frame % 50 == 0,
                              .dts = media_ms(frame * 40),
                              .payload = SharedBytes{Bytes(1000)}},
                 now);
    }
    const auto report = late.report(kAsked + 150 * 40ms);
    EXPECT_NEAR(report.speed, 1, 0.01);
    EXPECT_NEAR(report.tracks[0].jitter_seconds, 0, 0.001);
    EXPECT_DOUBLE_EQ(report.tracks[0].bitrate, 200'000);
}

TEST(Checkup, SeesAGap)
{
    Stream stream{.gap_at = 3s};
    stream.run(6s);
    EXPECT_FALSE(stream.verdict().healthy);
    EXPECT_THAT(stream.verdict().sentences, Contains(HasSubstr("1 gap of more than half a second")));
}

TEST(Checkup, SeesAStreamThatComesTooSlowly)
{
    Stream stream{.speed = 0.8};
    stream.run(6s);
    EXPECT_NEAR(stream.checkup.report(stream.now).speed, 0.8, 0.01);
    EXPECT_THAT(stream.verdict().sentences, Contains(HasSubstr("80 % of the speed of time")));
}

TEST(Checkup, SeesSoundThatIsLate)
{
    Stream stream{.audio_late = 400ms};
    stream.run(6s);
    EXPECT_NEAR(stream.checkup.report(stream.now).av_skew_seconds, -0.4, 0.03);
    EXPECT_THAT(stream.verdict().sentences, Contains(HasSubstr("ms after its picture")));
}

TEST(Checkup, SeesALongGop)
{
    Stream stream{.gop = 8s};
    stream.run(20s);
    EXPECT_THAT(stream.verdict().sentences, Contains(HasSubstr("Key frames are 8.0 s apart")));
    Stream shorter{.gop = 8s};
    shorter.run(7s);
    EXPECT_THAT(shorter.verdict().sentences, Contains(HasSubstr("No second key frame came within 7 s")));
}

TEST(Checkup, SeesAFrameRateThatIsNotWhatTheStreamSays)
{
    Stream stream{.fps_signalled = 50};
    stream.run(6s);
    EXPECT_THAT(stream.verdict().sentences,
                Contains(HasSubstr("says it has 50.00 frames per second, and has 25.00")));
}

TEST(Checkup, SeesTimesThatStepBack)
{
    Stream stream;
    stream.run(3s);
    stream.checkup.see(media::Frame{.track = 0, .kind = Kind::video, .dts = media_ms(2000)}, stream.now);
    EXPECT_EQ(stream.checkup.report(stream.now).steps_back, 1);
    EXPECT_FALSE(stream.verdict().healthy);
}

TEST(Checkup, SaysWhichTrackIsMissing)
{
    Checkup checkup{kAsked};
    checkup.see(media::Track{.id = 1, .kind = Kind::audio}, kAsked);
    for (int ms = 0; ms < 3000; ms += 20) {
        checkup.see(media::Frame{.track = 1, .kind = Kind::audio, .key = true, .dts = media_ms(ms)},
                    kAsked + std::chrono::milliseconds{ms});
    }
    const auto verdict = judge(checkup.report(kAsked + 3s));
    EXPECT_TRUE(verdict.healthy);
    EXPECT_THAT(verdict.sentences, Contains("There is no picture."));
}

TEST(Checkup, SaysWhenAnAnnouncedTrackNeverComes)
{
    Stream stream;
    stream.checkup.see(media::Track{.id = 0, .kind = Kind::video}, kAsked);
    EXPECT_THAT(stream.verdict().sentences, Contains("The picture was announced, but nothing of it came."));
}

} // namespace
} // namespace millrace::clients
