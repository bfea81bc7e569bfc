#include "../vectors/rtmpe_keys.hpp"
#include "digest_block.hpp"
#include "key_agreement.hpp"
#include "signature_cipher.hpp"
#include <millrace/crypto/hash.hpp>
#include <millrace/rtmp/cipher.hpp>
#include <millrace/rtmp/handshake.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using enum HandshakeVersion;

template <class Array>
Bytes bytes_of(const Array& array)
{
    return {array.begin(), array.end()};
}

/// Secrets are that byte all over; other spans are filled with something.
RandomFill with_secret(std::uint8_t secret)
{
    return [=](std::span<std::uint8_t> out) {
        std::uint8_t next = 7;
        for (auto& byte : out) {
            byte = out.size() == crypto::kDhSecretBytes ? secret
                                                        : next = static_cast<std::uint8_t>(next * 5 + 3);
        }
    };
}

Bytes wire_of(OutputCipher cipher, Bytes bytes)
{
    cipher.apply(bytes);
    return bytes;
}

crypto::DhValue value_of(ByteView bytes)
{
    crypto::DhValue value{};
    std::ranges::copy(bytes, value.begin());
    return value;
}

// V2.
TEST(RtmpeKeys, AreThoseOfTheVector)
{
    const Bytes client(64, 0x11);
    const Bytes server(64, 0x22);
    EXPECT_EQ(bytes_of(crypto::dh_public_key(client)), bytes_of(vectors::kRtmpeClientKey));
    EXPECT_EQ(bytes_of(crypto::dh_public_key(server)), bytes_of(vectors::kRtmpeServerKey));
    const auto shared = crypto::dh_shared_secret(client, vectors::kRtmpeServerKey);
    ASSERT_TRUE(shared);
    EXPECT_EQ(bytes_of(*shared), bytes_of(vectors::kRtmpeShared));
    EXPECT_EQ(shared, crypto::dh_shared_secret(server, vectors::kRtmpeClientKey));

    const auto keys = stream_keys(*shared, vectors::kRtmpeServerKey, vectors::kRtmpeClientKey);
    EXPECT_EQ(bytes_of(keys.in), bytes_of(vectors::kRtmpeToServer));
    EXPECT_EQ(bytes_of(keys.out), bytes_of(vectors::kRtmpeToClient));
    EXPECT_EQ(wire_of(OutputCipher{keys.in}, Bytes(16)), bytes_of(vectors::kRtmpeToServerStream));
    EXPECT_EQ(wire_of(OutputCipher{keys.out}, Bytes(16)), bytes_of(vectors::kRtmpeToClientStream));
    EXPECT_EQ(wire_of(OutputCipher{keys.in}, "0300000000008c14"_hex), Bytes("02662253b7a4aa1e"_hex));
}

// V3.
TEST(RtmpeSignature, IsEncipheredAsInTheVectorWithVersions8And9)
{
    crypto::Digest256 plain{};
    crypto::Digest256 key{};
    for (std::size_t i = 0; i < plain.size(); ++i) {
        plain[i] = static_cast<std::uint8_t>(i);
        key[i] = static_cast<std::uint8_t>(3 * i + 5);
    }
    const auto enciphered = [&](HandshakeVersion version) {
        auto signature = plain;
        encipher_signature(signature, key, version);
        return bytes_of(signature);
    };
    EXPECT_EQ(enciphered(rtmpe_xtea),
              Bytes("b4cb855c172482f611c5aa2962f3d0696994658ed1429466961d6200dbbcc34f"_hex));
    EXPECT_EQ(enciphered(rtmpe_blowfish),
              Bytes("1d25cc9bde471da48ecdef55815db9712ab70b1588e5f4574adfa427bb997ab1"_hex));
    EXPECT_EQ(enciphered(rtmpe), bytes_of(plain));
    EXPECT_EQ(enciphered(HandshakeVersion::plain), bytes_of(plain));
}

