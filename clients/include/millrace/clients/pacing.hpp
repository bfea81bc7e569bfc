// A file's time made live: one timeline through jumps and loops, and when each frame is due.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/media/frame.hpp>

#include <map>
#include <memory>

namespace millrace::hub {
class IngestClock;
}

namespace millrace::clients {

/// Maps the times of a source, also of one that is read again and again, to one timeline that never steps
/// back per track. All tracks are moved together, so that sound and picture never part.
class Timeline {
public:
    Timeline();
    ~Timeline();
    Timeline(const Timeline&) = delete;
    Timeline& operator=(const Timeline&) = delete;

    MediaTime map(const media::Frame& frame, Clock::time_point now);

    /// The source begins again: its next frame stands where the longest track ended.
    void again();

    /// From the first frame to the newest.
    std::chrono::nanoseconds position() const;

private:
    struct Track {
        MediaTime last;
        std::chrono::nanoseconds step{0}; ///< Between its last two frames.
    };

    MediaTime end() const;

    std::unique_ptr<hub::IngestClock> clock_;
    std::map<media::TrackId, Track> tracks_; ///< In the source's times and `offset_`.
    std::chrono::nanoseconds offset_{0};     ///< What was added for the passes before.
    bool again_ = false;
    std::optional<MediaTime> first_;
    MediaTime newest_;
};

/// Says when a frame is due, so that a file goes out as fast as it is watched. What comes late is due at
/// once; a source that fell behind by more than a second is not hurried after.
class Pacer {
public:
    Clock::time_point due(MediaTime time, Clock::time_point now);

private:
    static constexpr std::chrono::seconds kForgiven{1};

    std::optional<Clock::time_point> zero_; ///< When the time 0 was due.
};

} // namespace millrace::clients
