#include <millrace/codec/h264.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::codec::h264 {
namespace {

using namespace testing::literals;

// Made by libx264 for a test picture of 320x180 at 25 frames a second, as FFmpeg writes it to FLV.
constexpr auto kRecord = R"(
    01 64 00 0c ff
    e1 001a 6764000cacd941419f9f011000000300100000030320f1429960
    01 0006 68ebe3cb22c0
    fdf8f800   # 4:2:0, 8 bits, 8 bits, no SPS extensions
)"_hex;

TEST(AvcConfig, ReadsWhatEncodersWrite)
{
    const auto config = read_config(kRecord);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->profile, 100);
    EXPECT_EQ(config->level, 12);
    EXPECT_EQ(config->length_size, 4U);
    ASSERT_EQ(config->sps.size(), 1U);
    ASSERT_EQ(config->pps.size(), 1U);
    EXPECT_EQ(config->pps[0], Bytes("68ebe3cb22c0"_hex));
    EXPECT_EQ(config->extension, Bytes("fdf8f800"_hex));
    EXPECT_EQ(codec_string(*config), "avc1.64000c");
    Bytes written;
    ByteWriter out{written};
    write(out, *config);
    EXPECT_EQ(written, Bytes(kRecord));
}

// Told otherwise in tutorials: that a record has one SPS and one PPS and ends behind them.
TEST(AvcConfig, HoldsAnyNumberOfParameterSetsAndTheExtensionOfHighProfiles)
{
    for (const auto& wire : std::vector<Bytes>{
             "01 42 c0 0a ff e0 00"_hex,
             "01 42 c0 0a ff e2 0003 6742c0 0003 6742c1 03 0002 68cb 0002 68cc 0001 68"_hex,
             "01 64 00 0c ff e1 0003 676400 01 0002 68eb fdf8f800"_hex,
             "01 64 00 0c ff e1 0003 676400 01 0002 68eb fdf8f801 0002 6d00"_hex, // and an SPS extension
         }) {
        const auto config = read_config(wire);
        ASSERT_TRUE(config) << config.error().message();
        EXPECT_EQ(config->sps.size(), wire[5] & 31U);
        Bytes written;
        ByteWriter out{written};
        write(out, *config);
        EXPECT_EQ(written, wire);
    }
    const auto config =
        read_config("01 42 c0 0a ff e2 0003 6742c0 0003 6742c1 03 0002 68cb 0002 68cc 0001 68"_hex);
    EXPECT_EQ(config->sps, (std::vector<Bytes>{"6742c0"_hex, "6742c1"_hex}));
    EXPECT_EQ(config->pps, (std::vector<Bytes>{"68cb"_hex, "68cc"_hex, "68"_hex}));
}

TEST(AvcConfig, NeedsAllBytesButTheExtension)
{
    for (std::size_t cut = 0; cut < kRecord.size() - 4; ++cut) {
        SCOPED_TRACE(cut);
        const auto config = read_config(ByteView{kRecord}.first(cut));
        ASSERT_FALSE(config);
        EXPECT_EQ(config.error().code(), Errc::truncated);
    }
    EXPECT_TRUE(read_config(ByteView{kRecord}.first(kRecord.size() - 4)));
}

TEST(AvcConfig, RefusesUnknownVersionsAndLengthsOfThreeBytes)
{
    EXPECT_EQ(read_config("00 64 00 0c ff e0 00"_hex).error().code(), Errc::bad_version);
    EXPECT_EQ(read_config("01 64 00 0c fe e0 00"_hex).error().code(), Errc::bad_value);
}

TEST(AvcConfig, IsMadeFromParameterSetsInAnyOrder)
{
    const Bytes sps = "6764000cacd941419f9f011000000300100000030320f1429960"_hex;
    const Bytes pps = "68ebe3cb22c0"_hex;
    const auto config = make_config({"0910"_hex, pps, sps, "6588"_hex});
    ASSERT_TRUE(config);
    EXPECT_EQ(codec_string(*config), "avc1.64000c");
    EXPECT_EQ(config->sps, std::vector<Bytes>{sps});
    EXPECT_EQ(config->pps, std::vector<Bytes>{pps});
    EXPECT_EQ(config->extension, Bytes{"fdf8f800"_hex}) << "4:2:0, 8 bits: what High profile tells";
    EXPECT_EQ(make_config({sps}).error().code(), Errc::wrong_kind);
}

TEST(AvcKey, IsAnIdrPicture)
{
    EXPECT_TRUE(is_key("00000002 0910 00000003 658801"_hex, 4));
    EXPECT_FALSE(is_key("00000002 0910 00000003 418801"_hex, 4));
    EXPECT_FALSE(is_key("00000009 658801"_hex, 4));
}

// Made by libx264 (High and the others as its pixel format asks); sizes and rates as ffprobe gives them.
TEST(AvcSps, TellsSizeAndRate)
{
    struct Case {
        const char* what;
        Bytes unit;
        Sps sps;
    };
    const std::vector<Case> cases{
        {"cropped by 8 lines, 30000/1001",
         "67640028acd940780227e5ffc000c0010400000fa40003a9803c60c658"_hex,
         {100, 40, 1920, 1080, 30000.0 / 1001}},
        {"baseline, no cropping", "6742c00ad902c4ec0840000003004000000783c48992"_hex, {66, 10, 176, 144, 15}},
        {"interlaced, cropped on both sides",
         "6764001eacd940b424f578088000000300800000190f8a14cb"_hex,
         {100, 30, 718, 568, 25}},
        {"4:4:4",
         "67f4000d919b282a33c7c5ffe0068008a2000003000200000300641e28532c"_hex,
         {244, 13, 322, 182, 25}},
        {"4:2:2",
         "677a0015bcd941419f8dffc000c00104000003000400000301903c58b658"_hex,
         {122, 21, 320, 180, 50}},
        {"grey", "6764000cf36505067e37ff000300046c800000030080000019078a14cb"_hex, {100, 12, 320, 180, 25}},
        {"own scaling matrices",
         "6764000cacd941419f9fff000300041000000300100000030320f1429960"_hex,
         {100, 12, 320, 180, 25}},
    };
    for (const auto& [what, unit, expected] : cases) {
        SCOPED_TRACE(what);
        const auto sps = read_sps(unit);
        ASSERT_TRUE(sps) << sps.error().message();
        EXPECT_EQ(sps->profile, expected.profile);
        EXPECT_EQ(sps->level, expected.level);
        EXPECT_EQ(sps->width, expected.width);
        EXPECT_EQ(sps->height, expected.height);
        EXPECT_NEAR(sps->fps, expected.fps, 1e-9);
    }
}

TEST(AvcSps, RefusesWhatIsNone)
{
    EXPECT_EQ(read_sps({}).error().code(), Errc::wrong_kind);
    EXPECT_EQ(read_sps("68ebe3cb22c0"_hex).error().code(), Errc::wrong_kind);
    EXPECT_EQ(read_sps("6764000cacd9"_hex).error().code(), Errc::truncated);
}

TEST(AvcSps, RefusesSizesThatNoLevelAllows)
{
    // Baseline: id 0, frame number 0, order type 2, 0 references, no gaps, 2^16 columns, 1 row, frames, no
    // cropping, no VUI 1 1 011 1 0 | 0000000000000000 1 0000000000000000 1 1 0 0 0 1
    EXPECT_EQ(read_sps("6742000a dc00010000c4"_hex).error().code(), Errc::bad_value);
}

} // namespace
} // namespace millrace::codec::h264
