// The one place where a source's timestamps become a stream's time.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/media/frame.hpp>

#include <map>
#include <optional>

namespace millrace::hub {

/// Maps a source's timestamps to the stream's timeline: wrapping, jumping, restarting times in; times that
/// never step back per track out. All tracks share one mapping, so that they can never be corrected apart.
///
/// A jump opens a new epoch. Timestamps of the old numbering that come late (the other track's last frames)
/// are still mapped by the old mapping for a while.
class IngestClock {
public:
    using Duration = std::chrono::nanoseconds;

    struct Limits {
        Duration back = std::chrono::seconds{5}; ///< A step back of more is a jump.
        Duration forward =
            std::chrono::seconds{10}; ///< A step forward of more, without as long a silence, is a jump.
        Duration old_epoch =
            std::chrono::seconds{2}; ///< How long stragglers of the old numbering are expected.
        /// A first timestamp beyond this is moved to `begin`, so that players do not meet the wrap at 2^32
        /// ms.
        Duration latest_begin = std::chrono::milliseconds{std::int64_t{1} << 31};
        Duration begin = std::chrono::seconds{10}; ///< Not zero: other tracks may begin a little earlier.
        Duration gap =
            std::chrono::milliseconds{60}; ///< Between the last time of an epoch and the first of the next.
    };

    struct Mapped {
        MediaTime time;
        Duration clamped{0};    ///< By how much the time was raised so that it does not step back.
        bool new_epoch = false; ///< This frame is the first of a new epoch.
    };

    /// `wrap`: the period of the source's numbers (2^32 ms for RTMP and FLV); zero when they do not wrap.
    explicit IngestClock(Duration wrap) : IngestClock{wrap, Limits{}} {}
    IngestClock(Duration wrap, Limits limits);

    Mapped map(media::TrackId track, MediaTime source, Clock::time_point now);

    /// A new source goes on with the same stream: what comes next opens a new epoch, whatever its times are.
    void restart(Duration wrap);

    std::uint64_t epoch() const { return epoch_; }
    std::uint64_t jumps() const { return jumps_; }
    std::uint64_t wraps_24_bit() const { return wraps_24_bit_; }
    std::uint64_t steps_back() const { return steps_back_; }

private:
    struct Mapping {
        Duration reference{0}; ///< The newest source time seen, unwrapped.
        Duration offset{0};    ///< Stream time minus unwrapped source time.
    };

    Duration distance(Duration raw, const Mapping& mapping) const;
    bool plausible(Duration step, Clock::time_point now) const;
    Mapped open_epoch(media::TrackId track, Duration raw, Clock::time_point now);
    Mapped place(media::TrackId track, Duration time, bool new_epoch);

    Duration wrap_;
    Limits limits_;
    std::optional<Mapping> mapping_;
    std::optional<Mapping> old_;
    Clock::time_point last_arrival_;
    Clock::time_point epoch_began_;
    std::map<media::TrackId, Duration> last_; ///< By track: the newest stream time given out.
    std::optional<Duration> newest_;
    std::uint64_t epoch_ = 0;
    std::uint64_t jumps_ = 0;
    std::uint64_t wraps_24_bit_ = 0;
    std::uint64_t steps_back_ = 0;
};

} // namespace millrace::hub
