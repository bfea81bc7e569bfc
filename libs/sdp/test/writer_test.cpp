#include <millrace/sdp/description.hpp>

#include <gtest/gtest.h>

namespace millrace::sdp {
namespace {

TEST(SdpWrite, KeepsTheOrderOfTheSpecification)
{
    Description out;
    out.origin = {"-", "7", "1", false, "10.0.0.1"};
    out.name = "live/cam";
    out.connection = Connection{.address = "239.1.2.3", .ttl = std::uint8_t{16}};
    out.set("tool", "millrace");
    out.set("control", "*");
    out.set("range", "npt=now-");
    Media video;
    video.formats = {"96"};
    video.bandwidths = {{"AS", 2000}};
    video.maps = {{96, "H264", 90000, 0}};
    video.fmtps = {{96, {{"packetization-mode", "1"}, {"profile-level-id", "42c00a"}}}};
    video.set("control", "rtsp://h/live/cam/trackID=0");
    out.media.push_back(video);
    EXPECT_EQ(write(out), "v=0\r\n"
                          "o=- 7 1 IN IP4 10.0.0.1\r\n"
                          "s=live/cam\r\n"
                          "c=IN IP4 239.1.2.3/16\r\n"
                          "t=0 0\r\n"
                          "a=tool:millrace\r\n"
                          "a=control:*\r\n"
                          "a=range:npt=now-\r\n"
                          "m=video 0 RTP/AVP 96\r\n"
                          "b=AS:2000\r\n"
                          "a=rtpmap:96 H264/90000\r\n"
                          "a=fmtp:96 packetization-mode=1;profile-level-id=42c00a\r\n"
                          "a=control:rtsp://h/live/cam/trackID=0\r\n");
    const auto again = parse(write(out));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, out);
}

TEST(SdpWrite, NeverLetsANameBreakALine)
{
    Description out;
    out.name = "x\r\nm=video 1 RTP/AVP 96";
    EXPECT_EQ(parse(write(out))->media.size(), 0U);
}

TEST(SectionSet, ReplacesWhatIsThere)
{
    Section section;
    section.set("control", "a");
    section.set("Control", "b");
    section.set("recvonly");
    EXPECT_EQ(section.attributes, (std::vector<Attribute>{{"control", "b"}, {"recvonly", std::nullopt}}));
    EXPECT_TRUE(section.has("recvonly"));
    EXPECT_EQ(section.get("recvonly"), "");
}

} // namespace
} // namespace millrace::sdp
