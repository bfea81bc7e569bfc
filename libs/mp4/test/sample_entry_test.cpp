#include "files.hpp"
#include "track_header.hpp"
#include <millrace/testing/hex.hpp>

namespace millrace::mp4 {
namespace {

using namespace millrace::testing;

Bytes stsd(ByteView entry)
{
    constexpr auto kHead = "00000000 00000001"_hex;
    Bytes body{ByteView{kHead}.begin(), ByteView{kHead}.end()};
    body.insert(body.end(), entry.begin(), entry.end());
    return body;
}

// AudioSampleEntry: 2 channels, 16 bits, 44100 Hz.
constexpr auto kAudio = "000000000000 0001 0000 0000 00000000 0002 0010 0000 0000 ac440000"_hex;
// The same of QuickTime, version 1, with its 16 bytes more.
constexpr auto kAudio1 = R"(
    000000000000 0001 0001 0000 00000000 0002 0010 fffe 0000 ac440000
    00000400 00000000 00000000 00000002
)"_hex;
// ISO/IEC 14496-1 §7.2.6: lengths of one byte and, as QuickTime writes them, of four.
constexpr auto kEsds = "00000000 03 19 0000 00 04 11 40 15 000000 00000000 00000000 05 02 1210 06 01 02"_hex;
constexpr auto kLongEsds =
    "00000000 03 80808022 0000 00 04 80808014 40 15 000000 00000000 00000000 05 80808002 1210 06 80808001 02"_hex;
constexpr auto kMp3Esds = "00000000 03 15 0000 00 04 0d 6b 15 000000 00000000 00000000 06 01 02"_hex;

TEST(SampleEntry, ReadsAacHoweverItIsWrapped)
{
    Counters counters;
    const auto plain = read_descriptions(stsd(box("mp4a", {kAudio, box("esds", {kEsds})})), counters);
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->track.codec, media::Codec::aac);
    EXPECT_EQ(plain->track.config.view()[0], 0x12);
    EXPECT_EQ(plain->track.config.size(), 2U);
    EXPECT_EQ(plain->track.sample_rate, 44100U);
    EXPECT_EQ(plain->track.channels, 2U);
    const auto wave = box("wave", {box("frma", {as_bytes("mp4a")}), box("esds", {kLongEsds})});
    const auto quicktime = read_descriptions(stsd(box("mp4a", {kAudio1, wave})), counters);
    ASSERT_TRUE(quicktime);
    EXPECT_EQ(quicktime->track, plain->track);
    EXPECT_TRUE(counters.empty());
}

TEST(SampleEntry, ReadsMp3UnderBothNames)
{
    Counters counters;
    const auto esds = read_descriptions(stsd(box("mp4a", {kAudio, box("esds", {kMp3Esds})})), counters);
    ASSERT_TRUE(esds);
    EXPECT_EQ(esds->track.codec, media::Codec::mp3);
    const auto own = read_descriptions(stsd(box(".mp3", {kAudio})), counters);
    ASSERT_TRUE(own);
    EXPECT_EQ(own->track.codec, media::Codec::mp3);
}

TEST(SampleEntry, TurnsOpusIntoTheHeaderOfOgg)
{
    constexpr auto kDops = "00 02 0138 0000bb80 0000 00"_hex;
    constexpr auto kHead = "4f70757348656164 01 02 3801 80bb0000 0000 00"_hex;
    Counters counters;
    const auto opus = read_descriptions(stsd(box("Opus", {kAudio, box("dOps", {kDops})})), counters);
    ASSERT_TRUE(opus);
    EXPECT_EQ(to_bytes(opus->track.config), to_bytes(kHead));
}

TEST(SampleEntry, CountsWhatItCannotUse)
{
    Counters counters;
    EXPECT_FALSE(read_descriptions(stsd(box("enca", {kAudio})), counters));
    EXPECT_FALSE(read_descriptions(stsd(box("twos", {kAudio})), counters));
    EXPECT_FALSE(read_descriptions(stsd(box("mp4a", {kAudio})), counters)); // No configuration.
    EXPECT_FALSE(read_descriptions(stsd(box("avc1", {kAudio})), counters)); // Too short.
    const Counters expected{{"encrypted_track", 1}, {"unknown_codec", 1}, {"unreadable_config", 2}};
    EXPECT_EQ(counters, expected);
}

} // namespace
} // namespace millrace::mp4
