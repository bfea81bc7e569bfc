#include <millrace/net/sniff.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::net {
namespace {

using namespace testing::literals;

TEST(Sniff, KnowsProtocolsByTheirFirstByte)
{
    EXPECT_EQ(sniff("03"_hex), Protocol::rtmp);
    EXPECT_EQ(sniff("06"_hex), Protocol::rtmpe);
    EXPECT_EQ(sniff("160301"_hex), Protocol::tls);
    EXPECT_EQ(sniff(as_bytes("GET / HTTP/1.1")), Protocol::http);
    EXPECT_EQ(sniff(as_bytes("POST")), Protocol::http);
    for (const char* first :
         {"DESCRIBE rtsp://h/a RTSP/1.0", "SETUP rtsp:", "PLAY rtsp:", "PAUSE r", "GET_PARAMETER ",
          "TEARDOWN r", "$", "OPTIONS rtsp://h/a RTSP/1.0\r\n", "OPTIONS * RTSP/1.0\r\nCSeq: 1"}) {
        EXPECT_EQ(sniff(as_bytes(first)), Protocol::rtsp) << first;
    }
    EXPECT_EQ(sniff(as_bytes("OPTIONS * HTTP/1.1\r\nX: RTSP/1.0")), Protocol::http);
    EXPECT_EQ(sniff(as_bytes("PUT /live/a.flv")), Protocol::http);
    EXPECT_EQ(sniff(as_bytes("hello")), Protocol::other);
    EXPECT_EQ(sniff("ff"_hex), Protocol::other);
}

} // namespace
} // namespace millrace::net
