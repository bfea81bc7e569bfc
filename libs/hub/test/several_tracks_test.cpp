// Streams with several pictures and sounds: where readers begin, and what is measured.
#include <millrace/hub/ingest.hpp>
#include <millrace/hub/stream.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace millrace::hub {
namespace {

using namespace std::chrono_literals;
using media::Kind;
using media::track_id;
using ::testing::ElementsAre;

constexpr auto kSmall = track_id(Kind::video, 1);
constexpr auto kOther = track_id(Kind::audio, 1);

media::Track track(Kind kind, std::uint8_t number)
{
    return {.id = track_id(kind, number), .kind = kind, .number = number};
}

media::Frame frame(media::TrackId id, Kind kind, std::int64_t ms, bool key)
{
    return {.track = id, .kind = kind, .key = key, .dts = media_ms(ms), .payload = SharedBytes{Bytes{1}}};
}

/// Writes one picture, or all of them, as words: "0K1000" is a key frame of track 0.
class PictureMuxer : public media::Muxer {
public:
    explicit PictureMuxer(std::optional<media::TrackId> only) : only_{only} {}

    void prologue(const media::Head& head, MediaTime at, media::Pieces& out) const override
    {
        word(out, "head" + std::to_string(head.tracks.size()) + "@" + std::to_string(to_ms(at)));
    }
    void write(const media::Track&, MediaTime, media::Pieces&) override {}
    void write(const media::Metadata&, MediaTime, media::Pieces&) override {}
    void write(const media::Frame& frame, bool join, media::Pieces& out) override
    {
        if (!only_ || frame.track == *only_ || frame.kind == Kind::audio) {
            word(out, (join ? "!" : "") + std::to_string(frame.track) +
                          (frame.kind == Kind::audio ? "a"
                           : frame.key               ? "K"
                                                     : "v") +
                          std::to_string(to_ms(frame.dts)));
        }
    }
    void forget(media::TrackId track, MediaTime, media::Pieces& out) override
    {
        word(out, "gone" + std::to_string(track));
    }
    std::optional<media::TrackId> picture() const override { return only_; }

private:
    static void word(media::Pieces& out, const std::string& text)
    {
        out.push_back(SharedBytes::copy_of(as_bytes(text + " ")));
    }

    std::optional<media::TrackId> only_;
};

Packaging words(std::optional<media::TrackId> only = {})
{
    return {.key = only ? "only" + std::to_string(*only) : "all",
            .make = [only] { return std::make_unique<PictureMuxer>(only); }};
}

/// A connection that accepts everything.
class Watcher : public Outlet {
public:
    Watcher(Stream& stream, const Packaging& packaging) : viewer{*this, {}, Clock::time_point{1h}}
    {
        stream.attach(viewer, packaging);
        flush(Clock::time_point{1h});
    }
    void flush(Clock::time_point now) override
    {
        viewer.step(now);
        for (auto views = viewer.pending(); !views.empty(); views = viewer.pending()) {
            got.append(as_text(views.front()));
            viewer.sent(views.front().size(), now);
        }
    }
    void ended() override {}
    std::vector<std::string> words() const
    {
        std::istringstream in{got};
        return {std::istream_iterator<std::string>{in}, {}};
    }

