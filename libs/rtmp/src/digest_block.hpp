// The digests inside the handshake's blocks, which RTMP 1.0 §5.2 leaves out and Flash Player 9.0.115 brought.
#pragma once

#include <millrace/rtmp/handshake.hpp>

namespace millrace::rtmp {

inline constexpr std::size_t kDigestBytes = 32;
/// C2 and S2 end in a signature over all that stands before it.
inline constexpr std::size_t kSignatureAt = kHandshakeBlock - kDigestBytes;

ByteView player_key();        ///< All 62 bytes: text and tail.
ByteView player_digest_key(); ///< Its first 30, the text alone.
ByteView server_key();        ///< All 68 bytes.
ByteView server_digest_key(); ///< Its first 36.

/// Where a block of that layout has its digest. Expects: layout is not none.
std::size_t digest_offset(ByteView block, DigestLayout layout);

/// Puts the digest of the block into the block. Expects: all other bytes are final.
void put_digest(std::span<std::uint8_t> block, DigestLayout layout, ByteView key);

/// Signs a C2 or S2 in its last 32 bytes, in answer to the digest that the peer sent. Versions 8 and 9 have
/// their signature enciphered.
void sign(std::span<std::uint8_t> block, ByteView key, ByteView peer_digest,
          HandshakeVersion version = HandshakeVersion::plain);

} // namespace millrace::rtmp
