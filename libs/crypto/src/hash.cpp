#include <millrace/crypto/hash.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace millrace::crypto {

Digest256 sha256(ByteView message)
{
    Digest256 digest{};
    if (EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error{"SHA-256 is not available"};
    }
    return digest;
}

Digest256 hmac_sha256(ByteView key, ByteView message)
{
    Digest256 digest{};
    const std::uint8_t none = 0; // a null key would mean "the key of last time"
    const std::uint8_t* const start = key.empty() ? &none : key.data();
    if (HMAC(EVP_sha256(), start, static_cast<int>(key.size()), message.data(), message.size(), digest.data(),
             nullptr) == nullptr) {
        throw std::runtime_error{"HMAC-SHA256 is not available"};
    }
    return digest;
}

Digest128 md5(ByteView message)
{
    Digest128 digest{};
    if (EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_md5(), nullptr) != 1) {
        throw std::runtime_error{"MD5 is not available"};
    }
    return digest;
}

bool equal_in_constant_time(ByteView a, ByteView b)
{
    return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

} // namespace millrace::crypto
