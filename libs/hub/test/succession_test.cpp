// Publishers in reserve, on a virtual clock.
#include <millrace/hub/succession.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::hub {
namespace {

using namespace std::chrono_literals;

constexpr auto kWrap32 = std::chrono::milliseconds{std::int64_t{1} << 32};
const media::Track kVideo{.id = 0, .kind = media::Kind::video, .codec = media::Codec::h264};
const media::Track kAudio{.id = 1, .kind = media::Kind::audio, .codec = media::Codec::aac};

media::Frame video(std::int64_t ms, bool key, std::uint8_t from = 1)
{
    return {.track = 0,
            .kind = media::Kind::video,
            .key = key,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes{from}}};
}

media::Frame audio(std::int64_t ms, std::uint8_t from = 1)
{
    return {.track = 1,
            .kind = media::Kind::audio,
            .key = true,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes{from}}};
}

/// A source that makes 25 pictures a second, a key frame a second, and sound with each.
struct Encoder {
    std::uint64_t token;
    std::int64_t time; ///< Of its own numbering, in ms.
    std::int64_t to_key = 0;

    std::vector<media::Item> next()
    {
        const bool key = to_key == 0;
        to_key = (to_key + 40) % 1000;
        time += 40;
        const auto from = static_cast<std::uint8_t>(token);
        return {video(time, key, from), audio(time + 5, from)};
    }
};

struct Bench {
    explicit Bench(Succession::Limits limits = {}) : succession{ingest, limits} {}

    void begin(const Encoder& encoder, bool backup = false)
    {
        succession.begin({encoder.token, backup, kWrap32}, now);
        feed(encoder.token, {kVideo, kAudio});
    }
    void hold(const Encoder& encoder, bool backup = true)
    {
        succession.hold({encoder.token, backup, kWrap32}, now);
        feed(encoder.token, {kVideo, kAudio});
    }
    void feed(std::uint64_t token, std::vector<media::Item> items)
    {
        std::vector<Update> out;
        succession.feed(token, std::move(items), now, out);
        keep(out);
    }
    void leave(std::uint64_t token)
    {
        std::vector<Update> out;
        EXPECT_TRUE(succession.leave(token, now, out));
        keep(out);
    }
    void keep(const std::vector<Update>& out)
    {
        for (const auto& update : out) {
            if (const auto* frame = std::get_if<media::Frame>(&update)) {
                frames.push_back(*frame);
            }
        }
    }
    /// Time passes, and these go on.
    void run(Clock::duration time, std::vector<Encoder*> encoders)
    {
        for (const auto end = now + time; now < end; now += 40ms) {
            for (auto* encoder : encoders) {
                feed(encoder->token, encoder->next());
            }
        }
    }

    /// The first frame whose payload says that it is from that source, at or behind `begin`.
    std::size_t first_of(const Encoder& encoder, std::size_t begin = 0) const
    {
        while (begin < frames.size() && frames[begin].payload.view()[0] != encoder.token) {
            ++begin;
        }
        return begin;
    }
    /// No track steps back, and every sound is 5 ms behind its picture.
    void check_times() const
    {
        std::map<media::TrackId, MediaTime> last;
        MediaTime picture{};
        for (const auto& frame : frames) {
            EXPECT_GE(frame.dts, last[frame.track]);
            last[frame.track] = frame.dts;
            if (frame.kind == media::Kind::video) {
                picture = frame.dts;
            } else {
                EXPECT_EQ(to_ms(frame.dts) - to_ms(picture), 5);
            }
        }
    }

    Ingest ingest;
    Succession succession;
    Clock::time_point now{1h};
    std::vector<media::Frame> frames;
};

