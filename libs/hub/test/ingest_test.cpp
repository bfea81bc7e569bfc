#include <millrace/hub/ingest.hpp>

#include <gtest/gtest.h>

namespace millrace::hub {
namespace {

using namespace std::chrono_literals;

constexpr auto kWrap32 = std::chrono::milliseconds{std::int64_t{1} << 32};
const media::Track kVideo{.id = 0, .kind = media::Kind::video, .codec = media::Codec::h264};
const media::Track kAudio{.id = 1, .kind = media::Kind::audio, .codec = media::Codec::aac};

media::Frame video(std::int64_t ms, bool key)
{
    return {.track = 0,
            .kind = media::Kind::video,
            .key = key,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes{1}}};
}

media::Frame audio(std::int64_t ms)
{
    return {.track = 1,
            .kind = media::Kind::audio,
            .key = true,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes{2}}};
}

struct Bench {
    Ingest ingest;
    Clock::time_point now{1h};

    std::vector<Update> feed(media::Item item)
    {
        std::vector<Update> out;
        now += 10ms;
        ingest.feed(std::move(item), now, out);
        return out;
    }
};

TEST(Ingest, PutsASuccessorOnAirWithItsFirstKeyFrame)
{
    Bench bench;
    bench.ingest.begin(kWrap32, bench.now);
    bench.feed(kVideo);
    bench.feed(kAudio);
    bench.feed(video(1000, true));

    bench.ingest.begin(kWrap32, bench.now);
    EXPECT_TRUE(bench.feed(kVideo).empty()) << "the same track in the same form is no news";
    EXPECT_TRUE(bench.feed(kAudio).empty());
    EXPECT_TRUE(bench.feed(audio(0)).empty());
    EXPECT_TRUE(bench.feed(video(5, false)).empty());
    const auto out = bench.feed(video(40, true));
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(to_ms(std::get<media::Frame>(out[0]).dts), 1060);
    EXPECT_EQ(bench.ingest.waited_out(), 2U);
}

TEST(Ingest, TellsWhichTracksASuccessorDidNotBring)
{
    Bench bench;
    bench.ingest.begin(kWrap32, bench.now);
    bench.feed(kVideo);
    bench.feed(kAudio);
    bench.feed(video(0, true));
    bench.ingest.begin(kWrap32, bench.now);
    bench.feed(kVideo);
    const auto out = bench.feed(video(0, true));
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(std::get<TrackGone>(out[0]), TrackGone{1});
}

TEST(Ingest, WaitsOnlyAWhileForASuccessorsKeyFrame)
{
    Bench bench;
    bench.ingest.begin(kWrap32, bench.now);
    bench.feed(kVideo);
    bench.feed(video(0, true));
    bench.ingest.begin(kWrap32, bench.now);
    bench.feed(kVideo);
    EXPECT_TRUE(bench.feed(video(0, false)).empty());
    bench.now += 10s;
    EXPECT_EQ(bench.feed(video(10000, false)).size(), 1U);
}

TEST(Ingest, MeasuresRatesAndGop)
{
    Bench bench;
    bench.ingest.begin(kWrap32, bench.now);
    bench.feed(kVideo);
    bench.feed(kAudio);
    for (int i = 0; i < 200; ++i) {
        auto frame = video(i * 40, i % 50 == 0);
        frame.payload = SharedBytes{Bytes(10000)};
        bench.now += 30ms;
        bench.feed(std::move(frame));
    }
    const auto quality = bench.ingest.quality(bench.now);
    EXPECT_NEAR(quality.tracks.at(0).fps, 25, 1);
    EXPECT_NEAR(quality.tracks.at(0).bitrate, 2e6, 1e5);
    EXPECT_EQ(quality.gop_seconds, 2.0);
    EXPECT_LT(quality.tracks.at(0).jitter_seconds, 0.001);
    EXPECT_TRUE(bench.ingest.warnings(bench.now).empty());
}

TEST(Ingest, WarnsOfAMissingKeyFrame)
{
    Bench bench;
    bench.ingest.begin(kWrap32, bench.now);
    bench.feed(kVideo);
    bench.feed(video(0, true));
    bench.now += 11s;
    ASSERT_EQ(bench.ingest.warnings(bench.now).size(), 1U);
    EXPECT_NE(bench.ingest.warnings(bench.now)[0].find("key-frame interval"), std::string::npos);
}

} // namespace
} // namespace millrace::hub
