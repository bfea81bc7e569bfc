#include "../vectors/ffmpeg_c0c1.hpp"
#include "digest_block.hpp"
#include "key_agreement.hpp"
#include <millrace/crypto/hash.hpp>
#include <millrace/rtmp/handshake.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;

Bytes ramp(unsigned factor, unsigned start)
{
    Bytes block(kHandshakeBlock);
    for (std::size_t i = 0; i < block.size(); ++i) {
        block[i] = static_cast<std::uint8_t>(factor * i + start);
    }
    return block;
}

/// Gives the end of the ramp, so that a block whose first 8 bytes are written by others looks as if filled
/// whole.
RandomFill ramp_fill(unsigned factor, unsigned start)
{
    return [=](std::span<std::uint8_t> out) {
        const auto block = ramp(factor, start);
        std::copy(block.end() - static_cast<std::ptrdiff_t>(out.size()), block.end(), out.begin());
    };
}

Bytes part(ByteView bytes, std::size_t at, std::size_t count)
{
    return to_bytes(bytes.subspan(at, count));
}

Bytes hash(ByteView bytes)
{
    const auto digest = crypto::sha256(bytes);
    return {digest.begin(), digest.end()};
}

struct Vector {
    DigestLayout layout = {};
    Bytes c1_start;
    std::size_t c1_digest_at = 0;
    std::size_t c1_key_at = 0;
    Bytes c1_digest;
    std::size_t s1_digest_at = 0;
    std::size_t s1_key_at = 0;
    Bytes s1_digest;
    Bytes s2_key; ///< Of the signature: made of the digest of C1.
    Bytes s2_signature;
    Bytes c2_key;
    Bytes c2_signature;
    Bytes c1_hash;
    Bytes s1_hash;
};

// V1a and V1b. Computed by an independent script, HMACs checked with a second implementation. The blocks are
// filled with C1[i] = 7i+3, S1[i] = 5i+1, S2[i] = 11i+9, C2[i] = 13i+4; then their first 8 bytes and the
// digests are written.
const Vector kD8{
    .layout = DigestLayout::d8,
    .c1_start = "00000001 80000702"_hex,
    .c1_digest_at = 290,
    .c1_key_at = 1106,
    .c1_digest = "457922c6bbdfc513ac1d4643039a39fbfcb5300c24d02e4e763aeb0c4f6add4c"_hex,
    .s1_digest_at = 206,
    .s1_key_at = 1118,
    .s1_digest = "fe9d7699f11c25cf368204d5eea95a424d9cd85aa7c522fa16b2b89c331d018d"_hex,
    .s2_key = "4293903ce9f4a408e0107dc7ea0517635d84cd9c723e672318747f6ce0aa7c35"_hex,
    .s2_signature = "43eb3392a3c58a149438219c1492c634fa091d05e2176401fb5fe17c01df9b5a"_hex,
    .c2_key = "24cca2fe7ee7276077f50168b34c86fb8cb2e740508f4c34a4c8ff1f17fe8994"_hex,
    .c2_signature = "0b46da5875de2fb8ee3234d6c97f5d5fec59472b3265738e5ae99906d75da23c"_hex,
    .c1_hash = "def238e2ef8c76ad421dae7123db98285bd8b28f8bf6049f97d969cb4c4509dc"_hex,
    .s1_hash = "90c798409a983d9618dbfc60165d07b7ac25de8d306bf6571806c0c0ae8a4ce0"_hex,
};
const Vector kD772{
    .layout = DigestLayout::d772,
    .c1_start = "00000001 80000302"_hex,
    .c1_digest_at = 942,
    .c1_key_at = 62,
    .c1_digest = "2edfe1c55e3f993c5ea2917bbccf191ef3adff4884af606e5293683a6f0faa40"_hex,
    .s1_digest_at = 890,
    .s1_key_at = 42,
    .s1_digest = "51baa99410097c6273bfc7ac69de9a547dd4fc2049d3ba901bae13bf486dbb13"_hex,
    .s2_key = "1f8afd220c7b6942a3fdb46a7f79d0b1485df0433bb52a841177c29d161079b1"_hex,
    .s2_signature = "6ca3ddfb79dee868b28a6b2ba6647fcf37e69e42865e1cf396600d82b75e9096"_hex,
    .c2_key = "3c9e1cf511bb3705488ec05939b00e392465211c05df3b5198dafcbfc5e0736e"_hex,
    .c2_signature = "24083894df6f8200218c05a7a7a335816ad8f76582074b40c29d1d44d1aa03cb"_hex,
    .c1_hash = "e0bf90f8bdf00e6431a36deab00166aa4dbfc27944992912d2930461067d0219"_hex,
    .s1_hash = "131b3b726e0b0bfe72da4f3c40825c9f7e6642781df330bcdac4f2410662279a"_hex,
};

