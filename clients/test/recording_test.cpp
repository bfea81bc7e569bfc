#include <millrace/clients/recording.hpp>
#include <millrace/flv/demuxer.hpp>

#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

using media::Codec;
using media::Frame;
using media::Kind;
using media::Track;

// Codecs that need no configuration, so that a demuxer reads the frames back as they are.
const Track kVideo{.id = 0, .kind = Kind::video, .codec = Codec::h263, .origin = 0x02};
const Track kAudio{.id = 1, .kind = Kind::audio, .codec = Codec::mp3, .origin = 0x2F};

Frame video(std::int64_t ms, bool key)
{
    return {.track = 0,
            .kind = Kind::video,
            .key = key,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes{1, 2, 3}}};
}

Frame audio(std::int64_t ms)
{
    return {.track = 1,
            .kind = Kind::audio,
            .key = true,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes{4, 5}}};
}

/// What stands in the file, in short: "v+0" is a key frame at 0 ms, "a20" sound at 20 ms.
struct File {
    Recording recording;
    flv::Demuxer demuxer;
    std::size_t bytes = 0;

    void take(media::Item item)
    {
        media::Pieces pieces;
        recording.take(std::move(item), Clock::now(), pieces);
        feed(pieces);
    }
    void end()
    {
        media::Pieces pieces;
        recording.end(pieces);
        feed(pieces);
    }
    void feed(const media::Pieces& pieces)
    {
        for (const auto& piece : pieces) {
            bytes += piece.size();
            ASSERT_TRUE(demuxer.feed(piece));
        }
    }
    std::vector<std::string> frames()
    {
        std::vector<std::string> out;
        while (const auto item = demuxer.next()) {
            if (const auto* frame = std::get_if<Frame>(&*item)) {
                const auto* letter = frame->kind == Kind::video ? frame->key ? "v+" : "v" : "a";
                out.push_back(letter + std::to_string(to_ms(frame->dts)));
            }
        }
        return out;
    }
};

using Frames = std::vector<std::string>;

TEST(Recording, BeginsAtZeroWithItsEarliestFrame)
{
    File file;
    file.take(kVideo);
    file.take(kAudio);
    file.take(video(60'040, true));
    file.take(audio(60'020));
    file.take(video(60'080, false));
    EXPECT_EQ(file.frames(), (Frames{"v+20", "a0", "v60"}));
    EXPECT_EQ(file.recording.frames(), 3);
}

TEST(Recording, LeavesOutVideoThatBeginsBeforeItsKeyFrame)
{
    File file;
    file.take(kVideo);
    file.take(kAudio);
    file.take(video(0, false));
    file.take(audio(10));
    file.take(video(40, true));
    EXPECT_EQ(file.frames(), (Frames{"a0", "v+30"}));
}

TEST(Recording, HoldsAllTracksEachFromItsOwnKeyFrameOn)
{
    const Track second{.id = media::track_id(Kind::video, 1),
                       .kind = Kind::video,
                       .number = 1,
                       .codec = Codec::vp8,
                       .origin = 0x76703038};
    const auto small = [&second](std::int64_t ms, bool key) {
        auto frame = video(ms, key);
        frame.track = second.id;
        return frame;
    };
    for (const auto tracks : {Recording::Tracks::all, Recording::Tracks::default_}) {
        File file{.recording = Recording{tracks}};
        file.take(kVideo);
        file.take(second);
        file.take(kAudio);
        file.take(video(0, true));
        file.take(small(0, false));
        file.take(audio(0));
        file.take(small(40, true));
        const auto all = tracks == Recording::Tracks::all;
        EXPECT_EQ(file.frames(), all ? (Frames{"v+0", "a0", "v+40"}) : (Frames{"v+0", "a0"}));
    }
}

TEST(Recording, HoldsTheBeginUntilItIsClearWhichTracksThereAre)
{
    File file;
    file.take(kAudio);
    for (int ms = 0; ms < 1000; ms += 100) {
        file.take(audio(ms));
        EXPECT_EQ(file.bytes, 0);
    }
    file.take(audio(1000));
    EXPECT_EQ(file.frames().size(), 11);
}

TEST(Recording, WritesWhatItHeldWhenTheStreamEndsEarly)
{
    File file;
    file.end();
    EXPECT_EQ(file.bytes, 0);
    file.take(kAudio);
    file.take(audio(77));
    file.end();
    EXPECT_EQ(file.frames(), (Frames{"a0"}));
}

TEST(Recording, GoesOnWhereTheTimesOfTheStreamJump)
{
    File file;
    file.take(kVideo);
    file.take(kAudio);
    file.take(video(5000, true));
    file.take(audio(5000));
    file.take(video(5040, false));
    file.take(video(9'000'000, true));
    file.take(audio(9'000'010));
    const auto frames = file.frames();
    ASSERT_EQ(frames.size(), 5);
    EXPECT_EQ(frames[3], "v+100");
    EXPECT_EQ(frames[4], "a110");
}

} // namespace
} // namespace millrace::clients
