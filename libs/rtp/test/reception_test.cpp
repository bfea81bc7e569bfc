// Muxer to reception, over links that are not kind.
#include "payload_test.hpp"
#include <millrace/rtp/muxer.hpp>
#include <millrace/rtp/reception.hpp>
#include <millrace/rtp/rtcp.hpp>
#include <millrace/rtp/timeline.hpp>

#include <algorithm>
#include <random>

namespace millrace::rtp {
namespace {

using namespace std::chrono_literals;

constexpr media::TrackId kVideo = media::track_id(media::Kind::video, 0);
constexpr media::TrackId kAudio = media::track_id(media::Kind::audio, 0);
const Bytes kIdr = "6588843a26280c9d75e0"_hex;
const Bytes kP1 = "419a20268b"_hex;

Format video_format()
{
    return {.payload = Payload::h264,
            .payload_type = 96,
            .parameters = {{"packetization-mode", "1"},
                           {"sprop-parameter-sets", "Z0LACtolsBEAAAMAAQAAAwAyDxImoA==,aM4PyA=="}}};
}

Format audio_format()
{
    return {.payload = Payload::g711a,
            .kind = media::Kind::audio,
            .payload_type = 8,
            .clock_rate = 8000,
            .channels = 1};
}

/// A source of pictures and sounds whose clocks have offsets of their own, and a reception.
struct Link {
    explicit Link(bool reliable = false, Reception::Options options = {}) : reception{options}
    {
        EXPECT_EQ(*reception.add(video_format(), kVideo, 0, reliable), 0U);
        EXPECT_EQ(*reception.add(audio_format(), kAudio, 0, reliable), 1U);
    }

    SharedBytes picture(std::uint16_t sequence, std::uint32_t timestamp, bool key = false) const
    {
        return datagram({.marker = true,
                         .payload_type = 96,
                         .sequence = sequence,
                         .timestamp = timestamp,
                         .ssrc = video_ssrc,
                         .payload = SharedBytes::copy_of(key ? kIdr : kP1)});
    }
    SharedBytes sound(std::uint16_t sequence, std::uint32_t timestamp) const
    {
        return datagram({.payload_type = 8,
                         .sequence = sequence,
                         .timestamp = timestamp,
                         .ssrc = audio_ssrc,
                         .payload = SharedBytes{Bytes(160, 0xd5)}});
    }
    static SharedBytes datagram(const Packet& packet)
    {
        Bytes bytes;
        ByteWriter out{bytes};
        write(out, packet);
        return SharedBytes{std::move(bytes)};
    }
    SharedBytes report(std::uint32_t ssrc, std::chrono::nanoseconds wall, std::uint32_t timestamp) const
    {
        Bytes bytes;
        ByteWriter out{bytes};
        const WallTime at{
            std::chrono::duration_cast<WallTime::duration>(std::chrono::hours{24 * 365 * 54} + wall)};
        rtcp::write(out, rtcp::SenderReport{.ssrc = ssrc, .ntp = to_ntp(at), .rtp = timestamp});
        return SharedBytes{std::move(bytes)};
    }
    void gather()
    {
        while (auto item = reception.next()) {
            if (auto* frame = std::get_if<media::Frame>(&*item)) {
                (frame->track == kVideo ? pictures : sounds).push_back(*frame);
            } else {
                tracks.push_back(std::get<media::Track>(*item));
            }
        }
    }
    Clock::time_point at(std::chrono::nanoseconds time) const { return begin + time; }