Bytes c1_of(const Vector& vector)
{
    Bytes block = ramp(7, 3);
    std::ranges::copy(vector.c1_start, block.begin());
    put_digest(block, vector.layout, player_digest_key());
    return block;
}

Bytes s1_of(const Vector& vector)
{
    constexpr auto kStart = "00000002 05000101"_hex;
    Bytes block = ramp(5, 1);
    std::ranges::copy(kStart, block.begin());
    put_digest(block, vector.layout, server_digest_key());
    return block;
}

Bytes with_version(std::uint8_t version, const Bytes& block)
{
    Bytes out{version};
    out.insert(out.end(), block.begin(), block.end());
    return out;
}

class HandshakeVectors : public ::testing::TestWithParam<Vector> {};
INSTANTIATE_TEST_SUITE_P(Layouts, HandshakeVectors, ::testing::Values(kD8, kD772), [](const auto& layout) {
    return layout.param.layout == DigestLayout::d8 ? "D8" : "D772";
});

TEST_P(HandshakeVectors, PutTheDigestWhereTheVectorsHaveIt)
{
    const Vector& vector = GetParam();
    const Bytes c1 = c1_of(vector);
    EXPECT_EQ(digest_offset(c1, vector.layout), vector.c1_digest_at);
    EXPECT_EQ(part(c1, vector.c1_digest_at, 32), vector.c1_digest);
    EXPECT_EQ(hash(c1), vector.c1_hash);
    const Bytes s1 = s1_of(vector);
    EXPECT_EQ(digest_offset(s1, vector.layout), vector.s1_digest_at);
    EXPECT_EQ(part(s1, vector.s1_digest_at, 32), vector.s1_digest);
    EXPECT_EQ(hash(s1), vector.s1_hash);
    EXPECT_EQ(key_offset(c1, vector.layout), vector.c1_key_at);
    EXPECT_EQ(key_offset(s1, vector.layout), vector.s1_key_at);
}

TEST_P(HandshakeVectors, SignWithAKeyMadeOfThePeersDigest)
{
    const Vector& vector = GetParam();
    const auto check = [](ByteView key, ByteView digest, const Bytes& once, Bytes block,
                          const Bytes& signature) {
        EXPECT_EQ(to_bytes(crypto::hmac_sha256(key, digest)), once);
        sign(block, key, digest);
        EXPECT_EQ(part(block, kSignatureAt, kDigestBytes), signature);
    };
    check(server_key(), vector.c1_digest, vector.s2_key, ramp(11, 9), vector.s2_signature);
    check(player_key(), vector.s1_digest, vector.c2_key, ramp(13, 4), vector.c2_signature);
}

TEST_P(HandshakeVectors, FindTheDigestAgainOnlyWithItsKeyAndOnlyWhenNothingWasChanged)
{
    const Vector& vector = GetParam();
    std::array<std::uint8_t, 32> digest{};
    Bytes c1 = c1_of(vector);
    EXPECT_EQ(find_digest(c1, player_digest_key(), digest), vector.layout);
    EXPECT_EQ(to_bytes(digest), vector.c1_digest);
    EXPECT_EQ(find_digest(c1, server_digest_key(), digest), DigestLayout::none);
    c1.back() ^= 1U;
    EXPECT_EQ(find_digest(c1, player_digest_key(), digest), DigestLayout::none);
}

TEST_P(HandshakeVectors, ServerAnswersInTheClientsLayoutAndSignsS2)
{
    const Vector& vector = GetParam();
    ServerHandshake server{ramp_fill(11, 9)};
    ASSERT_TRUE(server.feed(with_version(3, c1_of(vector))));
    EXPECT_EQ(server.layout(), vector.layout);
    const Bytes out = server.take_output();
    ASSERT_EQ(out.size(), 1 + 2 * kHandshakeBlock);
    EXPECT_EQ(out.front(), 3);
    const auto s1 = ByteView{out}.subspan(1, kHandshakeBlock);
    EXPECT_GE(s1[4], 3); // FFmpeg looks for a digest from here on
    std::array<std::uint8_t, 32> digest{};
    EXPECT_EQ(find_digest(s1, server_digest_key(), digest), vector.layout);
    EXPECT_EQ(part(out, 1 + kHandshakeBlock + kSignatureAt, 32), vector.s2_signature);
}

