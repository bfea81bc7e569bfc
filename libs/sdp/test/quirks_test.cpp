// Each of these was seen in a shipped product; a strict parser fails them.
#include <millrace/sdp/description.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::sdp {
namespace {

const std::string kHead = "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n";
const std::string kVideo = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n";

Description read(std::string_view text)
{
    const auto parsed = parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? *parsed : Description{};
}

TEST(SdpQuirks, ToleratesLinesThatEndWithLineFeedAlone)
{
    auto text = kHead + kVideo;
    std::erase(text, '\r');
    const auto out = read(text);
    EXPECT_EQ(out.quirks.of(Quirk::bare_line_feed), 8U);
    EXPECT_EQ(out.media, read(kHead + kVideo).media);
}

TEST(SdpQuirks, ToleratesBlankLines)
{
    const auto out = read(kHead + "\r\n" + kVideo + "\r\n\r\n");
    EXPECT_EQ(out.quirks.of(Quirk::blank_line), 1U);
    EXPECT_EQ(out.media.size(), 1U);
}

TEST(SdpQuirks, ToleratesAttributesBeforeTimeAndConnectionAfterAttributes)
{
    const auto out =
        read("v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\na=control:*\r\nt=0 0\r\nc=IN IP4 0.0.0.0\r\n" + kVideo);
    EXPECT_EQ(out.quirks.of(Quirk::line_order), 2U);
    EXPECT_EQ(out.connection->address, "0.0.0.0");
}

TEST(SdpQuirks, ToleratesAnSdpThatBeginsWithItsMedia)
{
    const auto out = read(kVideo);
    EXPECT_EQ(out.quirks.of(Quirk::missing_line), 4U);
    EXPECT_EQ(out.media.size(), 1U);
}

TEST(SdpQuirks, ToleratesOddOrigins)
{
    struct Case {
        std::string_view line;
        Origin origin;
    };
    const std::vector<Case> cases{
        {"o=-0 0 IN IP4 10.0.0.1", {"-", "-0", "0", false, "10.0.0.1"}},
        {"o=RTSP Session 1 2 IN IP4 0.0.0.0", {"RTSP Session", "1", "2", false, "0.0.0.0"}},
        {"o=- 0x1f 103bdb6f IN IP4 1.2.3.4", {"-", "0x1f", "103bdb6f", false, "1.2.3.4"}},
        {"o=- -12 1.5 IN IP4 1.2.3.4", {"-", "-12", "1.5", false, "1.2.3.4"}},
        {"o=- 99999999999999999999999 1 IN IP4 1.2.3.4",
         {"-", "99999999999999999999999", "1", false, "1.2.3.4"}},
        {"o=- 1 1 IN IP4 46.2.10.2:12626", {"-", "1", "1", false, "46.2.10.2:12626"}},
        {"o=- 1 1 IN IPV4 1.2.3.4", {"-", "1", "1", false, "1.2.3.4"}},
        {"o=- 1 1 IP IP4 1.2.3.4", {"-", "1", "1", false, "1.2.3.4"}},
        {"o=- 1 1 IN IP4", {"-", "1", "1", false, "0.0.0.0"}},
        {"o=- 1 1", {"-", "1", "1", false, "0.0.0.0"}},
        {"o=", {}},
    };
    for (const auto& each : cases) {
        const auto out = read("v=0\r\n" + std::string{each.line} + "\r\ns=-\r\nt=0 0\r\n" + kVideo);
        EXPECT_EQ(out.origin, each.origin) << each.line;
        EXPECT_EQ(out.quirks.of(Quirk::odd_origin), 1U) << each.line;
    }
}

TEST(SdpQuirks, ToleratesOddConnections)
{
    struct Case {
        std::string_view line;
        std::string_view address; ///< Empty: none.
    };
    const std::vector<Case> cases{
        {"c=IN c=IN IP4 0.0.0.0", "0.0.0.0"},
        {"c=In IP4 1.2.3.4", "1.2.3.4"},
        {"c=IN", ""},
        {"c=IN 1.2.3.4", "1.2.3.4"},
        {"c=IN IPV4 1.2.3.4", "1.2.3.4"},
        {"c=SM SM x", ""},
        {"c=IN IP4", ""},
    };
    for (const auto& each : cases) {
        const auto out = read("v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\n" + std::string{each.line} +
                              "\r\nt=0 0\r\n" + kVideo);
        EXPECT_EQ(out.connection ? out.connection->address : "", each.address) << each.line;
        EXPECT_EQ(out.quirks.of(Quirk::odd_connection), 1U) << each.line;
    }
    const auto twice = read(kHead + "c=SM SM x\r\nc=IN IP4 9.9.9.9\r\n" + kVideo);
    EXPECT_EQ(twice.connection->address, "0.0.0.0");
    EXPECT_EQ(twice.quirks.of(Quirk::odd_connection), 2U);
}

TEST(SdpQuirks, ToleratesOddTimesAndBandwidths)
{
    const auto out = read(
        "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nb=X-AV:\r\nb=RR:0\r\nb=TIAS:1500000\r\nt=now-\r\nr=0 0\r\n" +
        kVideo);
    EXPECT_EQ(out.quirks.of(Quirk::odd_time), 1U);
    EXPECT_EQ(out.quirks.of(Quirk::odd_bandwidth), 1U);
    EXPECT_EQ(out.bandwidths, (std::vector<Bandwidth>{{"RR", 0}, {"TIAS", 1500000}}));
}

TEST(SdpQuirks, SkipsMediaOfUnknownKindsAndKeepsTheOthers)
{
    const auto out =
        read(kHead + "m=metadata 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\n" + kVideo +
             "m=application/TP-LINK 0 RTP/AVP smart/1/90000\r\nm=audio 0 RTP/AVP smart/1/90000\r\n");
    ASSERT_EQ(out.media.size(), 4U);
    EXPECT_TRUE(out.media[0].skip);
    EXPECT_FALSE(out.media[1].skip);
    EXPECT_TRUE(out.media[2].skip);
    EXPECT_TRUE(out.media[3].skip);
    EXPECT_EQ(out.quirks.of(Quirk::unknown_medium), 3U);
}

TEST(SdpQuirks, ToleratesOddProtocols)
{
    const auto out =
        read(kHead + "m=video 0 RTP/AVP/TCP 96\r\na=rtpmap:96 H264/90000\r\nm=video 0 MP2T/AVP 33\r\n");
    EXPECT_EQ(out.quirks.of(Quirk::odd_protocol), 2U);
    EXPECT_FALSE(out.media[0].skip);
    EXPECT_FALSE(out.media[1].skip);
}

TEST(SdpQuirks, AppliesAnFmtpForAnotherPayloadTypeThanTheOnlyOne)
{
    const auto out = read(
        kHead + "m=audio 0 RTP/AVP 104\r\na=rtpmap:104 mpeg4-generic/16000/1\r\na=fmtp:97 config=1408\r\n");
    EXPECT_EQ(out.quirks.of(Quirk::foreign_fmtp), 1U);
    EXPECT_EQ(out.media[0].parameters(104).get("config"), "1408");
}

TEST(SdpQuirks, CountsADynamicPayloadTypeOfTwoMedia)
{
    const auto out = read(kHead + kVideo + "m=audio 0 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n");
    EXPECT_EQ(out.quirks.of(Quirk::shared_payload_type), 1U);
    EXPECT_EQ(out.media[1].map(96)->encoding, "opus");
}

TEST(SdpQuirks, TakesMediaThatAllSaySendonlyAsOrdinary)
{
    const auto out = read(kHead + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=sendonly\r\n");
    EXPECT_EQ(out.quirks.of(Quirk::all_sendonly), 1U);
    EXPECT_FALSE(out.media[0].skip);
}

TEST(SdpQuirks, PassesOverLinesThatNoSdpHas)
{
    const auto out = read(kHead + "y=1\r\nnonsense\r\n" + kVideo);
    EXPECT_EQ(out.quirks.of(Quirk::unknown_line), 2U);
    EXPECT_EQ(out.media.size(), 1U);
}

TEST(SdpQuirks, HaveNamesThatDiffer)
{
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kQuirks; ++i) {
        names.push_back(name(static_cast<Quirk>(i)));
    }
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
    EXPECT_EQ(std::ranges::count(names, "unknown"), 0);
}

} // namespace
} // namespace millrace::sdp
