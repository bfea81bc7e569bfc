#include <millrace/codec/av1.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::codec::av1 {
namespace {

using namespace testing::literals;

TEST(Av1Config, ReadsWhatEncodersWrite)
{
    // Made by SVT-AV1 for a test picture of 318x178, as FFmpeg writes it to MP4.
    const auto config = read_config("81000c00 0a0b000000043cf6c402f80040"_hex);
    ASSERT_TRUE(config);
    EXPECT_EQ(*config, (Config{.width = 318, .height = 178}));
    EXPECT_EQ(codec_string(*config), "av01.0.00M.08");
}

TEST(Av1Config, NamesProfileLevelTierAndDepth)
{
    EXPECT_EQ(codec_string({.profile = 0, .level = 4}), "av01.0.04M.08");
    EXPECT_EQ(codec_string(*read_config("8128c000"_hex)), "av01.1.08H.10");
    EXPECT_EQ(codec_string(*read_config("8148 6000"_hex)), "av01.2.08M.12");
}

TEST(Av1Config, LosesOnlyTheSizeToABrokenSequenceHeader)
{
    const auto config = read_config("81000c00 0a0b0000"_hex);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->width, 0U);
}

TEST(Av1Config, RefusesWhatIsNone)
{
    EXPECT_EQ(read_config("8100"_hex).error().code(), Errc::truncated);
    EXPECT_EQ(read_config("01000c00"_hex).error().code(), Errc::bad_version);
}

TEST(Av1Config, ReadsASequenceHeaderWithTimingAndOperatingPoints)
{
    // By hand from AV1 §5.5.1: profile 0, no still picture; timing info (64 bits, equal interval 0), decoder
    // model of 1-bit delays; display delay present; one point: level 8 (so a tier), a model, a delay; 3 bits
    // each of size 7x5. 000 0 0 1 | 64 x 0 | 1 1 | 1 00000 | 32 x 0 | 00000 00000 | 1 | 00000 | 12 x 0 |
    // 01000 0 | 1 00 0 | 1 0000 | 0010 0010 110 100
    const auto config = read_config("81000c00 0a15 0400000000000000010000000000010000211022d0"_hex);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->width, 7U);
    EXPECT_EQ(config->height, 5U);
}

TEST(Av1Descriptor, SaysWhatARecordDoes)
{
    const auto with_tag = config_of_descriptor("80 04 81 04 0c 54"_hex);
    ASSERT_TRUE(with_tag);
    EXPECT_EQ(*with_tag, Bytes("81 04 0c 14"_hex));
    EXPECT_EQ(*config_of_descriptor("81 04 0c 54"_hex), *with_tag);
    EXPECT_EQ(read_config(*with_tag)->level, 4);
    EXPECT_EQ(config_of_descriptor("80 04 81 04 0c"_hex).error().code(), Errc::truncated);
    EXPECT_EQ(config_of_descriptor("80 04 01 04 0c 54"_hex).error().code(), Errc::bad_version);
    EXPECT_EQ(config_of_descriptor({}).error().code(), Errc::truncated);
}

} // namespace
} // namespace millrace::codec::av1
