// NTP timestamps, as RTCP writes them (RFC 3550 §4).
#pragma once

#include <millrace/base/clock.hpp>

#include <cstdint>

namespace millrace::rtp {

/// Seconds since 1900 in the upper 32 bits, fraction in the lower; wraps in 2036.
struct NtpTime {
    std::uint64_t value = 0;

    /// The middle 32 bits, which report blocks echo.
    std::uint32_t middle() const { return static_cast<std::uint32_t>(value >> 16U); }

    friend bool operator==(const NtpTime&, const NtpTime&) = default;
};

constexpr std::int64_t kNtpToUnix = 2208988800; ///< Seconds.

NtpTime to_ntp(WallTime time);
/// Of the era that is nearest to 2036: values below 2^31 seconds are after it (RFC 4330 §3).
WallTime to_wall(NtpTime time);
/// The time between two moments of which both are near each other, whatever the era.
std::chrono::nanoseconds operator-(NtpTime a, NtpTime b);
/// Of a difference in units of 1/65536 s.
std::chrono::nanoseconds from_middle(std::uint32_t difference);
std::uint32_t to_middle(std::chrono::nanoseconds time);

} // namespace millrace::rtp