/// Both sides shake hands, each byte alone.
void converse(ClientHandshake& client, ServerHandshake& server)
{
    const auto carry = [](const Bytes& bytes, auto& to) {
        for (const std::uint8_t byte : bytes) {
            const auto taken = to.feed(ByteView{&byte, 1});
            ASSERT_TRUE(taken) << taken.error().message();
            ASSERT_EQ(*taken, 1U);
        }
    };
    carry(client.take_output(), server);
    carry(server.take_output(), client);
    carry(client.take_output(), server);
    EXPECT_TRUE(client.done());
    EXPECT_TRUE(server.done());
}

class RtmpeHandshakes : public ::testing::TestWithParam<std::tuple<HandshakeVersion, DigestLayout>> {};
INSTANTIATE_TEST_SUITE_P(All, RtmpeHandshakes,
                         ::testing::Combine(::testing::Values(rtmpe, rtmpe_xtea, rtmpe_blowfish),
                                            ::testing::Values(DigestLayout::d8, DigestLayout::d772)));

TEST_P(RtmpeHandshakes, AgreeOnTheKeysOfTheVectorInBothRoles)
{
    const auto [version, layout] = GetParam();
    ClientHandshake client{with_secret(0x11), layout, version};
    ServerHandshake server{with_secret(0x22), true};
    converse(client, server);
    EXPECT_TRUE(client.encrypted());
    EXPECT_TRUE(server.encrypted());
    ASSERT_TRUE(server.keys());
    EXPECT_EQ(bytes_of(server.keys()->in), bytes_of(vectors::kRtmpeToServer));
    EXPECT_EQ(bytes_of(server.keys()->out), bytes_of(vectors::kRtmpeToClient));
    ASSERT_TRUE(client.keys());
    EXPECT_EQ(client.keys()->in, server.keys()->out);
    EXPECT_EQ(client.keys()->out, server.keys()->in);
    EXPECT_EQ(client.swf_challenge(), server.swf_challenge());
}

// FFmpeg, when it publishes, takes the server's key from layout D8 whatever its own layout is.
TEST_P(RtmpeHandshakes, AreAnsweredInLayoutD8WithTheVersionAskedFor)
{
    const auto [version, layout] = GetParam();
    ClientHandshake client{with_secret(0x11), layout, version};
    ServerHandshake server{with_secret(0x22), true};
    const Bytes hello = client.take_output();
    EXPECT_EQ(hello.front(), static_cast<std::uint8_t>(version));
    EXPECT_EQ(bytes_of(key_of(ByteView{hello}.subspan(1), layout)), bytes_of(vectors::kRtmpeClientKey));
    ASSERT_TRUE(server.feed(hello));
    const Bytes out = server.take_output();
    ASSERT_EQ(out.size(), 1 + 2 * kHandshakeBlock);
    EXPECT_EQ(out.front(), static_cast<std::uint8_t>(version));
    const auto s1 = ByteView{out}.subspan(1, kHandshakeBlock);
    std::array<std::uint8_t, 32> digest{};
    EXPECT_EQ(find_digest(s1, server_digest_key(), digest), DigestLayout::d8);
    EXPECT_EQ(bytes_of(key_of(s1, DigestLayout::d8)), bytes_of(vectors::kRtmpeServerKey));
    EXPECT_TRUE(std::ranges::equal(server.swf_challenge(), s1.last(32)));
}

