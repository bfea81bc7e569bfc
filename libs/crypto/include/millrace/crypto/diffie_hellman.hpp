// Diffie-Hellman key agreement in the 1024-bit group of RFC 2409 §6.2 (the "Second Oakley Group").
#pragma once

#include <millrace/base/bytes.hpp>

#include <array>
#include <optional>

namespace millrace::crypto {

/// A number of that group, big endian, with zeros in front where it is shorter.
using DhValue = std::array<std::uint8_t, 128>;

/// Enough for a secret exponent: twice the bits that the group's own strength needs, and more.
inline constexpr std::size_t kDhSecretBytes = 64;

/// 2^secret mod p, in a time that does not depend on the secret's bits.
/// Expects: a secret of 1 to 128 bytes, big endian. Throws std::runtime_error when the platform's arithmetic
/// does not work.
DhValue dh_public_key(ByteView secret);

/// What both sides come to know: peer^secret mod p. None when the peer's key is not in 2..p-2, with which
/// nothing secret can be agreed on (NIST SP 800-56A §5.6.2.3.1).
/// Expects and throws as dh_public_key; a peer's key of 128 bytes.
std::optional<DhValue> dh_shared_secret(ByteView secret, ByteView peer_key);

} // namespace millrace::crypto
