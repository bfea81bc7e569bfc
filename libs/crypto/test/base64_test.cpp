#include <millrace/crypto/base64.hpp>

#include <gtest/gtest.h>

namespace millrace::crypto {
namespace {

// RFC 4648 §10.
TEST(Base64, GivesTheVectorsOfRfc4648)
{
    EXPECT_EQ(base64({}), "");
    EXPECT_EQ(base64(as_bytes("f")), "Zg==");
    EXPECT_EQ(base64(as_bytes("fo")), "Zm8=");
    EXPECT_EQ(base64(as_bytes("foo")), "Zm9v");
    EXPECT_EQ(base64(as_bytes("foob")), "Zm9vYg==");
    EXPECT_EQ(base64(as_bytes("fooba")), "Zm9vYmE=");
    EXPECT_EQ(base64(as_bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, UsesTheStandardAlphabetToItsEnd)
{
    EXPECT_EQ(base64(Bytes{0xfb, 0xff, 0xfe}), "+//+");
}

} // namespace
} // namespace millrace::crypto
