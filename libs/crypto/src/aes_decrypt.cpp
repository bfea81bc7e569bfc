#include <millrace/crypto/aes_decrypt.hpp>

#include <climits>
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace millrace::crypto {

std::optional<Bytes> aes128_cbc_decrypt(const std::array<std::uint8_t, 16>& key,
                                        const std::array<std::uint8_t, 16>& iv, ByteView bytes)
{
    constexpr std::size_t kBlock = 16;
    if (bytes.empty() || bytes.size() % kBlock != 0 || bytes.size() > INT_MAX / 2) {
        return std::nullopt;
    }
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{EVP_CIPHER_CTX_new(),
                                                                                  &EVP_CIPHER_CTX_free};
    Bytes out(bytes.size() + kBlock);
    int written = 0;
    int last = 0;
    if (!context ||
        EVP_DecryptInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, key.data(), iv.data()) != 1 ||
        EVP_DecryptUpdate(context.get(), out.data(), &written, bytes.data(),
                          static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error{"AES-128 is not available"};
    }
    if (EVP_DecryptFinal_ex(context.get(), out.data() + written, &last) != 1) {
        return std::nullopt;
    }
    out.resize(static_cast<std::size_t>(written + last));
    return out;
}

} // namespace millrace::crypto
