#include <millrace/media/describe.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::media {
namespace {

using namespace testing::literals;

Track described(Codec codec, ByteView config)
{
    Track track{.codec = codec, .config = SharedBytes::copy_of(config)};
    EXPECT_TRUE(describe(track));
    return track;
}

TEST(Describe, TellsSizeRateAndCodecStringOfVideo)
{
    const auto h264 = described(Codec::h264, R"(0164000cff e1001a
        6764000cacd941419f9f011000000300100000030320f1429960 01000668ebe3cb22c0)"_hex);
    EXPECT_EQ(h264.width, 320U);
    EXPECT_EQ(h264.height, 180U);
    EXPECT_EQ(h264.fps, 25);
    EXPECT_EQ(h264.codec_string, "avc1.64000c");

    const auto h265 = described(Codec::h265, R"(0101600000009000000000003ff000fcfdf8f800000f01 210001002c
        42010101600000030090000003000003003fa005020169d4996566924caf016808000003000800000300c840)"_hex);
    EXPECT_EQ(h265.width, 638U);
    EXPECT_EQ(h265.height, 354U);
    EXPECT_EQ(h265.codec_string, "hvc1.1.6.L63.90");

    const auto av1 = described(Codec::av1, "81000c000a0b000000043cf6c402f80040"_hex);
    EXPECT_EQ(av1.width, 318U);
    EXPECT_EQ(av1.height, 178U);
    EXPECT_EQ(av1.codec_string, "av01.0.00M.08");
    EXPECT_EQ(described(Codec::vp9, "01000000000b820202020000"_hex).codec_string, "vp09.00.11.08");
}

TEST(Describe, TellsRateChannelsAndCodecStringOfAudio)
{
    const auto he_v2 = described(Codec::aac, "eb098800"_hex);
    EXPECT_EQ(he_v2.sample_rate, 48000U);
    EXPECT_EQ(he_v2.channels, 2U);
    EXPECT_EQ(he_v2.codec_string, "mp4a.40.29");

    const auto opus = described(Codec::opus, "4f7075734865616401013801 80bb0000 000000"_hex);
    EXPECT_EQ(opus.sample_rate, 48000U);
    EXPECT_EQ(opus.channels, 1U);
    EXPECT_EQ(opus.codec_string, "opus");

    const auto flac =
        described(Codec::flac,
                  "664c6143000000221200120000047e0004da0ac440f00000227464b80e4dc9c9bd5ca308a6942a1c06ec"_hex);
    EXPECT_EQ(flac.sample_rate, 44100U);
    EXPECT_EQ(flac.channels, 1U);
    EXPECT_EQ(described(Codec::mp3, {}).codec_string, "mp4a.40.34");
}

TEST(Describe, LeavesWhatTheConfigDoesNotTell)
{
    Track track{.codec = Codec::vp9, .width = 640, .height = 360, .fps = 30};
    EXPECT_TRUE(describe(track));
    EXPECT_EQ(track.width, 640U);
    EXPECT_EQ(track.fps, 30);
    EXPECT_EQ(track.codec_string, "");
}

TEST(Describe, RefusesAConfigThatCannotBeRead)
{
    for (const auto codec : {Codec::h264, Codec::h265, Codec::aac}) {
        Track without{.codec = codec};
        EXPECT_FALSE(describe(without)) << name(codec);
        EXPECT_TRUE(needs_config(codec));
    }
    for (const auto codec : {Codec::av1, Codec::vp9, Codec::opus, Codec::flac}) {
        Track without{.codec = codec};
        EXPECT_TRUE(describe(without)) << name(codec);
        Track broken{.codec = codec, .config = SharedBytes::copy_of("00"_hex)};
        EXPECT_FALSE(describe(broken)) << name(codec);
        EXPECT_FALSE(needs_config(codec));
    }
}

TEST(Describe, TakesFromTheFirstFrameWhatNoConfigurationTells)
{
    const auto by_frame = [](Codec codec, ByteView frame) {
        Track track{.codec = codec};
        describe_by_frame(track, frame);
        return track;
    };
    EXPECT_EQ(by_frame(Codec::ac3, "0b77b50b1e40ebf8"_hex).channels, 6U);
    EXPECT_EQ(by_frame(Codec::eac3, "0b7701a07487c000"_hex).sample_rate, 44100U);
    EXPECT_EQ(by_frame(Codec::mp3, "fffb50c0"_hex).sample_rate, 44100U);
    EXPECT_EQ(by_frame(Codec::vp8, "706500 9d012a 3e01 b200 0007"_hex).height, 178U);
    EXPECT_EQ(by_frame(Codec::vp8, "110200 9d012a 3e01 b200"_hex).height, 0U);
    EXPECT_EQ(by_frame(Codec::opus, "fcff"_hex).channels, 2U);
    EXPECT_EQ(by_frame(Codec::opus, {}).channels, 0U);
    EXPECT_EQ(by_frame(Codec::ac3, "00"_hex), (Track{.codec = Codec::ac3}));
}

} // namespace
} // namespace millrace::media
