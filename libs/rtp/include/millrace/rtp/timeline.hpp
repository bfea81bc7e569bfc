// One timeline for the media of a presentation, whatever their RTP offsets (RFC 3550 §6.4.1).
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/rtp/ntp.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace millrace::rtp {

/// RTP timestamps of several media in, times of one timeline out.
///
/// Until sender reports come, media stand where their first packets arrived. The first report of a second
/// medium tells how far they are apart: then what lags is moved forward at once, so that nothing steps back.
/// Later reports are followed slowly. The timeline begins at kBegin, so that a decode time before the first
/// picture is not negative.
class Timeline {
public:
    static constexpr MediaTime kBegin = media_ms(1000);
    static constexpr std::chrono::nanoseconds kFarthest =
        std::chrono::seconds{10}; ///< Between report and arrival.
    static constexpr std::chrono::nanoseconds kStep =
        std::chrono::seconds{1};                  ///< Corrected at once, not slowly.
    static constexpr std::int64_t kSlowness = 40; ///< A correction of 1 ms takes at least 40 ms.
    static constexpr std::uint32_t kOddInARow =
        50; ///< Timestamps that make no sense, until arrival takes their place.

    /// A medium whose clock has that rate. Expects: clock_rate > 0.
    std::size_t add(std::uint32_t clock_rate);

    /// An access unit of that extended timestamp has arrived, in the order of decoding. True when its time is
    /// not a continuation of those before: the medium was anchored anew.
    bool arrived(std::size_t medium, std::int64_t timestamp, Clock::time_point now);
    /// The time of a timestamp near those that arrived. Expects: one has arrived.
    MediaTime time_of(std::size_t medium, std::int64_t timestamp) const;
    /// A sender report: `timestamp` was sampled at `ntp`. False when it cannot be right. Expects: a unit has
    /// arrived.
    bool report(std::size_t medium, NtpTime ntp, std::int64_t timestamp, Clock::time_point now);
    /// The source began anew: its next timestamp has nothing to do with those before.
    void restart(std::size_t medium);

    bool begun(std::size_t medium) const { return media_[medium].anchored; }
    /// Whether a medium's times come from arrival because its timestamps make no sense.
    bool by_arrival(std::size_t medium) const { return media_[medium].odd >= kOddInARow; }

private:
    struct Medium {
        std::uint32_t rate = 1;
        bool anchored = false;
        bool lost_anchor = false;
        std::int64_t anchor = 0;            ///< This timestamp …
        std::chrono::nanoseconds at{0};     ///< … is this time.
        std::chrono::nanoseconds target{0}; ///< What is still to be added, slowly.
        std::int64_t newest = 0;            ///< The highest timestamp.
        std::int64_t last = 0;              ///< The last one.
        std::chrono::nanoseconds behind{0}; ///< Of the last unit: its time minus its arrival.
        std::uint32_t odd = 0;
        std::optional<NtpTime> ntp; ///< Of the last report.
        bool synchronised = false;
    };

    std::chrono::nanoseconds since_begin(Clock::time_point now);
    std::chrono::nanoseconds duration(const Medium& medium, std::int64_t units) const;
    std::chrono::nanoseconds place(const Medium& medium, std::int64_t timestamp) const;
    void anchor(Medium& medium, std::int64_t timestamp, std::chrono::nanoseconds arrival);
    void advance(Medium& medium, std::int64_t timestamp);
    void correct(Medium& medium, std::chrono::nanoseconds error, bool at_once);

    std::vector<Medium> media_;
    std::optional<Clock::time_point> begin_;
    std::optional<NtpTime> zero_; ///< The wall's time at the beginning of the timeline, as reports tell it.
};

} // namespace millrace::rtp
