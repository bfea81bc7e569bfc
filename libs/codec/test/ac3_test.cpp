#include <millrace/codec/ac3.hpp>
#include <millrace/codec/vp8.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::codec {
namespace {

using namespace testing::literals;

// Each is the beginning of what FFmpeg encodes.
TEST(Ac3, TellsRateAndChannelsOfBothGenerations)
{
    struct Case {
        Bytes frame;
        ac3::Header header;
    };
    for (const auto& [frame, header] : std::vector<Case>{
             {"0b77b50b1e40ebf8"_hex, {false, 48000, 6, true, 1536, 1792}},
             {"0b77952f8c402f84"_hex, {false, 32000, 1, false, 1536, 576}},
             {"0b7701a07487c000"_hex, {true, 44100, 2, false, 1536, 834}},
             {"0b77037f3f87c000"_hex, {true, 48000, 6, true, 1536, 1792}},
             {"0b7701a0c087c000"_hex, {true, 24000, 2, false, 1536, 834}}, // fscod2
         }) {
        const auto read = ac3::read_header(frame);
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, header);
        EXPECT_EQ(ac3::read_header(ByteView{frame}.first(5)).error().code(), Errc::truncated);
    }
}

TEST(Ac3, RefusesWhatIsNoSyncframe)
{
    EXPECT_EQ(ac3::read_header("0b78b50b1e40ebf8"_hex).error().code(), Errc::wrong_kind);
    EXPECT_EQ(ac3::read_header("0b77b50b1ec8ebf8"_hex).error().code(), Errc::bad_version); // bsid 25
    EXPECT_EQ(ac3::read_header("0b77b50bde40ebf8"_hex).error().code(), Errc::bad_value);   // fscod 3
    EXPECT_EQ(ac3::read_header("0b7701a0f487c000"_hex).error().code(), Errc::bad_value);   // both 3
    EXPECT_EQ(ac3::read_header({}).error().code(), Errc::truncated);
}

TEST(Vp8, TellsKeyFramesAndTheirSize)
{
    const auto key = "706500 9d012a 3e01 b200 0007"_hex; // libvpx, 318x178
    EXPECT_EQ(*vp8::read_header(key), (vp8::FrameHeader{true, true, 318, 178}));
    EXPECT_EQ(*vp8::read_header("110200 00"_hex), (vp8::FrameHeader{false, true, 0, 0}));
    EXPECT_EQ(*vp8::read_header("706500 9d012a 3e41 b280"_hex), (vp8::FrameHeader{true, true, 318, 178}))
        << "the upper two bits ask for scaling";
    EXPECT_EQ(vp8::read_header(ByteView{key}.first(9)).error().code(), Errc::truncated);
    EXPECT_EQ(vp8::read_header("1102"_hex).error().code(), Errc::truncated);
    EXPECT_EQ(vp8::read_header("706500 9d012b 3e01 b200"_hex).error().code(), Errc::wrong_kind);
}

} // namespace
} // namespace millrace::codec
