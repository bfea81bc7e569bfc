// Times of a presentation: the Range header (RFC 2326 §3.5 to §3.7, §12.29) and RTP-Info (§12.33).
#pragma once

#include <millrace/base/result.hpp>
#include <millrace/rtsp/error.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::rtsp {

enum class TimeUnit : std::uint8_t {
    npt,
    smpte_30_drop,
    smpte_25,
    clock, ///< UTC.
};

/// The half-open range [begin, end). Times are offsets from the begin of the presentation, those of a clock
/// from 1970-01-01T00:00:00Z.
struct TimeRange {
    using Time = std::chrono::nanoseconds;

    TimeUnit unit = TimeUnit::npt;
    std::optional<Time> begin; ///< None: from where it is.
    std::optional<Time> end;   ///< None: to the end.
    bool now = false;          ///< Begins at the live edge ("now").

    friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

/// Errors: unknown_unit, bad_range.
Result<TimeRange> read_range(std::string_view text);
/// What read_range() reads; to the millisecond, SMPTE to the frame.
std::string write(const TimeRange& range);

/// Frames of SMPTE 30 drop since 00:00:00:00: labels 00 and 01 are left out at the begin of each minute that
/// is no multiple of ten. Expects: frames < 30.
std::int64_t drop_frame_number(std::int64_t hours, std::int64_t minutes, std::int64_t seconds,
                               std::int64_t frames);

/// Where one stream's packets begin: an element of RTP-Info.
struct RtpInfo {
    std::string url;
    std::optional<std::uint16_t> seq;
    std::optional<std::uint32_t> rtptime;

    friend bool operator==(const RtpInfo&, const RtpInfo&) = default;
};

/// Tolerates what servers get wrong: blanks, unknown parameters, missing ones.
std::vector<RtpInfo> read_rtp_info(std::string_view text);
std::string write(const std::vector<RtpInfo>& infos);

} // namespace millrace::rtsp
