#include <millrace/crypto/aes.hpp>

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace millrace::crypto {

Bytes aes128_cbc_encrypt(const Block128& key, const Block128& iv, std::span<const ByteView> views)
{
    constexpr const char* kBroken = "AES-128 is not available";
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{EVP_CIPHER_CTX_new(),
                                                                                  &EVP_CIPHER_CTX_free};
    if (!context ||
        EVP_EncryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, key.data(), iv.data()) != 1) {
        throw std::runtime_error{kBroken};
    }
    std::size_t total = key.size();
    for (const auto view : views) {
        total += view.size();
    }
    Bytes out(total);
    std::size_t at = 0;
    int written = 0;
    for (const auto view : views) {
        if (EVP_EncryptUpdate(context.get(), out.data() + at, &written, view.data(),
                              static_cast<int>(view.size())) != 1) {
            throw std::runtime_error{kBroken};
        }
        at += static_cast<std::size_t>(written);
    }
    if (EVP_EncryptFinal_ex(context.get(), out.data() + at, &written) != 1) {
        throw std::runtime_error{kBroken};
    }
    out.resize(at + static_cast<std::size_t>(written));
    return out;
}

} // namespace millrace::crypto
