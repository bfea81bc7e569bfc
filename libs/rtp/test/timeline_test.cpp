// Several clocks, one timeline.
#include "link.hpp"

#include <algorithm>
#include <random>

namespace millrace::rtp {
namespace {

using namespace std::chrono_literals;

// Issue 5, line 7: random offsets, late reports: under 5 ms after the first pair, and no step back.
TEST(Reception, AlignsTracksBySenderReportsWhateverTheirOffsets)
{
    std::mt19937 random{7};
    for (int round = 0; round < 50; ++round) {
        SCOPED_TRACE(round);
        Link link;
        const auto video_offset = static_cast<std::uint32_t>(random());
        const auto audio_offset = static_cast<std::uint32_t>(random());
        // How much later than its capture each track arrives: that is the error until the reports come.
        const auto video_delay = std::chrono::milliseconds{random() % 900};
        const auto audio_delay = std::chrono::milliseconds{random() % 900};
        const auto pair_at = std::chrono::milliseconds{1000 + random() % 4000};
        std::uint16_t sequence = 65000;
        bool video_told = false;
        bool audio_told = false;
        struct Sent {
            std::chrono::milliseconds at;
            int what;
            std::chrono::milliseconds capture;
        };
        std::vector<Sent> sent;
        for (auto t = 0ms; t < 8s; t += 40ms) {
            sent.push_back({t + video_delay, 0, t});
        }
        for (auto t = 0ms; t < 8s; t += 20ms) {
            sent.push_back({t + audio_delay, 1, t});
        }
        std::ranges::stable_sort(sent, {}, &Sent::at);
        std::vector<std::chrono::milliseconds> shown[2];
        std::size_t aligned_from[2] = {0, 0};
        for (const auto& each : sent) {
            const auto now = link.at(each.at);
            if (each.what == 0) {
                const auto ts = video_offset + static_cast<std::uint32_t>(each.capture.count() * 90);
                link.reception.feed(0,
                                    link.picture(sequence + static_cast<std::uint16_t>(each.capture / 40ms),
                                                 ts, each.capture == 0ms),
                                    now);
            } else {
                const auto ts = audio_offset + static_cast<std::uint32_t>(each.capture.count() * 8);
                link.reception.feed(
                    1, link.sound(sequence + static_cast<std::uint16_t>(each.capture / 20ms), ts), now);
            }
            shown[each.what].push_back(each.capture);
            if (!video_told && each.at > pair_at) {
                link.reception.feed(
                    0,
                    link.report(link.video_ssrc, each.capture,
                                video_offset + static_cast<std::uint32_t>(each.capture.count() * 90)),
                    now);
                video_told = true;
            } else if (video_told && !audio_told && each.at > pair_at + 300ms) {
                link.reception.feed(
                    1,
                    link.report(link.audio_ssrc, each.capture,
                                audio_offset + static_cast<std::uint32_t>(each.capture.count() * 8)),
                    now);
                audio_told = true;
                aligned_from[0] = shown[0].size();
                aligned_from[1] = shown[1].size();
            }
        }
        link.gather();
        ASSERT_TRUE(audio_told);
        ASSERT_EQ(link.pictures.size(), shown[0].size());
        ASSERT_EQ(link.sounds.size(), shown[1].size());
        const auto zero = link.pictures.back().dts - shown[0].back();
        for (std::size_t i = aligned_from[0]; i < shown[0].size(); ++i) {
            ASSERT_LT(std::chrono::abs(link.pictures[i].dts - shown[0][i] - zero), 5ms);
        }
        for (std::size_t i = aligned_from[1]; i < shown[1].size(); ++i) {
            ASSERT_LT(std::chrono::abs(link.sounds[i].dts - shown[1][i] - zero), 5ms);
        }
        const auto steps_back = [](const media::Frame& a, const media::Frame& b) { return b.dts <= a.dts; };
        EXPECT_EQ(std::ranges::adjacent_find(link.pictures, steps_back), link.pictures.end());
        EXPECT_EQ(std::ranges::adjacent_find(link.sounds, steps_back), link.sounds.end());
        EXPECT_EQ(link.reception.stats(0).reports + link.reception.stats(1).reports, 2U);
    }
}

TEST(Reception, FollowsDriftSlowly)
{
    Link link;
    const auto feed = [&](std::chrono::milliseconds t) {
        link.reception.feed(0,
                            link.picture(static_cast<std::uint16_t>(t / 40ms),
                                         static_cast<std::uint32_t>(t.count() * 90), t == 0ms),
                            link.at(t));
    };
    feed(0ms);
    link.reception.feed(0, link.report(link.video_ssrc, 0ms, 0), link.at(0ms));
    for (auto t = 40ms; t <= 20s; t += 40ms) {
        if (t == 4s) { // its clock says now that 100 ms more have gone by
            link.reception.feed(0, link.report(link.video_ssrc, 4100ms, 4000 * 90), link.at(t));
        }
        feed(t);
    }
    link.gather();
    for (std::size_t i = 1; i < link.pictures.size(); ++i) {
        const auto step = link.pictures[i].dts - link.pictures[i - 1].dts;
        ASSERT_GE(step, 40ms);
        ASSERT_LE(step, 41ms);
    }
    EXPECT_EQ(link.pictures.back().dts, Timeline::kBegin + 20100ms);
}

TEST(Reception, RejectsReportsThatCannotBeRight)
{
    Link link;
    link.reception.feed(0, link.picture(1, 0, true), link.at(0ms));
    link.reception.feed(1, link.sound(1, 0), link.at(0ms));
    link.reception.feed(0, link.report(link.video_ssrc, 0ms, 0), link.at(1ms));
    link.reception.feed(1, link.report(link.audio_ssrc, 20s, 0), link.at(1ms)); // another epoch
    EXPECT_EQ(link.reception.stats(1).rejected, 1U);
    Bytes zero;
    ByteWriter out{zero};
    rtcp::write(out, rtcp::SenderReport{.ssrc = link.video_ssrc});
    link.reception.feed(0, SharedBytes{std::move(zero)}, link.at(2ms));         // no time at all
    link.reception.feed(0, link.report(link.video_ssrc, -1s, 0), link.at(3ms)); // backwards
    EXPECT_EQ(link.reception.stats(0).rejected, 2U);
    EXPECT_EQ(link.reception.stats(0).payload.quirks.of(Quirk::report_rejected), 2U);
    EXPECT_EQ(link.reception.stats(0).reports, 1U);
}

TEST(Reception, KeepsCompositionTimes)
{
    // Three pictures a group, one of them held back: decoded 0 2 1, 3 5 4, …
    Muxer muxer{{.seed = 3}};
    media::Pieces pieces;
    const auto track = track_of(video_format(), kVideo);
    muxer.write(track, media_ms(0), pieces);
    std::vector<media::Frame> sent;
    for (int i = 0; i < 60; ++i) {
        constexpr int kShown[] = {0, 2, 1};
        const auto pts = (i / 3 * 3 + kShown[i % 3]) * 40 + 40;
        sent.push_back({.track = kVideo,
                        .key = i == 0,
                        .dts = media_ms(i * 40),
                        .composition = std::chrono::milliseconds{pts - i * 40},
                        .payload = shared(prefixed({i == 0 ? kIdr : kP1}))});
        muxer.write(sent.back(), i == 0, pieces);
    }
    Link link{true};
    auto now = 0ms;
    for (const auto& piece : pieces) {
        auto left = piece.view();
        while (const auto framed = take_framed(left)) {
            link.reception.feed(0, SharedBytes::copy_of(framed->packet), link.at(now += 1ms));
        }
    }
    link.gather();
    ASSERT_EQ(link.pictures.size(), sent.size());
    // The stream does not tell how many pictures are held back: that is learnt with the first of them.
    const auto offset = link.pictures[10].dts - sent[10].dts;
    for (std::size_t i = 4; i < sent.size(); ++i) {
        ASSERT_EQ(link.pictures[i].dts - sent[i].dts, offset) << i;
        ASSERT_EQ(link.pictures[i].composition, sent[i].composition) << i;
    }
    for (std::size_t i = 1; i < sent.size(); ++i) {
        ASSERT_LT(link.pictures[i - 1].dts, link.pictures[i].dts);
    }
}

TEST(Reception, TakesArrivalForTimestampsThatStandStill)
{
    Link link{true};
    for (int i = 0; i < 200; ++i) {
        link.reception.feed(0, link.picture(static_cast<std::uint16_t>(i), 0, i == 0), link.at(i * 40ms));
    }
    link.gather();
    EXPECT_EQ(link.reception.stats(0).payload.quirks.of(Quirk::frozen_timestamps), 1U);
    ASSERT_EQ(link.pictures.size(), 200U);
    EXPECT_EQ(link.pictures[199].dts - link.pictures[100].dts, 99 * 40ms);
}

} // namespace
} // namespace millrace::rtp
