// The clocks of MPEG-2 systems: 90 kHz time stamps of 33 bits, and the 27 MHz program clock.
#pragma once

#include <millrace/base/clock.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace millrace::mpegts {

/// Ticks of 90 kHz that never wrap; on the wire stand their lowest 33 bits.
using Ticks = std::int64_t;

constexpr Ticks kTicksPerSecond = 90'000;
constexpr Ticks kTimestampMask = (Ticks{1} << 33) - 1;

/// What is written for the beginning of a timeline: ten seconds, so that sound which begins before the
/// picture, and the program clock, have numbers that are not negative.
constexpr Ticks kStart = 10 * kTicksPerSecond;

/// How far the program clock is behind the decode times: what a decoder may hold ahead.
constexpr Ticks kDelay = 63'000;

/// Rounded to the nearest tick.
constexpr Ticks to_ticks(std::chrono::nanoseconds time)
{
    const auto scaled = time.count() / 100'000 * 9;
    const auto rest = time.count() % 100'000 * 9;
    return scaled + (rest >= 0 ? rest + 50'000 : rest - 50'000) / 100'000;
}

/// Rounded to the nearest nanosecond: to_ticks() gives the same ticks again.
constexpr std::chrono::nanoseconds to_duration(Ticks ticks)
{
    const auto rest = ticks % 9 * 100'000;
    return std::chrono::nanoseconds{ticks / 9 * 100'000 + (rest >= 0 ? rest + 4 : rest - 4) / 9};
}

/// The time stamp that a muxer writes for a moment of its timeline, of which 33 bits are sent. What stands
/// beside a stream (WebVTT's time map, the time tag of packed audio) must tell the same.
constexpr Ticks timestamp_of(MediaTime time)
{
    return to_ticks(time.time_since_epoch()) + kStart;
}

/// PTS or DTS as it stands in a PES header (ISO/IEC 13818-1 §2.4.3.6). `prefix`: 2 for a PTS alone, 3 for one
/// that a DTS follows, 1 for the DTS.
std::array<std::uint8_t, 5> write_timestamp(unsigned prefix, Ticks ticks);
/// The time stamp, 0 to 2^33 - 1; none when a marker bit is not set. The prefix is not looked at.
std::optional<Ticks> read_timestamp(const std::uint8_t* bytes);

/// A program clock reference as it stands in an adaptation field (ISO/IEC 13818-1 §2.4.3.5): base at 90 kHz,
/// and the 27 MHz ticks 0 to 299 beyond it.
std::array<std::uint8_t, 6> write_pcr(Ticks base, unsigned extension);
/// In 27 MHz ticks, 0 to 2^33 * 300 - 1.
std::int64_t read_pcr(const std::uint8_t* bytes);

/// The 64-bit ticks nearest to `near` whose lowest 33 bits are `stamp`.
constexpr Ticks unwrap(Ticks stamp, Ticks near)
{
    auto step = (stamp - near) & kTimestampMask;
    if (step > kTimestampMask / 2) {
        step -= kTimestampMask + 1;
    }
    return near + step;
}

} // namespace millrace::mpegts
