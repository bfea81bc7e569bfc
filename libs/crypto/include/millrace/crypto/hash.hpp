// Hashes and keyed hashes (FIPS 180-4, RFC 2104, RFC 1321).
#pragma once

#include <millrace/base/bytes.hpp>

#include <array>

namespace millrace::crypto {

/// What SHA-256 and HMAC-SHA256 give.
using Digest256 = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4 §6.2). Throws std::runtime_error when the platform's cryptography does not work.
Digest256 sha256(ByteView message);

/// HMAC with SHA-256 (RFC 2104); the key may have any length, also none. Throws as sha256.
Digest256 hmac_sha256(ByteView key, ByteView message);

/// What MD5 gives.
using Digest128 = std::array<std::uint8_t, 16>;

/// MD5 (RFC 1321), for old protocols that are built on it: it proves nothing any more. Throws as sha256, and
/// where the platform forbids MD5.
Digest128 md5(ByteView message);

/// Compares secrets in a time that depends on their length alone.
bool equal_in_constant_time(ByteView a, ByteView b);

} // namespace millrace::crypto
