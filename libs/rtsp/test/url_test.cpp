#include <millrace/rtsp/url.hpp>

#include <gtest/gtest.h>

namespace millrace::rtsp {
namespace {

TEST(RtspUrl, IsTakenApart)
{
    const auto url = read_url("RTSP://us%40er:pw@[2001:db8::1]:8554/live/cam?tok=1&x=/y");
    ASSERT_TRUE(url);
    EXPECT_EQ(*url, (Url{.scheme = "rtsp",
                         .user = "us%40er",
                         .password = "pw",
                         .host = "2001:db8::1",
                         .port = 8554,
                         .path = "/live/cam",
                         .query = "tok=1&x=/y"}));
    EXPECT_EQ(url->text(), "rtsp://[2001:db8::1]:8554/live/cam?tok=1&x=/y");
    EXPECT_EQ(read_url("rtsps://h/a")->port, 322);
    EXPECT_EQ(read_url("rtspu://h")->text(), "rtspu://h");
    EXPECT_EQ(read_url("rtsp://h:554/a")->text(), "rtsp://h/a");
    for (const char* text : {"", "h/a", "http://h/a", "rtsp://", "rtsp:///a", "rtsp://h:0/a", "rtsp://h:x/a",
                             "rtsp://h:70000/a", "rtsp://[::1/a", "rtsp://h/a\x01"}) {
        EXPECT_FALSE(read_url(text)) << text;
    }
}

// §3.2 of the digest: what measured clients make of a control.
TEST(RtspUrl, NamesTheTrackHoweverItWasResolved)
{
    struct Case {
        const char* url;
        Target target;
    };
    const Case cases[]{
        {"rtsp://h/live/cam", {"live/cam", "", std::nullopt, "live/cam"}},
        {"rtsp://h/live/cam/?a", {"live/cam", "a", std::nullopt, "live/cam"}},
        {"rtsp://h/live/cam/trackID=1?tok=1", {"live/cam", "tok=1", 1, "live/cam/trackID=1"}},
        {"rtsp://h/live/cam1?tok=1/trackID=0", {"live/cam1", "tok=1", 0, "live/cam1"}},
        {"rtsp://h/live/cam1?tok=1/", {"live/cam1", "tok=1", std::nullopt, "live/cam1"}},
        {"rtsp://h/live/trackID=0", {"live", "", 0, "live/trackID=0"}},
        {"rtsp://h/live/cam/streamid=2", {"live/cam", "", 2, "live/cam/streamid=2"}},
        {"rtsp://h/live/cam/stream=0?tok=1", {"live/cam", "tok=1", 0, "live/cam/stream=0"}},
        {"rtsp://h/live/cam/track3/", {"live/cam", "", 3, "live/cam/track3"}},
        {"rtsp://h/live/tracker", {"live/tracker", "", std::nullopt, "live/tracker"}},
        {"rtsp://h/live/c%20m", {"live/c m", "", std::nullopt, "live/c m"}},
    };
    for (const auto& [text, target] : cases) {
        EXPECT_EQ(target_of(*read_url(text)), target) << text;
    }
}

TEST(RtspUrl, FindsTheAnnouncedTrack)
{
    const std::vector<std::string> controls{"streamid=0", "streamid=1"};
    EXPECT_EQ(track_of("rtsp://h/cam1?tok=1/streamid=1", controls), 1U);
    EXPECT_EQ(track_of("rtsp://h/cam1/stream=1?tok=1", controls), 1U);
    EXPECT_EQ(track_of("rtsp://h/cam1", controls), std::nullopt);
    EXPECT_EQ(track_of("rtsp://h/xstreamid=1", controls), std::nullopt);
    EXPECT_EQ(track_of("rtsp://h/cam1", std::vector<std::string>{"video"}), 0U);
    const std::vector<std::string> words{"audio", "video", "rtsp://other/cam/deep/video"};
    EXPECT_EQ(track_of("rtsp://h/cam/video", words), 1U);
    EXPECT_EQ(track_of("rtsp://h/cam/deep/video", words), 2U);
}

TEST(RtspUrl, ResolvesControlsAsServersExpectThem)
{
    EXPECT_EQ(resolve_control("rtsp://h/cam/", "trackID=1"), "rtsp://h/cam/trackID=1");
    EXPECT_EQ(resolve_control("rtsp://h/cam?a=1", "trackID=1"), "rtsp://h/cam?a=1/trackID=1");
    EXPECT_EQ(resolve_control("rtsp://h/cam", "*"), "rtsp://h/cam");
    EXPECT_EQ(resolve_control("rtsp://h/cam", ""), "rtsp://h/cam");
    EXPECT_EQ(resolve_control("rtsp://h/cam", "rtsp://o/v"), "rtsp://o/v");
    EXPECT_EQ(resolve_control("rtsp://h/cam/", "?ctype=video"), "rtsp://h/cam?ctype=video");
    EXPECT_EQ(track_url(*read_url("rtsp://u:p@h:8554/live/cam/?tok=1/"), 3),
              "rtsp://h:8554/live/cam/trackID=3?tok=1");
}

TEST(RtspUrl, DecodesPercents)
{
    EXPECT_EQ(percent_decode("a%20b%zz%4"), "a b%zz%4");
}

} // namespace
} // namespace millrace::rtsp
