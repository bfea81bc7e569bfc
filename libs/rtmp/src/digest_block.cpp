#include "digest_block.hpp"

#include "signature_cipher.hpp"
#include <millrace/crypto/hash.hpp>

#include <algorithm>

namespace millrace::rtmp {

namespace {

// "Genuine Adobe Flash Player 001" or "Genuine Adobe Flash Media Server 001", then 32 bytes common to both.
template <std::size_t N>
consteval auto genuine(const char (&text)[N])
{
    constexpr std::array<std::uint8_t, 32> kTail{
        0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57,
        0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae};
    std::array<std::uint8_t, N - 1 + kTail.size()> key{};
    std::copy_n(text, N - 1, key.begin());
    std::ranges::copy(kTail, key.begin() + (N - 1));
    return key;
}

constexpr auto kPlayerKey = genuine("Genuine Adobe Flash Player 001");
constexpr auto kServerKey = genuine("Genuine Adobe Flash Media Server 001");

crypto::Digest256 digest_of(ByteView block, std::size_t offset, ByteView key)
{
    Bytes rest;
    rest.reserve(kSignatureAt);
    rest.insert(rest.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(offset));
    rest.insert(rest.end(), block.begin() + static_cast<std::ptrdiff_t>(offset + kDigestBytes), block.end());
    return crypto::hmac_sha256(key, rest);
}

} // namespace

ByteView player_key()
{
    return kPlayerKey;
}

ByteView player_digest_key()
{
    return player_key().first(30);
}

ByteView server_key()
{
    return kServerKey;
}

ByteView server_digest_key()
{
    return server_key().first(36);
}

// d8   := time:u32 version:u32 offset:u8*4 data              digest at sum(offset) % 728 + 12
// d772 := time:u32 version:u32 data:u8*764 offset:u8*4 data  digest at sum(offset) % 728 + 776
std::size_t digest_offset(ByteView block, DigestLayout layout)
{
    const std::size_t at = layout == DigestLayout::d8 ? 8 : 772;
    const unsigned sum = block[at] + block[at + 1] + block[at + 2] + block[at + 3];
    return at + 4 + sum % 728;
}

void put_digest(std::span<std::uint8_t> block, DigestLayout layout, ByteView key)
{
    const std::size_t offset = digest_offset(block, layout);
    std::ranges::copy(digest_of(block, offset, key), block.subspan(offset).begin());
}

void sign(std::span<std::uint8_t> block, ByteView key, ByteView peer_digest, HandshakeVersion version)
{
    const auto once = crypto::hmac_sha256(key, peer_digest);
    auto signature = crypto::hmac_sha256(once, block.first(kSignatureAt));
    encipher_signature(signature, once, version);
    std::ranges::copy(signature, block.subspan(kSignatureAt).begin());
}

DigestLayout find_digest(ByteView block, ByteView key, std::array<std::uint8_t, 32>& digest)
{
    for (const DigestLayout layout : {DigestLayout::d8, DigestLayout::d772}) {
        const std::size_t offset = digest_offset(block, layout);
        const ByteView found = block.subspan(offset, kDigestBytes);
        if (crypto::equal_in_constant_time(found, digest_of(block, offset, key))) {
            std::ranges::copy(found, digest.begin());
            return layout;
        }
    }
    return DigestLayout::none;
}

} // namespace millrace::rtmp
