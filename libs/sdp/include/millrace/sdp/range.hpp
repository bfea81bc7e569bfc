// Ranges of time, of `a=range` and of RTSP's Range header (RFC 2326 §3.5 to §3.7, §12.29).
#pragma once

#include <millrace/sdp/error.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::sdp {

enum class RangeUnit : std::uint8_t {
    npt,
    smpte, ///< Which is 30 drop.
    smpte_30_drop,
    smpte_25,
    clock, ///< UTC, since 1970.
};

/// A half-open range [start, end) in one unit.
struct Range {
    RangeUnit unit = RangeUnit::npt;
    bool from_now = false;                         ///< `npt=now-`.
    std::optional<std::chrono::nanoseconds> start; ///< None in `-b` and in `now-`.
    std::optional<std::chrono::nanoseconds> end;
    std::optional<std::chrono::nanoseconds> time; ///< `;time=`, UTC since 1970: when to begin.

    friend bool operator==(const Range&, const Range&) = default;
};

/// Errors: unknown_unit, which RTSP answers with 501; bad_value.
Result<Range> read_range(std::string_view text);

/// Such as "npt=4.869-", "clock=20240101T000000.5Z-", "smpte-25=10:07:33:05.01-".
std::string to_string(const Range& range);

} // namespace millrace::sdp
