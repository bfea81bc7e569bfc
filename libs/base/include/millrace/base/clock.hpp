// The three times of the house: steady now, a stream's own time, and the wall's. None converts silently.
#pragma once

#include <chrono>
#include <cstdint>

namespace millrace {

/// The steady clock whose time points are passed into every core as `now`.
using Clock = std::chrono::steady_clock;

/// A stream's own clock. It is never read: frames carry its time.
struct MediaClock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MediaClock, duration>;
};

/// A moment on a stream's timeline; all tracks of a stream share it.
using MediaTime = MediaClock::time_point;

/// A moment of the calendar: NTP, program date time, RFC 3339.
using WallTime = std::chrono::system_clock::time_point;

constexpr MediaTime media_ms(std::int64_t ms)
{
    return MediaTime{std::chrono::milliseconds{ms}};
}

/// Whole milliseconds, rounded down.
constexpr std::int64_t to_ms(MediaTime time)
{
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

} // namespace millrace