    Reception reception;
    Clock::time_point begin{std::chrono::hours{5}};
    std::uint32_t video_ssrc = 0x11111111;
    std::uint32_t audio_ssrc = 0x22222222;
    std::vector<media::Track> tracks;
    std::vector<media::Frame> pictures;
    std::vector<media::Frame> sounds;
};

TEST(Reception, GivesTracksAndFramesOnOneTimeline)
{
    Link link;
    link.reception.feed(0, link.picture(1, 90000, true), link.at(0ms));
    link.reception.feed(1, link.sound(1, 777), link.at(10ms));
    link.reception.feed(0, link.picture(2, 93600), link.at(45ms));
    link.gather();
    ASSERT_EQ(link.tracks.size(), 2U);
    ASSERT_EQ(link.pictures.size(), 2U);
    ASSERT_EQ(link.sounds.size(), 1U);
    EXPECT_EQ(link.pictures[0].dts, Timeline::kBegin);
    EXPECT_EQ(link.pictures[1].dts, Timeline::kBegin + 40ms);
    EXPECT_EQ(link.sounds[0].dts, Timeline::kBegin + 10ms);
    EXPECT_TRUE(link.pictures[0].key);
}

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

// Acceptance 11: loss 5 %, reordering 10 %, duplicates 5 %: the counters equal what was injected.
TEST(Reception, CountsWhatTheLinkDid)
{
    std::mt19937 random{11};
    Link link;
    std::vector<std::pair<std::chrono::milliseconds, int>> arrivals;
    int lost = 0;
    int twice = 0;
    for (int i = 0; i < 4000; ++i) {
        auto at = std::chrono::milliseconds{i * 10};
        const auto dice = random() % 100;
        if (i > 0 && i < 3999 && dice < 5) {
            ++lost;
            continue;
        }
        if (i > 0 && dice >= 10 && dice < 20) {
            at += 25ms; // two or three others come first
        }
        arrivals.emplace_back(at, i);
        if (dice >= 20 && dice < 25) {
            arrivals.emplace_back(at + 3ms, i);
            ++twice;
        }
    }
    std::ranges::stable_sort(arrivals, {}, [](const auto& each) { return each.first; });
    for (const auto& [at, i] : arrivals) {
        const auto now = link.at(at);
        if (const auto due = link.reception.deadline(); due && *due <= now) {
            link.reception.tick(now);
        }
        link.reception.feed(
            1, link.sound(static_cast<std::uint16_t>(60000 + i), static_cast<std::uint32_t>(i * 80)), now);
    }
    link.reception.tick(link.at(50s));
    link.gather();
    const auto stats = link.reception.stats(1);
    EXPECT_EQ(stats.lost, lost);
    EXPECT_EQ(stats.duplicates, static_cast<std::uint64_t>(twice));
    EXPECT_EQ(stats.late, 0U);
    EXPECT_GT(stats.reordered, 300U);
    EXPECT_EQ(link.sounds.size(), static_cast<std::size_t>(4000 - lost));
}

TEST(Reception, WaitsForAGapABoundedTime)
{
    Link link;
    link.reception.feed(1, link.sound(1, 0), link.at(0ms));
    link.reception.feed(1, link.sound(3, 320), link.at(40ms));
    link.reception.feed(1, link.sound(4, 480), link.at(60ms));
    link.gather();
    EXPECT_EQ(link.sounds.size(), 1U);
    ASSERT_TRUE(link.reception.deadline());
    EXPECT_LE(*link.reception.deadline(), link.at(240ms));
    EXPECT_GE(*link.reception.deadline(), link.at(60ms));
    link.reception.tick(*link.reception.deadline());
    link.gather();
    EXPECT_EQ(link.sounds.size(), 3U);
}

TEST(Reception, GoesOnWhenTheSourceChangesItsSsrcOrNumbersAnew)
{
    for (const bool reliable : {false, true}) {
        Link link{reliable};
        std::uint16_t sequence = 100;
        auto t = 0ms;
        const auto feed = [&](std::uint32_t timestamp, bool key) {
            link.reception.feed(0, link.picture(sequence++, timestamp, key), link.at(t));
            t += 40ms;
        };
        for (std::uint32_t i = 0; i < 10; ++i) {
            feed(i * 3600, i == 0);
        }
        link.video_ssrc = 0;
        sequence = 40000;
        for (std::uint32_t i = 0; i < 10; ++i) {
            feed(4'000'000'000U + i * 3600, i == 0);
        }
        link.gather();
        ASSERT_EQ(link.pictures.size(), 20U);
        for (std::size_t i = 1; i < 20; ++i) {
            EXPECT_EQ(link.pictures[i].dts - link.pictures[i - 1].dts, 40ms) << i;
        }
        EXPECT_EQ(link.reception.stats(0).payload.quirks.of(Quirk::ssrc_changed), 1U);
        EXPECT_EQ(link.reception.stats(0).resets, 1U);
        sequence = 7; // anew, under the same name
        for (std::uint32_t i = 0; i < 10; ++i) {
            feed(1000 + i * 3600, i == 0);
        }
        link.gather();
        EXPECT_GE(link.pictures.size(), 29U);
        EXPECT_EQ(link.reception.stats(0).payload.quirks.of(Quirk::sequence_reset), 1U);
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

TEST(Reception, IgnoresWhatIsNotOfItsMedia)
{
    Link link;
    const std::vector<Bytes> punches{"cefaedfe"_hex, "800000000000000000000000"_hex, "80c9000100000000"_hex};
    for (const auto& punch : punches) {
        link.reception.feed(0, SharedBytes::copy_of(punch), link.at(0ms));
    }
    link.reception.feed(0, link.sound(1, 0), link.at(1ms)); // another payload type
    link.reception.feed(7, link.sound(1, 0), link.at(1ms)); // no such medium
    EXPECT_EQ(link.reception.stats(0).payload.quirks.of(Quirk::punch), 3U);
    EXPECT_EQ(link.reception.stats(0).bad, 1U);
    EXPECT_EQ(link.reception.stats(0).packets, 0U);
    EXPECT_FALSE(link.reception.next());
}

TEST(Reception, ReportsWhatItReceived)
{
    Link link;
    for (const int i : {0, 1, 2, 4}) {
        link.reception.feed(
            0,
            link.picture(static_cast<std::uint16_t>(1000 + i), static_cast<std::uint32_t>(i * 3600), i == 0),
            link.at(i * 40ms));
    }
    link.reception.feed(0, link.report(link.video_ssrc, 160ms, 4 * 3600), link.at(160ms));
    link.reception.tick(link.at(1160ms));
    const auto report = link.reception.take_report();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->medium, 0U);
    QuirkCounts quirks;
    const auto packets = rtcp::read_compound(report->bytes, quirks);
    ASSERT_TRUE(packets);
    ASSERT_EQ(packets->size(), 2U);
    const auto& receiver = std::get<rtcp::ReceiverReport>(packets->at(0));
    ASSERT_EQ(receiver.blocks.size(), 1U);
    EXPECT_EQ(receiver.blocks[0].ssrc, link.video_ssrc);
    EXPECT_EQ(receiver.blocks[0].lost, 1);
    EXPECT_EQ(receiver.blocks[0].fraction, 256 / 5);
    EXPECT_EQ(receiver.blocks[0].highest, 1004U);
    EXPECT_EQ(receiver.blocks[0].delay, 65536U);
    EXPECT_NE(receiver.blocks[0].last_report, 0U);
    EXPECT_EQ(std::get<rtcp::Sdes>(packets->at(1)).chunks[0].items[0].text, "millrace");
    EXPECT_EQ(quirks, QuirkCounts{});
    EXPECT_FALSE(link.reception.take_report()); // nothing was heard of the sound
    EXPECT_EQ(link.reception.deadline(), link.at(6160ms));
}

TEST(Reception, AsksForKeyFramesAndForWhatIsMissingWhereThatIsUnderstood)
{
    Reception reception;
    auto format = video_format();
    format.feedback = true;
    ASSERT_TRUE(reception.add(format, kVideo, 0, false));
    Link link;
    const auto last = [&]() -> std::optional<rtcp::Packet> {
        QuirkCounts quirks;
        auto report = reception.take_report();
        return report ? std::optional{rtcp::read_compound(report->bytes, quirks)->back()} : std::nullopt;
    };
    reception.feed(0, link.picture(1, 0, true), link.at(0ms));
    reception.request_key(0, link.at(1ms));
    reception.request_key(0, link.at(500ms));
    EXPECT_EQ(last(), (rtcp::Packet{rtcp::Pli{1, link.video_ssrc}}));
    EXPECT_FALSE(last());
    reception.request_key(0, link.at(1001ms));
    EXPECT_TRUE(last());
    reception.feed(0, link.picture(4, 3600), link.at(40ms));
    EXPECT_EQ(last(), (rtcp::Packet{rtcp::Nack{1, link.video_ssrc, {2, 3}}}));
    reception.feed(0, link.picture(6, 7200), link.at(80ms));
    EXPECT_EQ(last(), (rtcp::Packet{rtcp::Nack{1, link.video_ssrc, {5}}}));
}

TEST(Reception, HearsAndSaysBye)
{
    Link link;
    link.reception.feed(0, link.picture(1, 0, true), link.at(0ms));
    link.gather();
    Bytes bye;
    ByteWriter out{bye};
    rtcp::write(out, rtcp::ReceiverReport{.ssrc = link.video_ssrc});
    rtcp::write(out, rtcp::Bye{{link.video_ssrc}, "over"});
    EXPECT_FALSE(link.reception.ended(0));
    link.reception.feed(0, SharedBytes{std::move(bye)}, link.at(1ms));
    EXPECT_TRUE(link.reception.ended(0));
    EXPECT_FALSE(link.reception.ended(1));
    link.reception.close(link.at(2ms));
    const auto report = link.reception.take_report();
    ASSERT_TRUE(report);
    QuirkCounts quirks;
    EXPECT_EQ(std::get<rtcp::Bye>(rtcp::read_compound(report->bytes, quirks)->back()).sources,
              std::vector<std::uint32_t>{1});
}

} // namespace
} // namespace millrace::rtp
