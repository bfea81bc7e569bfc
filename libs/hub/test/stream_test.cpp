#include <millrace/hub/stream.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace millrace::hub {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Writes each item as one word and a blank, so that what a viewer got can be read.
class WordMuxer : public media::Muxer {
public:
    void prologue(const media::Head& head, MediaTime at, media::Pieces& out) const override
    {
        word(out, "head" + std::to_string(head.tracks.size()) + "@" + std::to_string(to_ms(at)));
    }
    void write(const media::Track& track, MediaTime, media::Pieces& out) override
    {
        word(out, "track" + std::to_string(track.id));
    }
    void write(const media::Metadata& metadata, MediaTime, media::Pieces& out) override
    {
        word(out, metadata.name);
    }
    void write(const media::Frame& frame, bool join, media::Pieces& out) override
    {
        const char* kind = frame.kind == media::Kind::audio ? "a" : frame.key ? "K" : "v";
        word(out, (join ? "!" : "") + (kind + std::to_string(to_ms(frame.dts))));
    }

private:
    static void word(media::Pieces& out, const std::string& text)
    {
        out.push_back(SharedBytes::copy_of(as_bytes(text)));
        out.push_back(SharedBytes::copy_of(as_bytes(" ")));
    }
};

const Packaging kWords{.key = "words", .make = [] { return std::make_unique<WordMuxer>(); }};

/// A connection that accepts as much as it is told to.
class Connection : public Outlet {
public:
    explicit Connection(Stream& stream, Clock::time_point now, Viewer::Options options = {})
        : viewer{*this, options, now}
    {
        stream.attach(viewer, kWords);
        flush(now);
    }

    void flush(Clock::time_point now) override
    {
        ++flushes;
        viewer.step(now);
        for (;;) {
            const auto views = viewer.pending();
            std::size_t count = 0;
            for (const auto view : views) {
                const auto part = view.first(std::min(view.size(), room - count));
                got.append(as_text(part));
                count += part.size();
            }
            room -= count;
            viewer.sent(count, now);
            if (count == 0) {
                return;
            }
        }
    }
    void ended() override { over = true; }

    std::vector<std::string> words() const
    {
        std::istringstream in{got};
        return {std::istream_iterator<std::string>{in}, {}};
    }

    std::size_t room = SIZE_MAX / 2;
    std::string got;
    int flushes = 0;
    bool over = false;
    Viewer viewer;
};

struct Bench {
    Stream stream{"live/test"};
    Clock::time_point now{1h};
    std::int64_t ms = 0;

    Bench() : Bench{true} {}
    explicit Bench(bool with_video)
    {
        if (with_video) {
            stream.append(media::Track{.id = 0, .kind = media::Kind::video});
        }
        stream.append(media::Track{.id = 1, .kind = media::Kind::audio});
    }
    void video(bool key)
    {
        stream.append(media::Frame{.track = 0, .kind = media::Kind::video, .key = key, .dts = media_ms(ms)});
    }
    void audio()
    {
        stream.append(media::Frame{.track = 1, .kind = media::Kind::audio, .key = true, .dts = media_ms(ms)});
    }
    /// One step of 100 ms: a picture and a sound, a key frame every second.
    void step()
    {
        video(ms % 1000 == 0);
        audio();
        stream.flush(now);
        ms += 100;
        now += 100ms;
    }
    void run(Clock::duration time)
    {
        for (const auto end = now + time; now < end;) {
            step();
        }
    }
};

TEST(Stream, LetsAViewerInAtTheNewestKeyFrameAtOnce)
{
    Bench bench;
    bench.run(1300ms);
    const Connection late{bench.stream, bench.now};
    EXPECT_THAT(late.words(),
                ElementsAre("head2@1000", "!K1000", "a1000", "v1100", "a1100", "v1200", "a1200"));
    EXPECT_EQ(late.viewer.state(), Viewer::State::playing);
}

TEST(Stream, GivesAllViewersTheVerySameBytes)
{
    Bench bench;
    const Connection first{bench.stream, bench.now};
    bench.run(1s);
    const Connection second{bench.stream, bench.now};
    bench.run(1s);
    const auto common = second.got.substr(second.got.find("!K"));
    EXPECT_TRUE(first.got.ends_with(common));
    EXPECT_GT(common.size(), 20U);
}

