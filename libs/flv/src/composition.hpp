// Composition offsets as FLV writes them.
#pragma once

#include <millrace/media/frame.hpp>

#include <algorithm>

namespace millrace::flv {

/// Milliseconds from the decode time to the presentation time, each rounded as timestamps are, as 24 bits of
/// two's complement.
inline std::uint32_t composition_ms(const media::Frame& frame)
{
    constexpr std::int64_t kMost = (1 << 23) - 1;
    const auto ms = std::clamp(to_ms(frame.pts()) - to_ms(frame.dts), -kMost - 1, kMost);
    return static_cast<std::uint32_t>(ms) & 0xffffffU;
}

} // namespace millrace::flv
