#include <millrace/codec/aac.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace millrace::codec::aac {
namespace {

using namespace testing::literals;

TEST(AacConfig, ReadsEachKindOfSignalling)
{
    struct Case {
        const char* what;
        Bytes bytes;
        Config config;
        const char* codec;
    };
    const std::vector<Case> cases{
        {"LC, as OBS sends it", "1210"_hex, {2, 44100, 44100, 2, 2}, "mp4a.40.2"},
        {"FFmpeg: LC with the word that there is no SBR",
         "119056e500"_hex,
         {2, 48000, 48000, 2, 2},
         "mp4a.40.2"},
        {"FFmpeg: 5.1", "123056e500"_hex, {2, 44100, 44100, 6, 6}, "mp4a.40.2"},
        {"7.1", "11b8"_hex, {2, 48000, 48000, 7, 8}, "mp4a.40.2"},
        {"HE-AAC, hierarchical", "2b118800"_hex, {2, 24000, 48000, 2, 2, true}, "mp4a.40.5"},
        {"HE-AAC v2, hierarchical", "eb098800"_hex, {2, 24000, 48000, 1, 1, true, true}, "mp4a.40.29"},
        {"HE-AAC v2, compatible", "131056e59d4880"_hex, {2, 24000, 48000, 2, 2, true, true}, "mp4a.40.29"},
        {"a rate of its own, 12345 Hz", "17 80 18 1c 88"_hex, {2, 12345, 12345, 1, 1}, "mp4a.40.2"},
        {"USAC, by an escaped type", "f94620"_hex, {42, 48000, 48000, 1, 1}, "mp4a.40.42"},
        {"stereo in a program config element",
         "1200 05040000 2000"_hex,
         {2, 44100, 44100, 0, 2},
         "mp4a.40.2"},
    };
    for (const auto& [what, bytes, expected, codec] : cases) {
        SCOPED_TRACE(what);
        const auto config = read_config(bytes);
        ASSERT_TRUE(config) << config.error().message();
        EXPECT_EQ(*config, expected);
        EXPECT_EQ(codec_string(*config), codec);
    }
}

TEST(AacConfig, PlaysParametricStereoAsTwoChannels)
{
    EXPECT_EQ(read_config("eb098800"_hex)->played_channels(), 2U);
    EXPECT_EQ(read_config("1208"_hex)->played_channels(), 1U);
}

TEST(AacConfig, RefusesWhatIsNone)
{
    EXPECT_EQ(read_config({}).error().code(), Errc::truncated);
    EXPECT_EQ(read_config("12"_hex).error().code(), Errc::truncated);
    EXPECT_EQ(read_config("0210"_hex).error().code(), Errc::bad_value); // object type 0
    EXPECT_EQ(read_config("1690"_hex).error().code(), Errc::bad_value); // rate index 13
}

RC_GTEST_PROP(AacConfig, ReadsWhatItWrites, ())
{
    Config config{.object_type = static_cast<std::uint8_t>(*rc::gen::element(1, 2, 4, 23, 42)),
                  .core_rate = *rc::gen::inRange(1U, 1U << 24U),
                  .channel_config = static_cast<std::uint8_t>(*rc::gen::inRange(1, 7))};
    config.channels = config.channel_config;
    config.sbr = *rc::gen::arbitrary<bool>();
    config.ps = config.sbr && *rc::gen::arbitrary<bool>();
    config.sample_rate = config.sbr ? *rc::gen::inRange(1U, 1U << 24U) : config.core_rate;
    const auto read = read_config(write_config(config));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == config);
}

} // namespace
} // namespace millrace::codec::aac