TEST(Stream, LetsSoundRideWithTheNextPictureWhenManyWatch)
{
    Bench bench;
    std::vector<std::unique_ptr<Connection>> crowd;
    for (int i = 0; i < 20; ++i) {
        crowd.push_back(std::make_unique<Connection>(bench.stream, bench.now));
    }
    bench.video(true);
    bench.stream.flush(bench.now);
    const int before = crowd[0]->flushes;
    bench.audio();
    bench.stream.flush(bench.now);
    EXPECT_EQ(crowd[0]->flushes, before);
    EXPECT_EQ(bench.stream.deadline(), bench.now + 50ms);
    bench.stream.flush(bench.now + 50ms);
    EXPECT_EQ(crowd[0]->flushes, before + 1);
    EXPECT_EQ(bench.stream.deadline(), Clock::time_point::max());
}

TEST(Stream, SendsSoundAtOnceToFew)
{
    Bench bench;
    const Connection only{bench.stream, bench.now};
    bench.video(true);
    bench.audio();
    bench.stream.flush(bench.now);
    bench.ms = 23;
    bench.audio();
    bench.stream.flush(bench.now);
    EXPECT_EQ(only.words().back(), "a23");
}

TEST(Stream, MakesJoinPointsOfSoundWhereThereIsNoPicture)
{
    Bench bench{false};
    for (int i = 0; i < 25; ++i) {
        bench.audio();
        bench.ms += 100;
    }
    bench.stream.flush(bench.now);
    const Connection late{bench.stream, bench.now};
    EXPECT_THAT(late.words(), ElementsAre("head1@2000", "!a2000", "a2100", "a2200", "a2300", "a2400"));
}

TEST(Stream, MakesAReplicaFromItsSnapshot)
{
    Bench bench;
    bench.run(1300ms);
    Stream replica{"live/test"};
    for (auto& update : bench.stream.snapshot()) {
        replica.append(std::move(update));
    }
    const Connection at_home{bench.stream, bench.now};
    const Connection away{replica, bench.now};
    EXPECT_EQ(at_home.got, away.got);
}

TEST(Viewer, FallsToSoundThenTakesThePictureBackWhenItKeepsUpAgain)
{
    Bench bench;
    Connection slow{bench.stream, bench.now, {.max_latency = 2s}};
    bench.run(500ms);
    slow.room = 3; // Stops in the middle of a word.
    bench.run(4s);
    EXPECT_EQ(slow.viewer.state(), Viewer::State::audio_only);
    EXPECT_EQ(slow.viewer.record().falls, 1U);
    slow.room = SIZE_MAX / 2;
    bench.run(3s);
    EXPECT_EQ(slow.viewer.state(), Viewer::State::playing);
    EXPECT_EQ(slow.viewer.record().returns, 1U);

    std::int64_t last_sound = -1;
    std::int64_t last_picture = -1;
    for (const auto& word : slow.words()) {
        ASSERT_TRUE(std::string{"!Kvah"}.find(word[0]) != std::string::npos) << "a message was cut: " << word;
        const auto digits = word.find_first_of("0123456789");
        if (word[0] != 'h') {
            auto& last = word.find('a') != std::string::npos ? last_sound : last_picture;
            const auto at = std::stoll(word.substr(digits));
            EXPECT_GT(at, last) << word;
            last = at;
        }
    }
    EXPECT_EQ(last_sound, bench.ms - 100);
    EXPECT_EQ(last_picture, bench.ms - 100);
}

TEST(Viewer, SkipsToTheNewestKeyFrameOnceItsConnectionHasDrained)
{
    Bench bench;
    Connection slow{bench.stream, bench.now, {.max_latency = 2s, .selection = Selection::video_only}};
    bench.run(500ms);
    slow.room = 1;
    bench.run(4s);
    EXPECT_EQ(slow.viewer.state(), Viewer::State::waiting);
    slow.got.clear();
    slow.room = SIZE_MAX / 2;
    bench.run(100ms);
    EXPECT_EQ(slow.viewer.state(), Viewer::State::waiting) << "what is left of the message goes first";
    bench.run(100ms);
    EXPECT_EQ(slow.viewer.state(), Viewer::State::playing);
    EXPECT_EQ(slow.viewer.record().skips, 1U);
    EXPECT_LT(slow.viewer.lag(), 1s);
}

