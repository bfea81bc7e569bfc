#include <millrace/crypto/hash.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::crypto {
namespace {

using namespace testing::literals;

Bytes bytes(const Digest256& digest)
{
    return {digest.begin(), digest.end()};
}

// FIPS 180-2, appendix B.1 and B.2, and the empty message.
TEST(Sha256, GivesTheDigestsOfTheStandard)
{
    EXPECT_EQ(bytes(sha256({})),
              Bytes("e3b0c44298fc1c149afbf4c8996fb924 27ae41e4649b934ca495991b7852b855"_hex));
    EXPECT_EQ(bytes(sha256(as_bytes("abc"))),
              Bytes("ba7816bf8f01cfea414140de5dae2223 b00361a396177a9cb410ff61f20015ad"_hex));
    EXPECT_EQ(bytes(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
              Bytes("248d6a61d20638b8e5c026930c3e6039 a33ce45964ff2167f6ecedd419db06c1"_hex));
}

// RFC 4231 §4.2, §4.3 and §4.7 (a key longer than the block).
TEST(HmacSha256, GivesTheDigestsOfRfc4231)
{
    EXPECT_EQ(bytes(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))),
              Bytes("b0344c61d8db38535ca8afceaf0bf12b 881dc200c9833da726e9376c2e32cff7"_hex));
    EXPECT_EQ(bytes(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
              Bytes("5bdcc146bf60754e6a042426089575c7 5a003f089d2739839dec58b964ec3843"_hex));
    EXPECT_EQ(bytes(hmac_sha256(Bytes(131, 0xaa),
                                as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              Bytes("60e431591ee0b67f0d8a26aacbf5b77f 8e0bc6213728c5140546040f0ee37f54"_hex));
}

TEST(HmacSha256, TakesAnEmptyKeyAndAnEmptyMessage)
{
    EXPECT_EQ(bytes(hmac_sha256({}, {})),
              Bytes("b613679a0814d9ec772f95d778c35fc5 ff1697c493715653c6c712144292c5ad"_hex));
}

TEST(EqualInConstantTime, ComparesLengthAndEveryByte)
{
    EXPECT_TRUE(equal_in_constant_time({}, {}));
    EXPECT_TRUE(equal_in_constant_time("010203"_hex, "010203"_hex));
    EXPECT_FALSE(equal_in_constant_time("010203"_hex, "010204"_hex));
    EXPECT_FALSE(equal_in_constant_time("110203"_hex, "010203"_hex));
    EXPECT_FALSE(equal_in_constant_time("010203"_hex, "0102"_hex));
}

// RFC 1321, appendix A.5.
TEST(Md5, GivesTheDigestsOfTheStandard)
{
    const auto digest = [](std::string_view text) {
        const auto made = md5(as_bytes(text));
        return Bytes{made.begin(), made.end()};
    };
    EXPECT_EQ(digest(""), Bytes("d41d8cd98f00b204e9800998ecf8427e"_hex));
    EXPECT_EQ(digest("abc"), Bytes("900150983cd24fb0d6963f7d28e17f72"_hex));
    EXPECT_EQ(digest("message digest"), Bytes("f96b697d7cb7938d525a2f31aaf161d0"_hex));
}

} // namespace
} // namespace millrace::crypto
