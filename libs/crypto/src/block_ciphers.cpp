// OpenSSL 3 calls the functions of single blocks deprecated; what it offers in their place lies in a provider
// that a machine need not have.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <millrace/crypto/block_ciphers.hpp>

#include <openssl/blowfish.h>

namespace millrace::crypto {

Block64 xtea_encrypt(const std::array<std::uint32_t, 4>& key, Block64 block)
{
    constexpr std::uint32_t kDelta = 0x9E3779B9;
    constexpr int kRounds = 32;
    auto& [left, right] = block;
    std::uint32_t sum = 0;
    for (int i = 0; i < kRounds; ++i) {
        left += (((right << 4U) ^ (right >> 5U)) + right) ^ (sum + key[sum & 3U]);
        sum += kDelta;
        right += (((left << 4U) ^ (left >> 5U)) + left) ^ (sum + key[(sum >> 11U) & 3U]);
    }
    return block;
}

Block64 blowfish_encrypt(const std::array<std::uint8_t, 24>& key, Block64 block)
{
    BF_KEY schedule{};
    BF_set_key(&schedule, static_cast<int>(key.size()), key.data());
    std::array<BF_LONG, 2> words{block[0], block[1]};
    BF_encrypt(words.data(), &schedule);
    return {words[0], words[1]};
}

} // namespace millrace::crypto