TEST(Viewer, IsClosedWhenItsConnectionAcceptsNothing)
{
    Bench bench;
    Connection dead{bench.stream, bench.now, {.max_latency = 2s, .stall_limit = 10s}};
    dead.room = 10;
    bench.run(9s);
    EXPECT_NE(dead.viewer.state(), Viewer::State::closed);
    bench.run(2s);
    EXPECT_EQ(dead.viewer.state(), Viewer::State::closed);
    EXPECT_EQ(dead.viewer.reason(), "the connection accepted nothing for too long");
}

TEST(Viewer, HasTheTimeOfALongGopToCatchUpWithIt)
{
    Bench bench;
    bench.video(true);
    for (int i = 0; i < 80; ++i) {
        bench.ms += 100;
        bench.video(false);
    }
    bench.stream.flush(bench.now);
    Connection viewer{bench.stream, bench.now, {.max_latency = 2s}};
    viewer.room = 0;
    viewer.flush(bench.now);
    EXPECT_EQ(viewer.viewer.state(), Viewer::State::playing);
    EXPECT_EQ(viewer.viewer.record().falls, 0U);
}

TEST(Viewer, NeverHoldsMemoryForASlowOne)
{
    Bench bench;
    Connection slow{bench.stream, bench.now, {.max_latency = 2s, .stall_limit = 1h}};
    slow.room = 5;
    bench.run(10s);
    const auto held = bench.stream.image_bytes();
    bench.run(60s);
    EXPECT_LT(bench.stream.image_bytes(), held + 400);
}

TEST(Viewer, StopsAtAMessageBoundaryForOtherBytes)
{
    Bench bench;
    bench.run(300ms);
    Connection viewer{bench.stream, bench.now};
    bench.video(false);
    bench.stream.flush(bench.now);
    bench.audio();
    auto& it = viewer.viewer;
    const auto views = it.pending();
    ASSERT_FALSE(views.empty());
    it.sent(1, bench.now);
    EXPECT_FALSE(it.at_boundary());
    std::string rest;
    std::size_t count = 0;
    for (const auto view : it.pending(true)) {
        rest += as_text(view);
        count += view.size();
    }
    EXPECT_EQ(rest, "300 ");
    it.sent(count, bench.now);
    EXPECT_TRUE(it.at_boundary());
}

TEST(Viewer, LetsOtherBytesGoBeforeItsPrologueButNotIntoIt)
{
    Bench bench;
    bench.run(300ms);
    struct Quiet : Outlet {
        void flush(Clock::time_point) override {}
        void ended() override {}
    } quiet;
    Viewer viewer{quiet, {}, bench.now};
    bench.stream.attach(viewer, kWords);
    viewer.step(bench.now);
    ASSERT_FALSE(viewer.pending().empty());
    EXPECT_TRUE(viewer.at_boundary());
    viewer.sent(2, bench.now);
    EXPECT_FALSE(viewer.at_boundary());
}

TEST(Viewer, GoesOnAtAKeyFrameAfterAPause)
{
    Bench bench;
    Connection viewer{bench.stream, bench.now};
    bench.run(500ms);
    viewer.viewer.pause();
    bench.run(2s);
    EXPECT_THAT(viewer.words().back(), "a400");
    viewer.got.clear();
    viewer.viewer.resume();
    bench.run(100ms);
    ASSERT_GE(viewer.words().size(), 2U);
    EXPECT_EQ(viewer.words()[1], "!K2000");
}

TEST(Viewer, CanTakeItsBytesWithOwnership)
{
    Bench bench;
    bench.run(300ms);
    struct Quiet : Outlet {
        void flush(Clock::time_point) override {}
        void ended() override {}
    } quiet;
    Viewer viewer{quiet, {}, bench.now};
    bench.stream.attach(viewer, kWords);
    viewer.step(bench.now);
    std::string got;
    for (const auto& piece : viewer.take(1 << 20, bench.now)) {
        got += as_text(piece.view());
    }
    EXPECT_EQ(got, "head2@0 !K0 a0 v100 a100 v200 a200 ");
    EXPECT_THAT(viewer.take(1 << 20, bench.now), IsEmpty());
}

TEST(Stream, TellsItsViewersWhenItEnds)
{
    Bench bench;
    const Connection viewer{bench.stream, bench.now};
    bench.stream.end();
    EXPECT_TRUE(viewer.over);
}

} // namespace
} // namespace millrace::hub
