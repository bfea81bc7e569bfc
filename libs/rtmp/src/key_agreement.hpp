// How the two sides of an RTMPE connection agree on keys inside the handshake's blocks (not in the
// specification).
#pragma once

#include "digest_block.hpp"
#include <millrace/crypto/diffie_hellman.hpp>
#include <millrace/crypto/rc4.hpp>

namespace millrace::rtmp {

/// The version of RTMPE that this byte asks for; none when it asks for something else.
std::optional<HandshakeVersion> rtmpe_version(std::uint8_t byte);

/// Where a block of that layout has its public key. Expects: layout is not none.
std::size_t key_offset(ByteView block, DigestLayout layout);

/// The public key of a block. Expects: a whole block; layout is not none.
ByteView key_of(ByteView block, DigestLayout layout);

/// One side's secret and the key made of it.
struct KeyPair {
    Bytes secret;
    crypto::DhValue key{};
};

/// A pair whose key does not begin with a zero byte.
/// Errors: no_key_agreed when the random source gives none in kKeyTries tries.
Result<KeyPair> draw_key_pair(const RandomFill& random);

/// The keys of both directions, seen from one side.
StreamKeys stream_keys(const crypto::DhValue& shared, ByteView own_key, ByteView peer_key);

/// What the server's side agrees on.
struct Agreement {
    crypto::DhValue key{}; ///< Our public key, for the block.
    StreamKeys streams;
};

/// The server's part, which knows the client's key before it draws its own: draws until the shared secret
/// does not begin with a zero byte, which FFmpeg and librtmp would read in two different ways.
/// Errors: bad_public_key, no_key_agreed.
Result<Agreement> agree(ByteView client_key, const RandomFill& random);

/// The client's part, whose key is on the wire before it knows the server's.
/// Errors: bad_public_key.
Result<StreamKeys> conclude(const KeyPair& own, ByteView server_key);

/// A cipher at the place where the connection begins to use it: behind 1536 unused bytes.
crypto::Rc4 begin_stream(ByteView key);

inline constexpr int kKeyTries = 64;

} // namespace millrace::rtmp
