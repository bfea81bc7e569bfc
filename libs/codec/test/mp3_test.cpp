#include <millrace/codec/mp3.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::codec::mp3 {
namespace {

using namespace testing::literals;

TEST(Mp3Header, TellsRateChannelsAndSize)
{
    struct Case {
        const char* what;
        Bytes bytes;
        Header header;
    };
    const std::vector<Case> cases{
        {"LAME: MPEG 1 layer III, mono, 64 kbit/s", "fffb50c0"_hex, {3, 44100, 1, 64000, 1152, 208}},
        {"joint stereo, 128 kbit/s, padded", "fffb9264"_hex, {3, 44100, 2, 128000, 1152, 418}},
        {"MPEG 2 layer III, 24 kHz, 64 kbit/s", "fff384c4"_hex, {3, 24000, 1, 64000, 576, 192}},
        {"MPEG 2.5 layer III, 8 kHz, 8 kbit/s", "ffe318c4"_hex, {3, 8000, 1, 8000, 576, 72}},
        {"MPEG 1 layer II, 48 kHz, 192 kbit/s", "fffda400"_hex, {2, 48000, 2, 192000, 1152, 576}},
        {"MPEG 1 layer I, 32 kHz, 32 kbit/s", "ffff1800"_hex, {1, 32000, 2, 32000, 384, 48}},
        {"free format", "fffb0000"_hex, {3, 44100, 2, 0, 1152, 0}},
    };
    for (const auto& [what, bytes, expected] : cases) {
        SCOPED_TRACE(what);
        const auto header = read_header(bytes);
        ASSERT_TRUE(header) << header.error().message();
        EXPECT_EQ(*header, expected);
    }
}

TEST(Mp3Header, RefusesWhatIsNone)
{
    EXPECT_EQ(read_header("fffb50"_hex).error().code(), Errc::truncated);
    EXPECT_EQ(read_header("49443304"_hex).error().code(), Errc::wrong_kind);
    EXPECT_EQ(read_header("ffeb50c0"_hex).error().code(), Errc::bad_value); // version 1 is reserved
    EXPECT_EQ(read_header("fff950c0"_hex).error().code(), Errc::bad_value); // layer 0 is reserved
    EXPECT_EQ(read_header("fffbf0c0"_hex).error().code(), Errc::bad_value); // bit rate 15 is forbidden
    EXPECT_EQ(read_header("fffb5cc0"_hex).error().code(), Errc::bad_value); // frequency 3 is reserved
}

} // namespace
} // namespace millrace::codec::mp3