TEST_P(RtmpeHandshakes, SignC2AndS2EncipheredByTheirVersion)
{
    const auto [version, layout] = GetParam();
    ClientHandshake client{with_secret(0x11), layout, version};
    ServerHandshake server{with_secret(0x22), true};
    const Bytes hello = client.take_output();
    ASSERT_TRUE(server.feed(hello));
    const Bytes answer = server.take_output();
    ASSERT_TRUE(client.feed(answer));
    const Bytes c2 = client.take_output();
    const auto check = [&, version = version](ByteView block, ByteView key, ByteView peer,
                                              ByteView peer_key) {
        std::array<std::uint8_t, 32> digest{};
        ASSERT_NE(find_digest(peer, peer_key, digest), DigestLayout::none);
        const auto once = crypto::hmac_sha256(key, digest);
        auto signature = crypto::hmac_sha256(once, block.first(kSignatureAt));
        encipher_signature(signature, once, version);
        EXPECT_TRUE(std::ranges::equal(block.last(32), signature));
    };
    check(c2, player_key(), ByteView{answer}.subspan(1, kHandshakeBlock), server_digest_key());
    check(ByteView{answer}.last(kHandshakeBlock), server_key(), ByteView{hello}.subspan(1),
          player_digest_key());
}

/// C0 C1 with that key inside, or S0 S1.
Bytes hello_with(ByteView key, DigestLayout layout, ByteView digest_key)
{
    Bytes hello(1 + kHandshakeBlock, 0x33);
    hello.front() = 6;
    const auto block = std::span{hello}.subspan(1);
    std::ranges::copy(key, block.subspan(key_offset(block, layout)).begin());
    put_digest(block, layout, digest_key);
    return hello;
}

Bytes number(std::uint8_t value)
{
    Bytes padded(128);
    padded.back() = value;
    return padded;
}

TEST(RtmpeHandshake, RefusesKeysOutOfRangeInBothRoles)
{
    for (const auto& key : {number(0), number(1), Bytes(128, 0xff)}) {
        ServerHandshake server{with_secret(0x22), true};
        const auto fed = server.feed(hello_with(key, DigestLayout::d772, player_digest_key()));
        ASSERT_FALSE(fed);
        EXPECT_EQ(fed.error(), make_error_code(Errc::bad_public_key));
        EXPECT_EQ(server.feed({}).error(), make_error_code(Errc::bad_public_key));
        EXPECT_TRUE(server.take_output().empty());

        ClientHandshake client{with_secret(0x11), DigestLayout::d8, rtmpe};
        client.take_output();
        const auto answered = client.feed(hello_with(key, DigestLayout::d8, server_digest_key()));
        ASSERT_FALSE(answered);
        EXPECT_EQ(answered.error(), make_error_code(Errc::bad_public_key));
        EXPECT_TRUE(client.take_output().empty());
    }
}

TEST(RtmpeHandshake, NeedsADigestToFindTheKeyInBothRoles)
{
    auto hello = hello_with(vectors::kRtmpeClientKey, DigestLayout::d8, player_digest_key());
    hello.back() ^= 1U;
    ServerHandshake server{with_secret(0x22), true};
    EXPECT_EQ(server.feed(hello).error(), make_error_code(Errc::no_digest));
    EXPECT_TRUE(server.take_output().empty());
    ClientHandshake client{with_secret(0x11), DigestLayout::d8, rtmpe};
    client.take_output();
    EXPECT_EQ(client.feed(hello).error(), make_error_code(Errc::no_digest));
}

TEST(RtmpeHandshake, ClientReadsTheServersKeyInBothLayouts)
{
    for (const auto layout : {DigestLayout::d8, DigestLayout::d772}) {
        ClientHandshake client{with_secret(0x11), DigestLayout::d772, rtmpe};
        client.take_output();
        ASSERT_TRUE(client.feed(hello_with(vectors::kRtmpeServerKey, layout, server_digest_key())));
        ASSERT_TRUE(client.keys());
        EXPECT_EQ(bytes_of(client.keys()->in), bytes_of(vectors::kRtmpeToClient));
        EXPECT_EQ(client.layout(), layout);
    }
}

