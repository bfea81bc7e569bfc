// AES with keys of 128 bits in cipher block chaining (FIPS 197, NIST SP 800-38A §6.2).
#pragma once

#include <millrace/base/bytes.hpp>

#include <array>
#include <span>

namespace millrace::crypto {

/// A key, or an initialisation vector.
using Block128 = std::array<std::uint8_t, 16>;

/// The bytes of all views in a row, padded as PKCS#7 says (RFC 5652 §6.3): 1 to 16 bytes more than there
/// were. Throws std::runtime_error when the platform's cryptography does not work.
Bytes aes128_cbc_encrypt(const Block128& key, const Block128& iv, std::span<const ByteView> views);

} // namespace millrace::crypto
