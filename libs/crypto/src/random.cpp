#include <millrace/crypto/random.hpp>

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace millrace::crypto {

void random_fill(std::span<std::uint8_t> out)
{
    constexpr std::size_t kAtOnce = std::size_t{1} << 20U; // RAND_bytes counts in int
    while (!out.empty()) {
        const std::size_t count = std::min(out.size(), kAtOnce);
        if (RAND_bytes(out.data(), static_cast<int>(count)) != 1) {
            throw std::runtime_error{"no entropy for random bytes"};
        }
        out = out.subspan(count);
    }
}

} // namespace millrace::crypto