TEST(RtmpeHandshake, ClientFollowsTheServerToAnotherVersionOfRtmpeButNeverToPlainRtmp)
{
    auto answer = hello_with(vectors::kRtmpeServerKey, DigestLayout::d8, server_digest_key());
    for (const auto version : std::initializer_list<std::uint8_t>{6, 8, 9, 3, 0, 31}) {
        SCOPED_TRACE(int{version});
        answer.front() = version;
        ClientHandshake client{with_secret(0x11), DigestLayout::d772, rtmpe};
        client.take_output();
        const auto fed = client.feed(answer);
        if (version == 6 || version == 8 || version == 9) {
            EXPECT_TRUE(fed);
        } else {
            ASSERT_FALSE(fed);
            EXPECT_EQ(fed.error(), make_error_code(Errc::not_encrypted));
            EXPECT_TRUE(client.take_output().empty());
        }
    }
}

TEST(RtmpeHandshake, ClientHasADigestEvenWhenNoneIsAskedFor)
{
    ClientHandshake client{with_secret(0x11), DigestLayout::none, rtmpe};
    EXPECT_EQ(client.layout(), DigestLayout::d772);
}

/// Gives one secret after the other.
struct Secrets {
    std::vector<Bytes> waiting;
    std::size_t given = 0;

    RandomFill fill()
    {
        return [this](std::span<std::uint8_t> out) {
            const auto& secret = waiting[std::min(given++, waiting.size() - 1)];
            std::ranges::copy(secret, out.begin());
        };
    }
};

Bytes secret_number(unsigned value)
{
    Bytes secret(crypto::kDhSecretBytes, 0x22);
    secret[62] = static_cast<std::uint8_t>(value >> 8U);
    secret[63] = static_cast<std::uint8_t>(value);
    return secret;
}

template <class Predicate>
Bytes find_secret(Predicate predicate)
{
    unsigned value = 0;
    while (!predicate(secret_number(value))) {
        ++value;
    }
    return secret_number(value);
}

// FFmpeg and librtmp disagree with themselves about the zeros before a short secret.
TEST(RtmpeKeys, AreDrawnAgainWhileTheSharedSecretBeginsWithZero)
{
    const auto peer = value_of(vectors::kRtmpeClientKey);
    const auto unlucky = find_secret([&](const Bytes& secret) {
        return crypto::dh_shared_secret(secret, peer)->front() == 0 &&
               crypto::dh_public_key(secret).front() != 0;
    });
    Secrets secrets{{unlucky, unlucky, Bytes(64, 0x22)}};
    const auto agreed = agree(peer, secrets.fill());
    ASSERT_TRUE(agreed);
    EXPECT_EQ(secrets.given, 3U);
    EXPECT_EQ(bytes_of(agreed->key), bytes_of(vectors::kRtmpeServerKey));
}

TEST(RtmpeKeys, AreDrawnAgainWhileOurKeyBeginsWithZero)
{
    const auto unlucky =
        find_secret([](const Bytes& secret) { return crypto::dh_public_key(secret).front() == 0; });
    Secrets secrets{{unlucky, Bytes(64, 0x11)}};
    const auto drawn = draw_key_pair(secrets.fill());
    ASSERT_TRUE(drawn);
    EXPECT_EQ(secrets.given, 2U);
    EXPECT_EQ(bytes_of(drawn->key), bytes_of(vectors::kRtmpeClientKey));
}

TEST(RtmpeHandshake, GivesUpOnARandomSourceThatGivesNoKey)
{
    ServerHandshake server{with_secret(0), true};
    const auto hello = hello_with(vectors::kRtmpeClientKey, DigestLayout::d8, player_digest_key());
    EXPECT_EQ(server.feed(hello).error(), make_error_code(Errc::no_key_agreed));
    ClientHandshake client{with_secret(0), DigestLayout::d8, rtmpe};
    EXPECT_TRUE(client.take_output().empty());
    EXPECT_EQ(client.feed({}).error(), make_error_code(Errc::no_key_agreed));
}

} // namespace
} // namespace millrace::rtmp
