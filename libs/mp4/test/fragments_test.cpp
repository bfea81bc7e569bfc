#include "files.hpp"
#include <millrace/mp4/fragments.hpp>
#include <millrace/testing/hex.hpp>

namespace millrace::mp4 {
namespace {

using namespace millrace::testing;
using media::Codec;
using media::Kind;

// HLS vector H3: H.264 32×32 and AAC-LC 48 kHz stereo.
constexpr auto kAvcC = "0142c00affe100166742c00ada25b011000003000100000300320f1226a001000468ce0fc8"_hex;
constexpr auto kIdr = "0000000a6588843a26280c9d75e0"_hex;
constexpr auto kSecond = "00000005419a20268b"_hex;
constexpr auto kThird = "00000005419a402a8b"_hex;
constexpr auto kSound = "211004608c1c"_hex;
constexpr auto kSegment = R"(
    00000018 73747970 6d736468 00000000 6d736468 6d736978
    000000d8 6d6f6f66 00000010 6d666864 00000000 00000001
    00000070 74726166 00000010 74666864 00020000 00000001 00000014 74666474 01000000 00000000000dbba0
    00000044 7472756e 01000f01 00000003 000000e0 00000e10 0000000e 02000000 00000e10 00000e10 00000009
      01010000 00000e10 00000e10 00000009 01010000 00000e10
    00000050 74726166 00000018 74666864 00020028 00000002 00000400 02000000 00000014 74666474 01000000
      0000000000075300
    0000001c 7472756e 00000201 00000002 00000100 00000006 00000006
    00000034 6d646174 0000000a 6588843a26280c9d75e0 00000005 419a20268b 00000005 419a402a8b 211004608c1c
      211004608c1c
)"_hex;

SharedBytes shared(ByteView bytes)
{
    return SharedBytes::copy_of(bytes);
}

Bytes joined(const media::Pieces& pieces)
{
    Bytes bytes;
    for (const auto& piece : pieces) {
        bytes.insert(bytes.end(), piece.view().begin(), piece.view().end());
    }
    return bytes;
}

std::vector<FragmentTrack> tracks_of_h3()
{
    constexpr auto kAsc = "1190"_hex;
    FragmentTrack video{.id = 1,
                        .track = {.kind = Kind::video,
                                  .codec = Codec::h264,
                                  .config = shared(kAvcC),
                                  .width = 32,
                                  .height = 32},
                        .timescale = 90000};
    FragmentTrack audio{.id = 2,
                        .track = {.id = 1,
                                  .kind = Kind::audio,
                                  .codec = Codec::aac,
                                  .config = shared(kAsc),
                                  .sample_rate = 48000,
                                  .channels = 2},
                        .timescale = 48000,
                        .bitrate = 64000};
    return {std::move(video), std::move(audio)};
}

std::vector<FragmentRun> runs_of_h3()
{
    FragmentRun video{.id = 1, .kind = Kind::video, .begin = 900000, .samples = {}};
    video.samples.push_back({shared(kIdr), 3600, 3600, true});
    video.samples.push_back({shared(kSecond), 3600, 3600, false});
    video.samples.push_back({shared(kThird), 3600, 3600, false});
    FragmentRun audio{.id = 2, .kind = Kind::audio, .begin = 480000, .samples = {}};
    audio.samples.assign(2, {shared(kSound), 1024, 0, true});
    return {std::move(video), std::move(audio)};
}

TEST(Fragments, WriteTheInitialisationSegmentOfVectorH3)
{
    const auto init = write_initialisation(tracks_of_h3());
    EXPECT_EQ(init.size(), 1072U);
    constexpr auto kFtyp = "000000186674797069736f360000000069736f366d703431"_hex;
    EXPECT_TRUE(std::ranges::equal(ByteView{init}.first(24), kFtyp));
    const auto text = as_text(init);
    const auto avcc = text.find("avcC");
    ASSERT_NE(avcc, std::string_view::npos);
    EXPECT_EQ(text.substr(avcc + 4, kAvcC.size()), as_text(ByteView{kAvcC}));
    constexpr auto kEsds =
        "0000002765736473000000000319000200041140150000000000fa000000fa0005021190060102"_hex;
    EXPECT_NE(text.find(as_text(ByteView{kEsds})), std::string_view::npos);
    EXPECT_EQ(init[24 + 3] + 256 * init[24 + 2], 1048);
    EXPECT_EQ(init[24 + 8 + 108 + 3] + 256 * init[24 + 8 + 108 + 2], 460);
    EXPECT_EQ(init[24 + 8 + 108 + 460 + 3] + 256 * init[24 + 8 + 108 + 460 + 2], 400);
}

TEST(Fragments, WriteTheSegmentOfVectorH3)
{
    media::Pieces pieces{segment_type()};
    write_fragment(1, runs_of_h3(), pieces);
    EXPECT_EQ(joined(pieces), Bytes(kSegment.begin(), kSegment.end()));
}

TEST(Fragments, ShareThePayloads)
{
    const auto runs = runs_of_h3();
    media::Pieces pieces;
    write_fragment(1, runs, pieces);
    ASSERT_EQ(pieces.size(), 6U);
    EXPECT_EQ(pieces[1].data(), runs[0].samples[0].payload.data());
}

TEST(Fragments, AreReadBackAsTheyWereWritten)
{
    auto file = write_initialisation(tracks_of_h3());
    media::Pieces pieces{segment_type()};
    write_fragment(1, runs_of_h3(), pieces);
    const auto segment = joined(pieces);
    file.insert(file.end(), segment.begin(), segment.end());
    const auto movie = open(file);
    ASSERT_TRUE(movie) << movie.error().message();
    ASSERT_EQ(movie->tracks().size(), 2U);
    EXPECT_EQ(movie->tracks()[0].codec_string, "avc1.42c00a");
    EXPECT_EQ(movie->tracks()[1].codec_string, "mp4a.40.2");
    const auto samples = samples_of(*movie);
    ASSERT_EQ(samples.size(), 5U);
    const auto& idr = samples.front().track == 0 ? samples.front() : samples[1];
    EXPECT_EQ(idr.dts, media_ms(10000));
    EXPECT_EQ(idr.composition, std::chrono::milliseconds{40});
    EXPECT_TRUE(idr.key);
}

TEST(Fragments, TellEachDurationOfSoundThatIsNotEven)
{
    FragmentRun run{.id = 2, .kind = Kind::audio, .begin = 0, .samples = {}};
    run.samples.push_back({shared(kSound), 1024, 0, true});
    run.samples.push_back({shared(kSound), 1500, 0, true});
    run.samples.push_back({shared(kSound), 1024, 0, true});
    const std::vector runs{run};
    auto file = write_initialisation(tracks_of_h3());
    media::Pieces pieces;
    write_fragment(7, runs, pieces);
    const auto segment = joined(pieces);
    file.insert(file.end(), segment.begin(), segment.end());
    const auto movie = open(file);
    ASSERT_TRUE(movie);
    std::vector<std::int64_t> times;
    for (const auto& sample : samples_of(*movie)) {
        times.push_back(
            std::chrono::duration_cast<std::chrono::microseconds>(sample.dts.time_since_epoch()).count());
    }
    EXPECT_EQ(times, (std::vector<std::int64_t>{0, 21333, 52583}));
}

/// A track of a codec, as the file of vectors/ has it, described anew and read again.
void expect_described_again(const std::string& name, std::size_t place)
{
    SCOPED_TRACE(name);
    const auto file = vector_file(name);
    const auto movie = open(file);
    ASSERT_TRUE(movie);
    FragmentTrack track{.id = 1, .track = movie->tracks()[place]};
    Movie::Walker walker{*movie, {place}};
    const auto sample = walker.next();
    ASSERT_TRUE(sample);
    const auto frame = ByteView{file}.subspan(static_cast<std::size_t>(sample->offset), sample->size);
    fill_from_frame(track.track, frame);
    ASSERT_EQ(why_not_in_fragments(track.track), "");
    track.timescale = timescale_of(track.track);
    FragmentRun run{.id = 1, .kind = track.track.kind, .begin = 0, .samples = {}};
    run.samples.push_back({shared(frame), track.timescale, 0, true});
    auto again = write_initialisation({{track}});
    media::Pieces pieces;
    write_fragment(1, {{run}}, pieces);
    const auto segment = joined(pieces);
    again.insert(again.end(), segment.begin(), segment.end());
    const auto read = open(again);
    ASSERT_TRUE(read) << read.error().message();
    const auto& found = read->tracks()[0];
    EXPECT_EQ(found.codec, track.track.codec);
    EXPECT_EQ(found.codec_string, track.track.codec_string);
    EXPECT_EQ(found.width, track.track.width);
    EXPECT_EQ(found.sample_rate, track.track.sample_rate);
    if (found.codec != Codec::ac3 && found.codec != Codec::eac3) {
        EXPECT_EQ(to_bytes(found.config), to_bytes(movie->tracks()[place].config));
    }
}

TEST(Fragments, DescribeEachCodecSoThatItIsReadAgain)
{
    for (const auto* name : {"front.mp4", "hevc_opus.mp4", "av1_eac3.mp4", "vp9_flac.mp4", "mp3_ac3.mp4"}) {
        const auto file = vector_file(name);
        const auto movie = open(file);
        ASSERT_TRUE(movie);
        for (std::size_t place = 0; place < movie->tracks().size(); ++place) {
            expect_described_again(name, place);
        }
    }
}

TEST(Fragments, KeepTheSpecificBoxesOfDolbyAsFfmpegWritesThem)
{
    // The bodies of dac3 and dec3 in the vectors, which FFmpeg wrote.
    for (const auto& [name, box_name] :
         {std::pair{"mp3_ac3.mp4", "dac3"}, std::pair{"av1_eac3.mp4", "dec3"}}) {
        SCOPED_TRACE(name);
        const auto file = vector_file(name);
        const auto movie = open(file);
        ASSERT_TRUE(movie);
        for (std::size_t place = 0; place < movie->tracks().size(); ++place) {
            FragmentTrack track{.id = 1, .track = movie->tracks()[place]};
            if (track.track.codec != Codec::ac3 && track.track.codec != Codec::eac3) {
                continue;
            }
            Movie::Walker walker{*movie, {place}};
            const auto sample = walker.next();
            ASSERT_TRUE(sample);
            fill_from_frame(track.track,
                            ByteView{file}.subspan(static_cast<std::size_t>(sample->offset), sample->size));
            const auto text = as_text(file);
            const auto at = text.find(box_name);
            ASSERT_NE(at, std::string_view::npos);
            EXPECT_EQ(text.substr(at + 4, track.track.config.size()), as_text(track.track.config));
        }
    }
}

TEST(Fragments, LeaveAv1sTemporalDelimiterOut)
{
    constexpr auto kUnit = "1200 0a0b0000"_hex;
    EXPECT_EQ(sample_payload(Codec::av1, shared(kUnit)).size(), 4U);
    EXPECT_EQ(sample_payload(Codec::h264, shared(kUnit)).size(), 6U);
}

TEST(Fragments, SayWhyACodecHasNoPlaceInThem)
{
    EXPECT_NE(why_not_in_fragments({.codec = Codec::speex}), "");
    EXPECT_NE(why_not_in_fragments({.codec = Codec::h264}), "");
    EXPECT_EQ(why_not_in_fragments({.kind = Kind::audio, .codec = Codec::opus}), "");
}

TEST(Fragments, TellEvents)
{
    constexpr auto kMessage = "494433"_hex;
    const auto event =
        write_event({.scheme = "https://aomedia.org/emsg/ID3", .time = 900000, .id = 7, .message = kMessage});
    constexpr auto kHead = R"(
        00000041 656d7367 01000000 00015f90 00000000000dbba0 ffffffff 00000007
    )"_hex;
    EXPECT_EQ(to_bytes(event.view().first(kHead.size())), Bytes(kHead.begin(), kHead.end()));
    EXPECT_TRUE(as_text(event.view()).ends_with(std::string_view{"ID3\0\0ID3", 8}));
}

} // namespace
} // namespace millrace::mp4
