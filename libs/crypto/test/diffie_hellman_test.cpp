#include <millrace/crypto/diffie_hellman.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::crypto {
namespace {

using namespace testing::literals;

// RFC 2409 §6.2.
constexpr auto kPrime = R"(
    ffffffffffffffff c90fdaa22168c234 c4c6628b80dc1cd1 29024e088a67cc74 020bbea63b139b22 514a08798e3404dd
    ef9519b3cd3a431b 302b0a6df25f1437 4fe1356d6d51c245 e485b576625e7ec6 f44c42e9a637ed6b 0bff5cb6f406b7ed
    ee386bfb5a899fa5 ae9f24117c4b1fe6 49286651ece65381 ffffffffffffffff
)"_hex;

/// p - count.
Bytes below_prime(std::uint8_t count)
{
    Bytes value{kPrime.begin(), kPrime.end()};
    value.back() = static_cast<std::uint8_t>(value.back() - count);
    return value;
}

Bytes small(std::uint8_t value)
{
    Bytes padded(128);
    padded.back() = value;
    return padded;
}

TEST(DiffieHellman, MakesTheSameSecretOnBothSides)
{
    const Bytes ours(kDhSecretBytes, 0x11);
    const Bytes theirs(kDhSecretBytes, 0x22);
    const auto shared = dh_shared_secret(ours, dh_public_key(theirs));
    ASSERT_TRUE(shared);
    EXPECT_EQ(shared, dh_shared_secret(theirs, dh_public_key(ours)));
}

TEST(DiffieHellman, RaisesTwoToTheSecret)
{
    const auto key = dh_public_key(small(9));
    EXPECT_EQ((Bytes{key.begin(), key.end()}), [] {
        Bytes expected(128);
        expected[126] = 2; // 2^9
        return expected;
    }());
}

TEST(DiffieHellman, TakesKeysFrom2ToPMinus2Alone)
{
    const Bytes secret(kDhSecretBytes, 0x11);
    for (const auto& bad : {small(0), small(1), below_prime(1), below_prime(0), Bytes(128, 0xff)}) {
        EXPECT_FALSE(dh_shared_secret(secret, bad));
    }
    EXPECT_TRUE(dh_shared_secret(secret, small(2)));
    EXPECT_TRUE(dh_shared_secret(secret, below_prime(2)));
}

} // namespace
} // namespace millrace::crypto