TEST_P(HandshakeVectors, ClientSignsC2AsSoonAsS1IsIn)
{
    const Vector& vector = GetParam();
    ClientHandshake client{ramp_fill(13, 4), vector.layout};
    EXPECT_EQ(client.take_output().size(), 1 + kHandshakeBlock);
    const auto taken = client.feed(with_version(3, s1_of(vector)));
    ASSERT_TRUE(taken);
    EXPECT_EQ(*taken, 1 + kHandshakeBlock);
    const Bytes c2 = client.take_output();
    ASSERT_EQ(c2.size(), kHandshakeBlock);
    EXPECT_EQ(part(c2, kSignatureAt, 32), vector.c2_signature);
    EXPECT_FALSE(client.done());
    ASSERT_TRUE(client.feed(Bytes(kHandshakeBlock)));
    EXPECT_TRUE(client.done());
}

// The random bytes of our C1 stand for those of a peer: both roles, all layouts.
class HandshakeLayouts : public ::testing::TestWithParam<DigestLayout> {};
INSTANTIATE_TEST_SUITE_P(All, HandshakeLayouts,
                         ::testing::Values(DigestLayout::none, DigestLayout::d8, DigestLayout::d772));

TEST_P(HandshakeLayouts, ServerAndClientUnderstandEachOtherByteByByte)
{
    ClientHandshake client{ramp_fill(3, 17), GetParam()};
    ServerHandshake server{ramp_fill(9, 5)};
    const auto carry = [](const Bytes& bytes, auto& to) {
        for (const std::uint8_t byte : bytes) {
            const auto taken = to.feed(ByteView{&byte, 1});
            ASSERT_TRUE(taken);
            ASSERT_EQ(*taken, 1U);
        }
    };
    carry(client.take_output(), server);
    carry(server.take_output(), client);
    EXPECT_EQ(client.layout(), GetParam());
    EXPECT_EQ(server.layout(), GetParam());
    EXPECT_TRUE(client.done());
    EXPECT_FALSE(server.done());
    carry(client.take_output(), server);
    EXPECT_TRUE(server.done());
    const std::uint8_t chunk = 3;
    EXPECT_EQ(*server.feed(ByteView{&chunk, 1}), 0U);
}

TEST_P(HandshakeLayouts, ServerTakesItsBytesAndLeavesTheRestHoweverTheyAreCut)
{
    ClientHandshake client{ramp_fill(3, 17), GetParam()};
    Bytes wire = client.take_output();
    wire.resize(1 + 2 * kHandshakeBlock, 0xcc); // C2
    const std::size_t whole = wire.size();
    wire.insert(wire.end(), {3, 0, 0}); // rtmpdump sends connect in the segment of C2
    for (std::size_t cut = 0; cut <= wire.size(); cut += cut > 16 && cut < wire.size() - 16 ? 13 : 1) {
        SCOPED_TRACE(cut);
        ServerHandshake server{ramp_fill(9, 5)};
        const auto first = server.feed(ByteView{wire}.first(cut));
        ASSERT_TRUE(first);
        EXPECT_EQ(*first, std::min(cut, whole));
        EXPECT_EQ(server.take_output().size(), cut > kHandshakeBlock ? 1 + 2 * kHandshakeBlock : 0);
        const auto second = server.feed(ByteView{wire}.subspan(cut));
        ASSERT_TRUE(second);
        EXPECT_EQ(*first + *second, whole);
        EXPECT_TRUE(server.done());
    }
}

TEST(ServerHandshake, AnswersASimpleClientWithZeroVersionBytesAndItsOwnEcho)
{
    Bytes c1 = ramp(7, 3);
    std::ranges::fill(std::span{c1}.subspan(4, 4), std::uint8_t{0});
    ServerHandshake server{ramp_fill(5, 1)};
    ASSERT_TRUE(server.feed(with_version(3, c1)));
    const Bytes out = server.take_output();
    ASSERT_EQ(out.size(), 1 + 2 * kHandshakeBlock);
    EXPECT_EQ(part(out, 5, 4), Bytes(4)); // FFmpeg looks for a digest when this is a version
    EXPECT_EQ(part(out, 9, kHandshakeBlock - 8), part(ramp(5, 1), 8, kHandshakeBlock - 8));
    EXPECT_EQ(part(out, 1 + kHandshakeBlock, kHandshakeBlock), c1);
    EXPECT_EQ(server.layout(), DigestLayout::none);
}

