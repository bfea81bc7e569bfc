// Opus: the identification header "OpusHead" (RFC 7845 §5.1).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/codec/error.hpp>

namespace millrace::codec::opus {

constexpr std::uint32_t kSampleRate = 48000; ///< Hertz: Opus always plays at this rate (RFC 6716 §2).

struct Head {
    std::uint8_t channels = 0;
    std::uint16_t pre_skip = 0;   ///< Samples at 48 kHz to drop from the beginning.
    std::uint32_t input_rate = 0; ///< Hertz of what was encoded; a hint.

    friend bool operator==(const Head&, const Head&) = default;
};

/// Errors: truncated, wrong_kind, bad_version.
Result<Head> read_head(ByteView bytes);

/// Channels that a packet was encoded for, by the first of its bytes (RFC 6716 §3.1). Expects: not empty.
inline std::uint32_t channels(ByteView packet)
{
    return (packet[0] & 4U) != 0 ? 2 : 1;
}

} // namespace millrace::codec::opus
