// Two block ciphers of 64 bits that old protocols use on single blocks: XTEA and Blowfish.
#pragma once

#include <array>
#include <cstdint>

namespace millrace::crypto {

/// A block of 64 bits as the two words that both ciphers work on. In which order bytes make words is the
/// caller's business: protocols differ.
using Block64 = std::array<std::uint32_t, 2>;

/// XTEA of 32 rounds (Needham and Wheeler, 1997) on one block.
Block64 xtea_encrypt(const std::array<std::uint32_t, 4>& key, Block64 block);

/// Blowfish of 16 rounds with a key of 192 bits (Schneier, 1993) on one block.
Block64 blowfish_encrypt(const std::array<std::uint8_t, 24>& key, Block64 block);

} // namespace millrace::crypto
