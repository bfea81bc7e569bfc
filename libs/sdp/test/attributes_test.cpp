#include <millrace/sdp/attributes.hpp>

#include <gtest/gtest.h>

namespace millrace::sdp {
namespace {

TEST(RtpMap, IsReadAndWritten)
{
    QuirkCounts quirks;
    EXPECT_EQ(read_rtpmap("96 H264/90000", quirks), (RtpMap{96, "H264", 90000, 0}));
    EXPECT_EQ(read_rtpmap("97 MPEG4-GENERIC/48000/2", quirks), (RtpMap{97, "MPEG4-GENERIC", 48000, 2}));
    EXPECT_EQ(quirks, QuirkCounts{});
    EXPECT_EQ(to_string(RtpMap{97, "opus", 48000, 2}), "97 opus/48000/2");
    EXPECT_FALSE(read_rtpmap("H264/90000", quirks));
    EXPECT_FALSE(read_rtpmap("128 H264/90000", quirks));
}

TEST(RtpMap, ToleratesBlanksAtItsEndAndAClockOfZero)
{
    QuirkCounts quirks;
    EXPECT_EQ(read_rtpmap("96 H264/90000 ", quirks), (RtpMap{96, "H264", 90000, 0}));
    EXPECT_EQ(quirks.of(Quirk::odd_rtpmap), 1U);
    EXPECT_EQ(read_rtpmap("107 vnd.onvif.metadata/0", quirks)->clock_rate, 0U);
    EXPECT_EQ(quirks.of(Quirk::odd_rtpmap), 2U);
}

TEST(Fmtp, FindsParametersWhateverTheirCase)
{
    QuirkCounts quirks;
    const auto fmtp =
        read_fmtp("97 streamtype=5; profile-level-id=15;mode=AAC-hbr;SizeLength=13;indexLength=3", quirks);
    ASSERT_TRUE(fmtp);
    EXPECT_EQ(fmtp->payload_type, 97);
    EXPECT_EQ(fmtp->parameters.number("sizelength"), 13U);
    EXPECT_EQ(fmtp->parameters.number("INDEXLENGTH"), 3U);
    EXPECT_EQ(fmtp->parameters.get("mode"), "AAC-hbr");
    EXPECT_FALSE(fmtp->parameters.get("config"));
    EXPECT_FALSE(fmtp->parameters.number("mode"));
    EXPECT_EQ(quirks, QuirkCounts{});
    EXPECT_EQ(to_string(*fmtp),
              "97 streamtype=5;profile-level-id=15;mode=AAC-hbr;SizeLength=13;indexLength=3");
}

TEST(Fmtp, ToleratesBlanksAndSemicolonsAtItsEnds)
{
    QuirkCounts quirks;
    const auto fmtp = read_fmtp("96   packetization-mode=1;; sprop-parameter-sets=Z0LA==,aM4=; ", quirks);
    ASSERT_TRUE(fmtp);
    EXPECT_EQ(fmtp->parameters.list().size(), 2U);
    EXPECT_EQ(fmtp->parameters.get("sprop-parameter-sets"), "Z0LA==,aM4=");
    EXPECT_EQ(quirks.of(Quirk::odd_fmtp), 1U);
    EXPECT_FALSE(read_fmtp("smart width=1", quirks));
}

TEST(SourceFilter, IsReadAndWritten)
{
    const auto filter = read_source_filter(" incl IN IP4 232.1.1.1 10.0.0.1 10.0.0.2");
    ASSERT_TRUE(filter);
    EXPECT_EQ(*filter, (SourceFilter{true, "232.1.1.1", {"10.0.0.1", "10.0.0.2"}}));
    EXPECT_EQ(to_string(*filter), " incl IN IP4 232.1.1.1 10.0.0.1 10.0.0.2");
    EXPECT_EQ(to_string(SourceFilter{false, "ff3e::1", {"2001:db8::1"}}), " excl IN IP6 ff3e::1 2001:db8::1");
    EXPECT_FALSE(read_source_filter("incl IN IP4 232.1.1.1"));
    EXPECT_FALSE(read_source_filter("some IN IP4 232.1.1.1 10.0.0.1"));
}

TEST(Crypto, IsReadAndWritten)
{
    constexpr auto kText =
        "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4 KDR=0";
    const auto crypto = read_crypto(kText);
    ASSERT_TRUE(crypto);
    EXPECT_EQ(*crypto, (Crypto{1, "AES_CM_128_HMAC_SHA1_80", "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
                               "2^20", "1:4", "KDR=0"}));
    EXPECT_EQ(to_string(*crypto), kText);
    EXPECT_EQ(read_crypto("1 X inline:abc|1:4")->mki, "1:4");
    EXPECT_FALSE(read_crypto("1 AES_CM_128_HMAC_SHA1_80 outline:abc"));
    EXPECT_FALSE(read_crypto("1 AES_CM_128_HMAC_SHA1_80 inline:"));
    EXPECT_FALSE(read_crypto("x AES_CM_128_HMAC_SHA1_80 inline:abc"));
}

} // namespace
} // namespace millrace::sdp
