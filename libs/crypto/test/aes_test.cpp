#include <millrace/crypto/aes.hpp>
#include <millrace/crypto/hash.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::crypto {
namespace {

using namespace millrace::testing;

// HLS vector H1: six packets of MPEG-TS, then 18 null packets.
Bytes segment_of_h1()
{
    constexpr auto kPat = "474000100000b00d0001c100000001f0002ab104b2"_hex;
    constexpr auto kPmt = "475000100002b0170001c10000e100f0001be100f0000fe101f0002f44b99b"_hex;
    constexpr auto kV1 = "474100306e50000662c47e00"_hex;
    constexpr auto kV1Rest = R"(
        000001e0000080c00a310037936111003777410000000109f0000000016742c00ada25b011000003000100000300320f1226a0
        0000000168ce0fc8000000016588843a26280c9d75e0)"_hex;
    constexpr auto kA1 = "474101308f00"_hex;
    constexpr auto kA1Rest =
        "000001c000228080052100379361fff14c8001bffc211004608c1cfff14c8001bffc211004608c1c"_hex;
    constexpr auto kV2 = "474100319500"_hex;
    constexpr auto kV2Rest = "000001e0000080c00a310037af8111003793610000000109f000000001419a20268b"_hex;
    constexpr auto kV3 = "474100329500"_hex;
    constexpr auto kV3Rest = "000001e0000080c00a310037cba1110037af810000000109f000000001419a402a8b"_hex;
    constexpr auto kNull = "471fff10"_hex;
    Bytes out;
    const auto packet = [&out](ByteView head, ByteView rest) {
        const auto stuffing = 188 - head.size() - rest.size();
        out.insert(out.end(), head.begin(), head.end());
        out.insert(out.end(), stuffing, 0xff);
        out.insert(out.end(), rest.begin(), rest.end());
    };
    packet(kPat, {});
    packet(kPmt, {});
    packet(kV1, kV1Rest);
    packet(kA1, kA1Rest);
    packet(kV2, kV2Rest);
    packet(kV3, kV3Rest);
    for (int i = 0; i < 18; ++i) {
        packet(kNull, {});
    }
    return out;
}

constexpr Block128 kKey = "000102030405060708090a0b0c0d0e0f"_hex;

TEST(Aes, EnciphersASegmentAsVectorH2aSays)
{
    const auto clear = segment_of_h1();
    constexpr auto kClear = "452eff699d659be3da6ecc62354b119ccdba3bacd8c8e17d50c8a3969f14f0cc"_hex;
    ASSERT_TRUE(std::ranges::equal(sha256(clear), kClear));
    Block128 iv{};
    iv.back() = 7; // The media sequence number.
    const std::array views{ByteView{clear}};
    const auto secret = aes128_cbc_encrypt(kKey, iv, views);
    EXPECT_EQ(secret.size(), 4528U);
    constexpr auto kHash = "2f96c0aaf0ef3a273fda3425bf5280057a0bd48f23307ea8bd7ef8dc30e440d7"_hex;
    EXPECT_TRUE(std::ranges::equal(sha256(secret), kHash));
}

TEST(Aes, EnciphersASegmentAsVectorH2bSaysHoweverItIsCut)
{
    const auto clear = segment_of_h1();
    constexpr Block128 kIv = "0123456789abcdef0123456789abcdef"_hex;
    constexpr auto kHash = "bd0a51d2022e5732aa035e5e5fca2fa13ddf0bc02685b9314f322c3830e1d713"_hex;
    for (const std::size_t cut : {0U, 1U, 15U, 16U, 17U, 188U, 4000U, 4512U}) {
        SCOPED_TRACE(cut);
        const std::array views{ByteView{clear}.first(cut), ByteView{clear}.subspan(cut)};
        EXPECT_TRUE(std::ranges::equal(sha256(aes128_cbc_encrypt(kKey, kIv, views)), kHash));
    }
}

TEST(Aes, PadsNothingToABlock)
{
    EXPECT_EQ(aes128_cbc_encrypt(kKey, {}, {}).size(), 16U);
}

} // namespace
} // namespace millrace::crypto
