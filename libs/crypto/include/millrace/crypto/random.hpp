// Bytes that nobody can guess.
#pragma once

#include <cstdint>
#include <span>

namespace millrace::crypto {

/// Fills `out` from the cryptographic generator of this process; may be called from any thread.
/// Throws std::runtime_error when there is no entropy to be had: nothing secret can be made then.
void random_fill(std::span<std::uint8_t> out);

} // namespace millrace::crypto
