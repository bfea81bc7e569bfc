#include <millrace/crypto/aes_decrypt.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::crypto {
namespace {

using namespace testing::literals;

// openssl enc -aes-128-cbc of "transport stream" and of "cut".
constexpr std::array<std::uint8_t, 16> kKey{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr std::array<std::uint8_t, 16> kIv{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};

TEST(AesDecrypt, GivesWhatWasEnciphered)
{
    const auto plain =
        aes128_cbc_decrypt(kKey, kIv, "ad1092e2276a134aa620ca8b4e794eb06ce2c7a03e596299662e85d7ff7a1a7e"_hex);
    ASSERT_TRUE(plain);
    EXPECT_EQ(as_text(*plain), "transport stream");
    EXPECT_EQ(as_text(*aes128_cbc_decrypt(kKey, kIv, "b138359c26fdbebde068856b32cea5ed"_hex)), "cut");
}

TEST(AesDecrypt, NoticesAnotherKeyAndWhatIsCut)
{
    auto other = kKey;
    other[0] = 1;
    EXPECT_FALSE(aes128_cbc_decrypt(other, kIv, "b138359c26fdbebde068856b32cea5ed"_hex));
    EXPECT_FALSE(aes128_cbc_decrypt(kKey, kIv, "0011"_hex));
    EXPECT_FALSE(aes128_cbc_decrypt(kKey, kIv, {}));
}

} // namespace
} // namespace millrace::crypto
