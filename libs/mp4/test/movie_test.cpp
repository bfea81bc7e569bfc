#include "files.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace millrace::mp4 {
namespace {

using media::Codec;
using media::Kind;
using testing::ElementsAre;

struct Packet {
    std::size_t stream = 0;
    double pts = 0;
    double dts = 0;
    std::uint32_t size = 0;
    std::uint64_t position = 0;
    bool key = false;
};

std::vector<Packet> packets_of(const std::string& name)
{
    std::ifstream file{"vectors/" + name + ".packets"};
    std::vector<Packet> packets;
    for (std::string line; std::getline(file, line);) {
        std::ranges::replace(line, ',', ' ');
        std::istringstream in{line};
        Packet packet;
        std::string duration;
        std::string flags;
        in >> packet.stream >> packet.pts >> packet.dts >> duration >> packet.size >> packet.position >>
            flags;
        packet.key = flags.starts_with("K");
        packets.push_back(packet);
    }
    return packets;
}

double seconds(auto duration)
{
    return std::chrono::duration<double>{duration}.count();
}

class Files : public ::testing::TestWithParam<const char*> {};

TEST_P(Files, HaveTheSamplesThatFfprobeFinds)
{
    const auto movie = open(vector_file(GetParam()));
    ASSERT_TRUE(movie) << movie.error().message();
    const auto samples = samples_of(*movie);
    const auto packets = packets_of(GetParam());
    ASSERT_GT(packets.size(), 4U);
    ASSERT_EQ(samples.size(), packets.size());
    std::optional<double> shift;
    for (const auto& packet : packets) {
        SCOPED_TRACE(packet.position);
        const auto sample = std::ranges::find(samples, packet.position, &Sample::offset);
        ASSERT_NE(sample, samples.end());
        EXPECT_EQ(sample->track, packet.stream);
        EXPECT_EQ(sample->size, packet.size);
        EXPECT_EQ(sample->key, packet.key);
        const auto dts = seconds(sample->dts.time_since_epoch());
        shift = shift.value_or(dts - packet.dts);
        EXPECT_NEAR(dts, packet.dts + *shift, 3e-6); // All tracks by the same time.
        EXPECT_NEAR(dts + seconds(sample->composition), packet.pts + *shift, 3e-6);
    }
    EXPECT_GE(samples.front().dts, MediaTime{});
    EXPECT_TRUE(std::ranges::is_sorted(samples, {}, &Sample::dts));
}

TEST_P(Files, AreSoughtInAsIfWalkedThrough)
{
    const auto movie = open(vector_file(GetParam()));
    ASSERT_TRUE(movie);
    const auto samples = samples_of(*movie);
    const auto main = static_cast<std::size_t>(
        std::ranges::find(movie->tracks(), Kind::video, &media::Track::kind) != movie->tracks().end()
            ? std::ranges::find(movie->tracks(), Kind::video, &media::Track::kind) - movie->tracks().begin()
            : 0);
    Movie::Walker walker{*movie, all_tracks(*movie)};
    for (const auto& wanted : samples) {
        MediaTime expected{};
        for (const auto& sample : samples) {
            if (sample.track == main && sample.key && sample.dts <= wanted.dts) {
                expected = sample.dts;
            }
        }
        if (expected == MediaTime{}) {
            expected = std::ranges::find(samples, main, &Sample::track)->dts;
        }
        ASSERT_EQ(walker.seek(wanted.dts), expected);
        std::vector<Sample> rest;
        while (auto sample = walker.next()) {
            rest.push_back(*sample);
        }
        const auto left =
            std::ranges::count_if(samples, [&](const Sample& sample) { return sample.dts >= expected; });
        ASSERT_EQ(rest.size(), static_cast<std::size_t>(left));
        ASSERT_GE(rest.front().dts, expected);
    }
}

INSTANTIATE_TEST_SUITE_P(Mp4, Files,
                         ::testing::Values("front.mp4", "behind.mp4", "fragments.mp4", "fragments_behind.mp4",
                                           "quicktime.mov", "hevc_opus.mp4", "vp9_flac.mp4", "av1_eac3.mp4",
                                           "mp3_ac3.mp4"));

std::vector<Codec> codecs(const std::string& name)
{
    std::vector<Codec> found;
    const auto movie = open(vector_file(name));
    for (const auto& track : movie->tracks()) {
        found.push_back(track.codec);
    }
    return found;
}

TEST(Movie, KnowsTheCodecsOfItsTracks)
{
    EXPECT_THAT(codecs("front.mp4"), ElementsAre(Codec::h264, Codec::aac));
    EXPECT_THAT(codecs("quicktime.mov"), ElementsAre(Codec::h264, Codec::aac));
    EXPECT_THAT(codecs("hevc_opus.mp4"), ElementsAre(Codec::h265, Codec::opus));
    EXPECT_THAT(codecs("vp9_flac.mp4"), ElementsAre(Codec::vp9, Codec::flac));
    EXPECT_THAT(codecs("av1_eac3.mp4"), ElementsAre(Codec::av1, Codec::eac3));
    EXPECT_THAT(codecs("mp3_ac3.mp4"), ElementsAre(Codec::mp3, Codec::ac3));
}

TEST(Movie, DescribesItsTracks)
{
    const auto movie = open(vector_file("front.mp4"));
    const auto& video = movie->tracks()[0];
    EXPECT_EQ(video.width, 64U);
    EXPECT_EQ(video.height, 48U);
    EXPECT_TRUE(video.codec_string.starts_with("avc1."));
    const auto& audio = movie->tracks()[1];
    EXPECT_EQ(audio.sample_rate, 44100U);
    EXPECT_EQ(audio.channels, 1U);
    EXPECT_EQ(open(vector_file("hevc_opus.mp4"))->tracks()[1].sample_rate, 48000U);
}

TEST(Movie, LastsAsLongAsItsLongestTrack)
{
    for (const auto* name : {"front.mp4", "fragments.mp4", "fragments_behind.mp4", "quicktime.mov"}) {
        const auto movie = open(vector_file(name));
        EXPECT_NEAR(seconds(movie->duration()), 2.08, 0.03) << name; // Two frames are reordered.
    }
    for (const auto* name : {"front.mp4", "fragments.mp4", "mp3_ac3.mp4"}) {
        const auto movie = open(vector_file(name));
        EXPECT_EQ(movie->last(), samples_of(*movie).back().dts) << name;
    }
    EXPECT_FALSE(open(vector_file("front.mp4"))->fragmented());
    EXPECT_TRUE(open(vector_file("fragments.mp4"))->fragmented());
}

TEST(Movie, IsNotFoundInWhatIsNone)
{
    const auto expect = [](ByteView file, Errc code) {
        const auto movie = open(file);
        ASSERT_FALSE(movie);
        EXPECT_EQ(movie.error(), make_error_code(code));
    };
    expect({}, Errc::not_mp4);
    expect(as_bytes("FLV\x01 and more than that"), Errc::not_mp4);
    const auto whole = vector_file("behind.mp4");
    expect(ByteView{whole}.first(whole.size() - 100), Errc::no_movie);
    expect(box("ftyp", {as_bytes("isom")}), Errc::no_movie);
    expect(box("moov", {}), Errc::no_tracks);
    const Bytes tiny{0, 0, 0, 3, 'f', 't', 'y', 'p', 0, 0, 0, 0};
    expect(tiny, Errc::bad_box);
}

TEST(Movie, IsRefusedWhenItsTablesAreTooBig)
{
    const auto movie = open(vector_file("front.mp4"), {.head_bytes = 1000});
    ASSERT_FALSE(movie);
    EXPECT_EQ(movie.error(), make_error_code(Errc::too_big));
    const auto many = open(vector_file("fragments.mp4"), {.boxes = 3});
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error(), make_error_code(Errc::too_many_boxes));
}

TEST(Movie, GivesOfACutFileWhatIsWhole)
{
    const auto whole = vector_file("front.mp4"); // Its tables stand in front.
    const auto movie = open(ByteView{whole}.first(whole.size() - 1000));
    ASSERT_TRUE(movie);
    const auto samples = samples_of(*movie);
    EXPECT_GT(samples.size(), 10U);
    EXPECT_LT(samples.size(), samples_of(*open(whole)).size());
    for (const auto& sample : samples) {
        EXPECT_LE(sample.offset + sample.size, whole.size() - 1000);
    }
}

TEST(Movie, TakesAWalkThroughSomeTracksAlone)
{
    const auto movie = open(vector_file("front.mp4"));
    Movie::Walker walker{*movie, {1}};
    std::size_t count = 0;
    while (const auto sample = walker.next()) {
        EXPECT_EQ(sample->track, 1U);
        ++count;
    }
    EXPECT_EQ(count,
              static_cast<std::size_t>(std::ranges::count(packets_of("front.mp4"), 1U, &Packet::stream)));
}

} // namespace
} // namespace millrace::mp4
