#include <millrace/codec/flac.hpp>
#include <millrace/codec/opus.hpp>
#include <millrace/codec/vp9.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::codec {
namespace {

using namespace testing::literals;

TEST(Vp9Config, ReadsTheRecordWithAndWithoutItsBoxHeader)
{
    const auto record = "000b820202020000"_hex; // libvpx, 318x178, as FFmpeg writes it
    const auto boxed = "01000000 000b820202020000"_hex;
    ASSERT_TRUE(vp9::read_config(record));
    EXPECT_EQ(*vp9::read_config(record), (vp9::Config{0, 11, 8}));
    EXPECT_EQ(*vp9::read_config(boxed), *vp9::read_config(record));
    EXPECT_EQ(vp9::codec_string({0, 31, 10}), "vp09.00.31.10");
    EXPECT_EQ(vp9::read_config("000b82020202"_hex).error().code(), Errc::truncated);
}

TEST(OpusHead, TellsTheChannels)
{
    const auto head = opus::read_head("4f70757348656164 01 01 3801 80bb0000 0000 00"_hex);
    ASSERT_TRUE(head);
    EXPECT_EQ(*head, (opus::Head{1, 312, 48000}));
    EXPECT_EQ(opus::read_head("4f70757348656164 01 01"_hex).error().code(), Errc::truncated);
    EXPECT_EQ(opus::read_head("4f70757354616773 01 01 3801 80bb0000 0000 00"_hex).error().code(),
              Errc::wrong_kind);
    EXPECT_EQ(opus::read_head("4f70757348656164 10 01 3801 80bb0000 0000 00"_hex).error().code(),
              Errc::bad_version);
}

TEST(FlacStreamInfo, TellsRateAndChannels)
{
    const auto wire = R"(664c6143 00000022 1200 1200 00047e 0004da
        0ac440f0 00002274 64b80e4dc9c9bd5ca308a6942a1c06ec)"_hex; // FFmpeg, a sine of 0.2 s
    const auto info = flac::read_stream_info(wire);
    ASSERT_TRUE(info);
    EXPECT_EQ(*info, (flac::StreamInfo{44100, 1, 16}));
    EXPECT_EQ(flac::read_stream_info(ByteView{wire}.first(41)).error().code(), Errc::truncated);
    Bytes other = wire;
    other[4] = 1;
    EXPECT_EQ(flac::read_stream_info(other).error().code(), Errc::wrong_kind);
}

} // namespace
} // namespace millrace::codec