    std::string got;
    Viewer viewer;
};

/// Two pictures whose key frames do not come together, and a sound.
void fill(Stream& stream)
{
    stream.append(track(Kind::audio, 0));
    stream.append(track(Kind::video, 1));
    stream.append(track(Kind::video, 0));
    stream.append(frame(0, Kind::video, 0, true));
    stream.append(frame(kSmall, Kind::video, 0, false));
    stream.append(frame(1, Kind::audio, 10, true));
    stream.append(frame(0, Kind::video, 40, false));
    stream.append(frame(kSmall, Kind::video, 40, true));
    stream.append(frame(1, Kind::audio, 50, true));
}

TEST(SeveralTracks, AreJoinedAtKeyFramesOfTheFirstPicture)
{
    Stream stream{"live/two"};
    fill(stream);
    const Watcher all{stream, words()};
    EXPECT_THAT(all.words(), ElementsAre("head3@0", "!0K0", "4v0", "1a10", "0v40", "4K40", "1a50"));
}

TEST(SeveralTracks, AreJoinedAtTheKeyFramesOfThePictureThatIsWatched)
{
    Stream stream{"live/two"};
    fill(stream);
    const Watcher small{stream, words(kSmall)};
    EXPECT_THAT(small.words(), ElementsAre("head3@40", "!4K40", "1a50"));
    stream.append(frame(kSmall, Kind::video, 80, true));
    stream.tick(Clock::time_point{1h});
    const Watcher late{stream, words(kSmall)};
    EXPECT_THAT(late.words(), ElementsAre("head3@80", "!4K80"));
    const Watcher all{stream, words()};
    EXPECT_EQ(all.words().at(1), "!0K0") << "and others begin where they did";
}

TEST(SeveralTracks, AreForgottenInTheImagesToo)
{
    Stream stream{"live/two"};
    fill(stream);
    Watcher all{stream, words()};
    stream.append(TrackGone{0});
    stream.append(frame(kSmall, Kind::video, 80, true));
    stream.tick(Clock::time_point{1h});
    const Watcher late{stream, words()};
    EXPECT_THAT(late.words(), ElementsAre("head2@80", "!4K80"))
        << "the next picture takes the first one's place";
    const auto got = all.words();
    EXPECT_EQ(got.at(got.size() - 2), "gone0");
}

TEST(SeveralTracks, HaveNoMorePackagingsThanThereIsRoomFor)
{
    Stream::Limits limits;
    limits.packagings = 2;
    Stream stream{"live/two", limits};
    const Watcher first{stream, words()};
    EXPECT_TRUE(stream.has_room(words(0)));
    {
        const Watcher second{stream, words(0)};
        EXPECT_FALSE(stream.has_room(words(4)));
        EXPECT_TRUE(stream.has_room(words(0)));
        EXPECT_TRUE(stream.has_room(words()));
    }
    EXPECT_TRUE(stream.has_room(words(4)));
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

TEST(SeveralTracks, OfASuccessorBeginWithAKeyFrameOfItsFirstPicture)
{
    Bench bench;
    bench.ingest.begin({}, bench.now);
    for (const auto& brought : {track(Kind::video, 0), track(Kind::video, 1), track(Kind::audio, 1)}) {
        bench.feed(brought);
    }
    bench.feed(frame(0, Kind::video, 0, true));
    bench.ingest.begin({}, bench.now);
    bench.feed(track(Kind::video, 0));
    bench.feed(track(Kind::video, 1));
    EXPECT_TRUE(bench.feed(frame(kSmall, Kind::video, 0, true)).empty());
    const auto out = bench.feed(frame(0, Kind::video, 0, true));
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(std::get<TrackGone>(out[0]), TrackGone{kOther});
}

TEST(SeveralTracks, AreMeasuredByTheFirstOfEachKind)
{
    Bench bench;
    bench.ingest.begin({}, bench.now);
    bench.feed(track(Kind::video, 0));
    bench.feed(track(Kind::video, 1));
    for (std::int64_t ms = 0; ms <= 4000; ms += 500) {
        bench.feed(frame(kSmall, Kind::video, ms, true));
        bench.feed(frame(0, Kind::video, ms, ms % 2000 == 0));
        bench.feed(frame(1, Kind::audio, ms, true));
        bench.feed(frame(kOther, Kind::audio, ms + 400, true));
    }
    const auto quality = bench.ingest.quality(bench.now);
    EXPECT_EQ(quality.gop_seconds, 2);
    EXPECT_LT(quality.av_skew_seconds, 0.01);
    EXPECT_EQ(quality.tracks.size(), 4U);
}

} // namespace
} // namespace millrace::hub
