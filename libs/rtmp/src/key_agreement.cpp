#include "key_agreement.hpp"

#include <millrace/crypto/hash.hpp>

#include <algorithm>

namespace millrace::rtmp {

namespace {

constexpr std::size_t kKeyBytes = 128;
constexpr std::size_t kUnusedStream = 1536;
constexpr std::string_view kClause = "RTMPE key agreement, RFC 2409 §6.2";

std::array<std::uint8_t, 16> stream_key(const crypto::DhValue& shared, ByteView public_key)
{
    std::array<std::uint8_t, 16> key{};
    const auto digest = crypto::hmac_sha256(shared, public_key);
    std::copy_n(digest.begin(), key.size(), key.begin());
    return key;
}

} // namespace

std::optional<HandshakeVersion> rtmpe_version(std::uint8_t byte)
{
    using enum HandshakeVersion;
    for (const auto version : {rtmpe, rtmpe_xtea, rtmpe_blowfish}) {
        if (byte == static_cast<std::uint8_t>(version)) {
            return version;
        }
    }
    return std::nullopt;
}

// d8   := time:u32 version:u32 … offset:u8*4 at 1532   key at sum(offset) % 632 + 772
// d772 := time:u32 version:u32 … offset:u8*4 at 768    key at sum(offset) % 632 + 8
std::size_t key_offset(ByteView block, DigestLayout layout)
{
    const std::size_t at = layout == DigestLayout::d8 ? 1532 : 768;
    const unsigned sum = block[at] + block[at + 1] + block[at + 2] + block[at + 3];
    return sum % 632 + (layout == DigestLayout::d8 ? 772 : 8);
}

ByteView key_of(ByteView block, DigestLayout layout)
{
    return block.subspan(key_offset(block, layout), kKeyBytes);
}

Result<KeyPair> draw_key_pair(const RandomFill& random)
{
    KeyPair pair{Bytes(crypto::kDhSecretBytes), {}};
    for (int i = 0; i < kKeyTries; ++i) {
        random(pair.secret);
        pair.key = crypto::dh_public_key(pair.secret);
        if (pair.key.front() != 0) {
            return pair;
        }
    }
    return Unexpected{Errc::no_key_agreed, kClause};
}

StreamKeys stream_keys(const crypto::DhValue& shared, ByteView own_key, ByteView peer_key)
{
    return {.out = stream_key(shared, peer_key), .in = stream_key(shared, own_key)};
}

Result<Agreement> agree(ByteView client_key, const RandomFill& random)
{
    for (int i = 0; i < kKeyTries; ++i) {
        const auto own = draw_key_pair(random);
        if (!own) {
            return Unexpected{own.error()};
        }
        const auto shared = crypto::dh_shared_secret(own->secret, client_key);
        if (!shared) {
            return Unexpected{Errc::bad_public_key, kClause};
        }
        // Quirk: FFmpeg and librtmp over OpenSSL put the zeros of a short secret behind it, not in front.
        if (shared->front() != 0) {
            return Agreement{own->key, stream_keys(*shared, own->key, client_key)};
        }
    }
    return Unexpected{Errc::no_key_agreed, kClause};
}

Result<StreamKeys> conclude(const KeyPair& own, ByteView server_key)
{
    const auto shared = crypto::dh_shared_secret(own.secret, server_key);
    if (!shared) {
        return Unexpected{Errc::bad_public_key, kClause};
    }
    return stream_keys(*shared, own.key, server_key);
}

crypto::Rc4 begin_stream(ByteView key)
{
    crypto::Rc4 stream{key};
    stream.skip(kUnusedStream);
    return stream;
}

} // namespace millrace::rtmp
