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
    EXPECT_EQ(sniff(as_bytes("hello")), Protocol::other);
    EXPECT_EQ(sniff("ff"_hex), Protocol::other);
}

} // namespace
} // namespace millrace::net
