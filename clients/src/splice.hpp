// One timeline for a stream that comes over one connection after another.
#pragma once

#include <millrace/media/frame.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace millrace::clients {

/// Frames in, frames on one timeline out. Where the next connection goes on with the times of the last one,
/// what was there before is left out; where it has times of its own, they are moved behind the last ones.
class Splice {
public:
    /// The frames from here on come over another connection.
    void begin_anew() { joining_ = newest_.has_value(); }

    /// Puts a frame's time right; false when it was there before.
    bool pass(media::Frame& frame)
    {
        if (joining_) {
            join(frame.dts + shift_);
        }
        frame.dts += shift_;
        auto& last = last_[frame.track];
        if (last && frame.dts <= *last && joined_) {
            return false;
        }
        last = frame.dts;
        newest_ = newest_ ? std::max(*newest_, frame.dts) : frame.dts;
        return true;
    }

private:
    static constexpr std::chrono::seconds kSameTimeline{20};
    static constexpr std::chrono::milliseconds kStep{
        20}; ///< Between the last frame and one of another timeline.

    void join(MediaTime first)
    {
        joining_ = false;
        joined_ = true;
        if (first > *newest_ + kSameTimeline || first < *newest_ - kSameTimeline) {
            shift_ += *newest_ + kStep - first;
        }
    }

    std::map<media::TrackId, std::optional<MediaTime>> last_;
    std::optional<MediaTime> newest_;
    std::chrono::nanoseconds shift_{0};
    bool joining_ = false;
    bool joined_ = false; ///< At least once.
};

} // namespace millrace::clients
