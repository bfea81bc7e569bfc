#include <millrace/crypto/rc4.hpp>

#include <numeric>
#include <utility>

namespace millrace::crypto {

Rc4::Rc4(ByteView key)
{
    std::iota(state_.begin(), state_.end(), std::uint8_t{0});
    std::uint8_t j = 0;
    for (std::size_t i = 0; i < state_.size(); ++i) {
        j = static_cast<std::uint8_t>(j + state_[i] + key[i % key.size()]);
        std::swap(state_[i], state_[j]);
    }
}

std::uint8_t Rc4::next()
{
    ++i_;
    j_ = static_cast<std::uint8_t>(j_ + state_[i_]);
    std::swap(state_[i_], state_[j_]);
    return state_[static_cast<std::uint8_t>(state_[i_] + state_[j_])];
}

void Rc4::apply(std::span<std::uint8_t> bytes)
{
    for (auto& byte : bytes) {
        byte ^= next();
    }
}

void Rc4::skip(std::size_t count)
{
    while (count-- > 0) {
        next();
    }
}

} // namespace millrace::crypto