TEST(Succession, GoesOnWithTheKeyFrameThatIsHeldWhenThePrimaryLeaves)
{
    Bench bench;
    Encoder primary{1, 5000};
    Encoder backup{2, 700'000, 400}; // its key frames come 600 ms after the primary's
    bench.begin(primary);
    bench.hold(backup);
    bench.run(2s, {&primary, &backup});
    EXPECT_EQ(bench.first_of(backup), bench.frames.size()) << "a reserve is not seen";
    const auto before = bench.frames.back().dts;
    bench.leave(1);
    const auto at = bench.first_of(backup);
    ASSERT_LT(at, bench.frames.size()) << "at once";
    EXPECT_TRUE(bench.frames[at].key);
    EXPECT_EQ(bench.frames[at].kind, media::Kind::video);
    EXPECT_LE(bench.frames[at].dts - before, 60ms);
    EXPECT_EQ(bench.succession.on_air(), 2U);
    EXPECT_EQ(bench.succession.in_reserve(), 0U);
    EXPECT_EQ(bench.succession.reason(), Succession::Reason::left);
    bench.run(2s, {&backup});
    bench.check_times();
}

TEST(Succession, TakesOverFromAPrimaryThatFallsSilentWithinItsGopAndKeepsItInReserve)
{
    Bench bench;
    Encoder primary{1, 5000};
    Encoder backup{2, 0, 400};
    bench.begin(primary);
    bench.hold(backup);
    bench.run(3s, {&primary, &backup});
    const auto silent_since = bench.now;
    while (bench.succession.on_air() == 1 && bench.now - silent_since < 5s) {
        bench.run(40ms, {&backup});
    }
    EXPECT_EQ(bench.succession.on_air(), 2U);
    EXPECT_LT(bench.now - silent_since, 1s) << "the GOP is a second long";
    EXPECT_EQ(bench.succession.reason(), Succession::Reason::fell_silent);
    EXPECT_EQ(bench.succession.in_reserve(), 1U);
    const auto seen = bench.frames.size();
    bench.run(2s, {&primary, &backup});
    EXPECT_EQ(bench.first_of(primary, seen), bench.frames.size()) << "who comes back waits";
    bench.leave(2);
    EXPECT_LT(bench.first_of(primary, seen), bench.frames.size());
    EXPECT_EQ(bench.succession.takeovers(), 2U);
    bench.check_times();
}

TEST(Succession, HasTheSilenceThatIsAskedFor)
{
    Bench bench{{.silence = 3s}};
    Encoder primary{1, 0};
    Encoder backup{2, 0};
    bench.begin(primary);
    bench.hold(backup);
    bench.run(3s, {&primary, &backup});
    bench.run(2900ms, {&backup});
    EXPECT_EQ(bench.succession.on_air(), 1U);
    bench.run(200ms, {&backup});
    EXPECT_EQ(bench.succession.on_air(), 2U);
}

TEST(Succession, GivesThePreferredPrimaryTheStreamBackAtItsNextKeyFrame)
{
    Bench bench{{.prefer_primary = true}};
    Encoder primary{1, 0};
    Encoder backup{2, 0};
    Encoder again{3, 90'000, 400};
    bench.begin(primary);
    bench.hold(backup);
    bench.run(2s, {&primary, &backup});
    bench.leave(1);
    bench.hold(again, false);
    bench.run(560ms, {&backup, &again});
    EXPECT_EQ(bench.succession.on_air(), 2U) << "its key frame has not come";
    bench.run(80ms, {&backup, &again});
    EXPECT_EQ(bench.succession.on_air(), 3U);
    EXPECT_EQ(bench.succession.in_reserve(), 2U);
    EXPECT_TRUE(bench.frames[bench.first_of(again)].key);
    bench.run(2s, {&backup, &again});
    EXPECT_EQ(bench.succession.on_air(), 3U);
    bench.check_times();
}

TEST(Succession, LetsABackupStayOnAirWhenNobodyIsPreferred)
{
    Bench bench;
    Encoder backup{1, 0};
    Encoder primary{2, 0};
    bench.begin(backup, true);
    bench.hold(primary, false);
    bench.run(5s, {&backup, &primary});
    EXPECT_EQ(bench.succession.on_air(), 1U);
    EXPECT_EQ(bench.succession.takeovers(), 0U);
}

TEST(Succession, WaitsForAKeyFrameWhenNoneIsHeld)
{
    Bench bench;
    Encoder primary{1, 0};
    Encoder backup{2, 0, 400};
    bench.begin(primary);
    bench.run(2s, {&primary});
    bench.hold(backup);
    bench.run(80ms, {&primary, &backup});
    bench.leave(1);
    EXPECT_EQ(bench.succession.on_air(), 2U);
    EXPECT_EQ(bench.first_of(backup), bench.frames.size());
    bench.run(1s, {&backup});
    const auto at = bench.first_of(backup);
    ASSERT_LT(at, bench.frames.size());
    EXPECT_TRUE(bench.frames[at].key && bench.frames[at].kind == media::Kind::video);
    bench.check_times();
}

TEST(Succession, DropsFramesOfStrangers)
{
    Bench bench;
    Encoder primary{1, 0};
    Encoder stranger{7, 0};
    bench.begin(primary);
    bench.run(200ms, {&primary, &stranger});
    EXPECT_EQ(bench.first_of(stranger), bench.frames.size());
    std::vector<Update> out;
    EXPECT_FALSE(bench.succession.leave(7, bench.now, out));
}

TEST(Reserve, HoldsNoMoreThanItsLimit)
{
    Reserve reserve{{.bytes = 100}};
    reserve.take(kVideo);
    for (int i = 0; i < 101; ++i) {
        reserve.take(video(i, i == 0));
        EXPECT_LE(reserve.bytes(), 100U);
    }
    EXPECT_FALSE(reserve.ready()) << "a GOP without its begin is of no use";
    reserve.take(video(200, true));
    EXPECT_TRUE(reserve.ready());
}

TEST(Reserve, HoldsASecondOfSoundWhereThereIsNoPicture)
{
    Reserve reserve;
    reserve.take(kAudio);
    for (int ms = 0; ms < 60'000; ms += 20) {
        reserve.take(audio(ms));
    }
    const auto items = reserve.release();
    EXPECT_GT(items.size(), 1U);
    EXPECT_LE(items.size(), 52U);
}

TEST(Reserve, LeavesOutSoundThatBelongsBeforeTheKeyFrame)
{
    Reserve reserve;
    reserve.take(kAudio);
    reserve.take(kVideo);
    reserve.take(video(1000, true));
    reserve.take(audio(900));
    reserve.take(audio(1010));
    const auto items = reserve.release();
    ASSERT_EQ(items.size(), 4U);
    EXPECT_EQ(std::get<media::Frame>(items[3]).dts, media_ms(1010));
    EXPECT_FALSE(reserve.ready());
    EXPECT_EQ(reserve.release().size(), 2U) << "its tracks stay known";
}

} // namespace
} // namespace millrace::hub