TEST(ServerHandshake, AnswersAVersionWithoutAValidDigestAsSimple)
{
    Bytes c1 = c1_of(kD8);
    c1.back() ^= 1U;
    ServerHandshake server{ramp_fill(5, 1)};
    ASSERT_TRUE(server.feed(with_version(3, c1)));
    const Bytes out = server.take_output();
    EXPECT_EQ(part(out, 5, 4), Bytes(4));
    EXPECT_EQ(part(out, 1 + kHandshakeBlock, kHandshakeBlock), c1);
}

// V1c.
TEST(ServerHandshake, AnswersFfmpegWithADigest)
{
    const ByteView wire = vectors::kFfmpegC0C1;
    EXPECT_EQ(hash(wire), Bytes("0a95cb7194f06f14a12c986e1474157850a5a2aee174ebc957c0ef56cd9f0ba7"_hex));
    EXPECT_EQ(digest_offset(wire.subspan(1), DigestLayout::d8), 494U);
    std::array<std::uint8_t, 32> digest{};
    EXPECT_EQ(find_digest(wire.subspan(1), player_digest_key(), digest), DigestLayout::d8);
    EXPECT_EQ(to_bytes(digest),
              Bytes("650bfb9b65f953d848e3456965d0d76b627a84e35e9ddabd8b43f0fadaee458c"_hex));
    ServerHandshake server{ramp_fill(11, 9)};
    ASSERT_TRUE(server.feed(wire));
    EXPECT_EQ(server.layout(), DigestLayout::d8);
}

TEST(ServerHandshake, AnswersEachVersionAsItShould)
{
    for (unsigned version = 0; version < 256; ++version) {
        SCOPED_TRACE(version);
        ServerHandshake server{ramp_fill(5, 1)};
        const auto fed = server.feed(with_version(static_cast<std::uint8_t>(version), c1_of(kD8)));
        if (version >= 32) {
            ASSERT_FALSE(fed);
            EXPECT_EQ(fed.error().code(), Errc::not_rtmp);
            EXPECT_EQ(server.feed({}).error().code(), Errc::not_rtmp);
            EXPECT_TRUE(server.take_output().empty());
        } else if (version == 6 || version == 8 || version == 9) {
            ASSERT_FALSE(fed);
            EXPECT_EQ(fed.error().code(), Errc::unsupported_version);
            EXPECT_TRUE(server.take_output().empty());
        } else {
            ASSERT_TRUE(fed);
            EXPECT_EQ(server.take_output().front(), 3);
            EXPECT_EQ(server.layout(), version == 3 ? DigestLayout::d8 : DigestLayout::none);
        }
    }
}

TEST(ClientHandshake, FollowsAServerThatAnswersSimply)
{
    Bytes s1 = ramp(5, 1);
    std::ranges::fill(std::span{s1}.subspan(4, 4), std::uint8_t{0});
    for (const DigestLayout layout : {DigestLayout::none, DigestLayout::d8, DigestLayout::d772}) {
        ClientHandshake client{ramp_fill(3, 17), layout};
        client.take_output();
        ASSERT_TRUE(client.feed(with_version(3, s1)));
        EXPECT_EQ(client.take_output(), s1);
        EXPECT_EQ(client.layout(), DigestLayout::none);
    }
}

TEST(ClientHandshake, FollowsAServerThatAnswersInTheOtherLayout)
{
    ClientHandshake client{ramp_fill(13, 4), DigestLayout::d8};
    client.take_output();
    ASSERT_TRUE(client.feed(with_version(3, s1_of(kD772))));
    EXPECT_EQ(part(client.take_output(), kSignatureAt, 32), kD772.c2_signature);
}

// Quirk: some servers have another version in S0.
TEST(ClientHandshake, SpeaksRtmpWithAServerThatNamesAnotherVersion)
{
    for (const std::uint8_t version : std::initializer_list<std::uint8_t>{0, 2, 7, 31}) {
        ClientHandshake client{ramp_fill(3, 17), DigestLayout::none};
        client.take_output();
        ASSERT_TRUE(client.feed(with_version(version, Bytes(kHandshakeBlock)))) << int{version};
        ASSERT_TRUE(client.feed(Bytes(kHandshakeBlock)));
        EXPECT_TRUE(client.done());
    }
}

TEST(ClientHandshake, RefusesWhatIsNoRtmp)
{
    ClientHandshake client{ramp_fill(3, 17)};
    const auto fed = client.feed(as_bytes("HTTP/1.1 400 Bad Request"));
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code(), Errc::not_rtmp);
    EXPECT_EQ(client.feed({}).error().code(), Errc::not_rtmp);
}

} // namespace
} // namespace millrace::rtmp
