// Presentation times as FLV writes them: whole milliseconds beside the decode time, and what is left of them.
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

/// Nanoseconds from the last whole millisecond to the presentation time.
inline std::uint32_t nano_of(const media::Frame& frame)
{
    return static_cast<std::uint32_t>((frame.pts() - media_ms(to_ms(frame.pts()))).count());
}

/// The same where there is no composition offset: 0 when the time lies elsewhere than in the millisecond of
/// the timestamp.
inline std::uint32_t own_nano(const media::Frame& frame)
{
    return to_ms(frame.pts()) == to_ms(frame.dts) ? nano_of(frame) : 0;
}

} // namespace millrace::flv
