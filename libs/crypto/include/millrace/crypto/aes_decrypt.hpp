// AES with keys of 128 bits in cipher block chaining, the way back (FIPS 197, NIST SP 800-38A §6.2).
#pragma once

#include <millrace/base/bytes.hpp>

#include <array>
#include <optional>

namespace millrace::crypto {

/// What was enciphered and padded as PKCS#7 says (RFC 5652 §6.3), without its padding; none when it is no
/// whole number of blocks, is empty, or the padding is wrong: the key is another. Throws std::runtime_error
/// when the platform's cryptography does not work.
std::optional<Bytes> aes128_cbc_decrypt(const std::array<std::uint8_t, 16>& key,
                                        const std::array<std::uint8_t, 16>& iv, ByteView bytes);

} // namespace millrace::crypto
