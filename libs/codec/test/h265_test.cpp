#include <millrace/codec/h265.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::codec::h265 {
namespace {

using namespace testing::literals;

// Made by libx265 for a test picture of 638x354, Main profile, as FFmpeg writes it to MP4, without its SEI.
constexpr auto kRecord = R"(
    01 01 60000000 900000000000 3f f000 fc fd f8 f8 0000 0f 03
    20 0001 0018 40010c01ffff01600000030090000003000003003f959809
    21 0001 002c 42010101600000030090000003000003003fa005020169d4996566924caf016808000003000800000300c840
    22 0001 0007 4401c172b46240
)"_hex;

TEST(HevcConfig, ReadsWhatEncodersWrite)
{
    const auto config = read_config(kRecord);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->profile, 1);
    EXPECT_EQ(config->level, 63);
    EXPECT_FALSE(config->high_tier);
    EXPECT_EQ(config->length_size, 4U);
    ASSERT_EQ(config->units.size(), 3U);
    EXPECT_EQ(type_of(config->units[0]), NalType::vps);
    EXPECT_EQ(type_of(config->units[2]), NalType::pps);
    EXPECT_EQ(codec_string(*config), "hvc1.1.6.L63.90");
    const auto sps = read_sps(config->units[1]);
    ASSERT_TRUE(sps);
    EXPECT_EQ(sps->width, 638U);
    EXPECT_EQ(sps->height, 354U);
}

TEST(HevcConfig, IsMadeOfParameterSets)
{
    const auto config = read_config(kRecord);
    const std::vector<ByteView> units{config->units[2], config->units[0], config->units[1]};
    const auto record = make_record(units);
    ASSERT_TRUE(record);
    EXPECT_EQ(*read_config(*record), *config);
    constexpr std::size_t kBeforeArrays = 23; // which are told to be complete
    EXPECT_EQ(to_bytes(ByteView{*record}.first(kBeforeArrays)),
              to_bytes(ByteView{kRecord}.first(kBeforeArrays)));
    EXPECT_EQ(make_record({units[0], units[2]}).error().code(), Errc::wrong_kind);
}

TEST(HevcConfig, NeedsAllBytes)
{
    for (std::size_t cut = 0; cut < kRecord.size(); ++cut) {
        SCOPED_TRACE(cut);
        const auto config = read_config(ByteView{kRecord}.first(cut));
        ASSERT_FALSE(config);
        EXPECT_EQ(config.error().code(), Errc::truncated);
    }
}

TEST(HevcConfig, TakesTheRecordsOfDrafts)
{
    Bytes draft = kRecord;
    draft[0] = 0;
    EXPECT_TRUE(read_config(draft));
    draft[0] = 2;
    EXPECT_EQ(read_config(draft).error().code(), Errc::bad_version);
}

TEST(HevcConfig, NamesProfileSpaceTierAndConstraints)
{
    // The example of ISO/IEC 14496-15 annex E, and one with all that it leaves out.
    EXPECT_EQ(codec_string({.profile = 1, .compatibility = 0x60000000, .constraints = {0xb0}, .level = 93}),
              "hvc1.1.6.L93.b0");
    EXPECT_EQ(codec_string({.profile_space = 1,
                            .high_tier = true,
                            .profile = 4,
                            .compatibility = 0x08000000,
                            .constraints = {0x9e, 0x08},
                            .level = 150}),
              "hvc1.A4.10.H150.9e.8");
}

TEST(HevcSps, TellsTheSizeOf444)
{
    // Made by libx265, Range Extensions profile, 318x178 in 4:4:4.
    const auto sps =
        read_sps("42010104080000"
                 "03009e0800000300003c9001410173b9f2cacd24995e02dc080800100000030010000003019080"_hex);
    ASSERT_TRUE(sps);
    EXPECT_EQ(sps->width, 318U);
    EXPECT_EQ(sps->height, 178U);
    EXPECT_EQ(sps->chroma_format, 3U);
    EXPECT_EQ(sps->luma_bits, 8U);
}

TEST(HevcSps, RefusesWhatIsNone)
{
    EXPECT_EQ(read_sps({}).error().code(), Errc::wrong_kind);
    EXPECT_EQ(read_sps("4401c172b46240"_hex).error().code(), Errc::wrong_kind);
    EXPECT_EQ(read_sps("42010101600000030090"_hex).error().code(), Errc::truncated);
}

TEST(HevcKey, IsAnyPictureAtWhichDecodingCanBegin)
{
    EXPECT_TRUE(is_key("00000003 2801af"_hex, 4));  // IDR_N_LP
    EXPECT_TRUE(is_key("00000003 2a01af"_hex, 4));  // CRA
    EXPECT_FALSE(is_key("00000003 0201af"_hex, 4)); // TRAIL_R
}

} // namespace
} // namespace millrace::codec::h265
