#include <millrace/crypto/diffie_hellman.hpp>

#include <openssl/bn.h>

#include <memory>
#include <stdexcept>

namespace millrace::crypto {

namespace {

struct Free {
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
    void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, Free>;
using Context = std::unique_ptr<BN_CTX, Free>;

template <class Made>
Made checked(Made made)
{
    if (!made) {
        throw std::runtime_error{"arithmetic of large numbers is not available"};
    }
    return made;
}

Number number_of(ByteView bytes)
{
    return checked(Number{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)});
}

Number prime()
{
    return checked(Number{BN_get_rfc2409_prime_1024(nullptr)});
}

DhValue power(const Number& base, ByteView secret, const Number& modulus)
{
    const Number exponent = number_of(secret);
    BN_set_flags(exponent.get(), BN_FLG_CONSTTIME);
    const Number result = checked(Number{BN_new()});
    const Context context = checked(Context{BN_CTX_secure_new()});
    DhValue value{};
    const bool done = BN_mod_exp_mont_consttime(result.get(), base.get(), exponent.get(), modulus.get(),
                                                context.get(), nullptr) == 1 &&
                      BN_bn2binpad(result.get(), value.data(), static_cast<int>(value.size())) ==
                          static_cast<int>(value.size());
    if (!done) {
        throw std::runtime_error{"Diffie-Hellman arithmetic failed"};
    }
    return value;
}

} // namespace

DhValue dh_public_key(ByteView secret)
{
    constexpr std::uint8_t kGenerator = 2;
    return power(number_of({&kGenerator, 1}), secret, prime());
}

std::optional<DhValue> dh_shared_secret(ByteView secret, ByteView peer_key)
{
    const Number modulus = prime();
    const Number key = number_of(peer_key);
    const Number largest = checked(Number{BN_dup(modulus.get())});
    const bool in_range = BN_sub_word(largest.get(), 2) == 1 && BN_cmp(key.get(), BN_value_one()) > 0 &&
                          BN_cmp(key.get(), largest.get()) <= 0;
    if (!in_range) {
        return std::nullopt;
    }
    return power(key, secret, modulus);
}

} // namespace millrace::crypto
