#include <millrace/rtsp/tunnel.hpp>

#include <gtest/gtest.h>

namespace millrace::rtsp {
namespace {

TEST(RtspTunnel, ReadsTheHeadsOfRealClients)
{
    const std::string ffmpeg =
        "GET /live/cam HTTP/1.1\r\nUser-Agent: Lavf\r\nAccept: application/x-rtsp-tunnelled\r\n"
        "Range: bytes=0-\r\nx-sessioncookie: 0123456789abcdef\r\nIcy-MetaData: 1\r\n\r\n";
    for (std::size_t cut = 0; cut < ffmpeg.size(); ++cut) {
        const auto read = read_tunnel_opening(as_bytes(ffmpeg.substr(0, cut)));
        ASSERT_TRUE(read) << cut;
        EXPECT_FALSE(*read) << cut;
    }
    const auto read = read_tunnel_opening(as_bytes(ffmpeg + "rest"));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, (TunnelOpening{false, "0123456789abcdef", ffmpeg.size()}));
}

TEST(RtspTunnel, ReadsWhatItWrites)
{
    const auto get = tunnel_get("/live/cam?a=1", "h:80", "cookie");
    EXPECT_EQ(*read_tunnel_opening(as_bytes(get)), (TunnelOpening{false, "cookie", get.size()}));
    const auto post = tunnel_post("", "h:80", "cookie");
    EXPECT_TRUE(post.starts_with("POST / HTTP/1.0\r\n"));
    EXPECT_EQ(*read_tunnel_opening(as_bytes(post)), (TunnelOpening{true, "cookie", post.size()}));
}

TEST(RtspTunnel, RefusesWhatIsNone)
{
    for (const auto& text :
         {std::string{"PUT / HTTP/1.1\r\n"}, std::string{"GET / HTTP/1.1\r\nHost: h\r\n\r\n"},
          "GET / HTTP/1.1\r\nx-sessioncookie: " + std::string(65, 'a') + "\r\n\r\n",
          "GET / HTTP/1.1\r\n" + std::string(9000, 'a')}) {
        EXPECT_FALSE(read_tunnel_opening(as_bytes(text))) << text.substr(0, 40);
    }
    const auto refusal = tunnel_refusal();
    EXPECT_EQ(refusal.size() - refusal.find("\r\n\r\n") - 4, 60U);
    EXPECT_NE(refusal.find("Content-Length: 60\r\n"), std::string_view::npos);
}

} // namespace
} // namespace millrace::rtsp
