// Muxer to reception, over links that are not kind.
#include "link.hpp"

#include <algorithm>
#include <random>

namespace millrace::rtp {
namespace {

using namespace std::chrono_literals;

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
