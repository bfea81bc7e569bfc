#include <millrace/sdp/description.hpp>

#include <gtest/gtest.h>

namespace millrace::sdp {
namespace {

// What FFmpeg 5.1 announces: no control of the session, streamid as control.
constexpr std::string_view kFfmpeg =
    "v=0\r\n"
    "o=- 0 0 IN IP4 127.0.0.1\r\n"
    "s=No Name\r\n"
    "c=IN IP4 127.0.0.1\r\n"
    "t=0 0\r\n"
    "a=tool:libavformat 59.27.100\r\n"
    "m=video 0 RTP/AVP 96\r\n"
    "b=AS:200\r\n"
    "a=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1; "
    "sprop-parameter-sets=Z0LACtolsBEAAAMAAQAAAwAyDxImoA==,aM4PyA==; profile-level-id=42C00A\r\n"
    "a=control:streamid=0\r\n"
    "m=audio 0 RTP/AVP 97\r\n"
    "b=AS:128\r\n"
    "a=rtpmap:97 MPEG4-GENERIC/48000/2\r\n"
    "a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;"
    "indexdeltalength=3; config=119056E500\r\n"
    "a=control:streamid=1\r\n";

TEST(SdpParse, ReadsWhatFfmpegAnnounces)
{
    const auto parsed = parse(kFfmpeg);
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->quirks, QuirkCounts{});
    EXPECT_EQ(parsed->origin, (Origin{"-", "0", "0", false, "127.0.0.1"}));
    EXPECT_EQ(parsed->name, "No Name");
    EXPECT_EQ(parsed->connection->address, "127.0.0.1");
    EXPECT_FALSE(parsed->connection->multicast());
    EXPECT_FALSE(parsed->control());
    EXPECT_EQ(parsed->get("TOOL"), "libavformat 59.27.100");
    ASSERT_EQ(parsed->media.size(), 2U);
    const auto& video = parsed->media[0];
    EXPECT_EQ(video.type, "video");
    EXPECT_EQ(video.formats, std::vector<std::string>{"96"});
    EXPECT_EQ(video.bandwidths, (std::vector<Bandwidth>{{"AS", 200}}));
    ASSERT_NE(video.map(96), nullptr);
    EXPECT_EQ(*video.map(96), (RtpMap{96, "H264", 90000, 0}));
    EXPECT_EQ(video.parameters(96).get("profile-level-id"), "42C00A");
    EXPECT_TRUE(video.parameters(97).empty());
    EXPECT_EQ(video.control(), "streamid=0");
    const auto& audio = parsed->media[1];
    EXPECT_EQ(audio.parameters(97).get("config"), "119056E500");
    EXPECT_EQ(audio.control(), "streamid=1");
    EXPECT_FALSE(audio.secure());
    EXPECT_FALSE(audio.feedback());
}

TEST(SdpParse, ReadsMulticastSourceFiltersAndCrypto)
{
    const auto parsed = parse("v=0\r\no=- 1 1 IN IP6 2001:db8::1\r\ns=-\r\nt=0 0\r\n"
                              "m=video 5000/2 RTP/SAVPF 33\r\nc=IN IP4 232.1.1.1/15/3\r\n"
                              "a=source-filter: incl IN IP4 232.1.1.1 10.0.0.1\r\n"
                              "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abcd\r\na=crypto:2 X inline:efgh\r\n"
                              "m=audio 5004 RTP/AVP 0\r\nc=IN IP6 FF15::101/3\r\n");
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_TRUE(parsed->origin.ip6);
    const auto& video = parsed->media[0];
    EXPECT_EQ(video.port, 5000);
    EXPECT_EQ(video.port_count, 2);
    EXPECT_EQ(*video.connection, (Connection{false, "232.1.1.1", 15, 3}));
    EXPECT_TRUE(video.connection->multicast());
    EXPECT_EQ(video.source_filter()->sources, std::vector<std::string>{"10.0.0.1"});
    EXPECT_EQ(video.cryptos().size(), 2U);
    EXPECT_TRUE(video.secure());
    EXPECT_TRUE(video.feedback());
    EXPECT_EQ(*parsed->media[1].connection, (Connection{true, "FF15::101", std::nullopt, 3}));
    EXPECT_TRUE(parsed->media[1].connection->multicast());
}

TEST(SdpParse, KnowsStaticPayloadTypesWithoutAnRtpmap)
{
    const auto parsed = parse("v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 0 8 "
                              "14\r\nm=video 0 RTP/AVP 26 33\r\n");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->quirks.of(Quirk::static_without_rtpmap), 5U);
    EXPECT_EQ(parsed->media[0].map(0)->encoding, "PCMU");
    EXPECT_EQ(parsed->media[0].map(8)->encoding, "PCMA");
    EXPECT_EQ(*parsed->media[0].map(14), (RtpMap{14, "MPA", 90000, 0}));
    EXPECT_EQ(parsed->media[1].map(26)->encoding, "JPEG");
    EXPECT_EQ(parsed->media[1].map(33)->encoding, "MP2T");
    EXPECT_EQ(static_map(9)->clock_rate, 8000U); // though sampled at 16 kHz
    EXPECT_FALSE(static_map(35));
}

TEST(SdpParse, HasLimits)
{
    std::string bomb = "v=0\r\n";
    for (int i = 0; i < 33; ++i) {
        bomb += "m=video 0 RTP/AVP 96\r\n";
    }
    EXPECT_EQ(parse(bomb).error().code(), make_error_code(Errc::too_many_media));
    EXPECT_EQ(parse(std::string(129U << 10U, 'a')).error().code(), make_error_code(Errc::too_big));
    std::string attributes = "m=video 0 RTP/AVP 96\r\n";
    for (int i = 0; i < 513; ++i) {
        attributes += "a=x\r\n";
    }
    EXPECT_EQ(parse(attributes).error().code(), make_error_code(Errc::too_many_lines));
    EXPECT_EQ(parse("<html></html>").error().code(), make_error_code(Errc::not_sdp));
    EXPECT_EQ(parse("").error().code(), make_error_code(Errc::not_sdp));
}

} // namespace
} // namespace millrace::sdp
