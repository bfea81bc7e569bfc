// What is in a stream, and how healthy it is.
#pragma once

#include <millrace/clients/pacing.hpp>
#include <millrace/hub/meter.hpp>
#include <millrace/media/container.hpp>

#include <map>
#include <string>
#include <vector>

namespace millrace::clients {

struct TrackReport {
    media::Track track;
    std::uint64_t frames = 0;
    double bitrate = 0;        ///< Bits per second of the stream's own time.
    double fps = 0;            ///< Frames per second of the stream's own time.
    std::uint64_t gaps = 0;    ///< Steps of the timestamps of more than half a second.
    double jitter_seconds = 0; ///< Mean deviation of arrival from timestamp.
};

struct StreamReport {
    std::vector<TrackReport> tracks;
    double seconds = 0;             ///< Watched, from the first frame on.
    double first_frame_seconds = 0; ///< From asking to the first frame.
    double bitrate = 0;             ///< Of all tracks together.
    double speed = 1;               ///< Of the stream's time against ours; 1 is right.
    double gop_seconds = 0;         ///< Between the last two key frames; 0 before there were two.
    double gop_longest_seconds = 0;
    double av_skew_seconds = 0;   ///< How far sound arrives ahead of its picture; negative: behind.
    std::uint64_t bytes = 0;      ///< Of payload.
    std::uint64_t steps_back = 0; ///< Decode times that are before the one of the frame before.
};

/// Watches the items of a live stream as they arrive.
///
/// What is measured by arrival (jitter, gaps, skew, speed) is measured from half a second after the first
/// frame on: a stream begins with all that is there since its last key frame.
class Checkup {
public:
    explicit Checkup(Clock::time_point asked) : asked_{asked} {}

    void see(const media::Item& item, Clock::time_point now);
    StreamReport report(Clock::time_point now) const;
    bool begun() const { return first_.has_value(); }

private:
    struct Seen {
        media::Track track;
        std::uint64_t frames = 0;
        std::uint64_t bytes = 0;
        std::uint64_t last_bytes = 0; ///< Of the newest frame.
        MediaTime first;
        MediaTime newest;
        MediaTime source; ///< Its own number for the newest.
    };

    void see_frame(const media::Frame& frame, Clock::time_point now);
    void see_key(MediaTime time);
    double speed(Clock::time_point now) const;

    Clock::time_point asked_;
    std::optional<Clock::time_point> first_;
    Timeline timeline_;
    std::map<media::TrackId, Seen> tracks_;
    hub::SourceMeter meter_;
    std::optional<Clock::time_point> settled_;
    std::chrono::nanoseconds settled_position_{0};
    std::optional<media::TrackId> picture_; ///< The first video track: GOPs are its.
    std::optional<MediaTime> last_key_;
    std::chrono::nanoseconds gop_{0};
    std::chrono::nanoseconds gop_longest_{0};
    std::uint64_t steps_back_ = 0;
};

/// What a person who knows streams would say about one.
struct Verdict {
    bool healthy = true;
    std::vector<std::string> sentences;
};

Verdict judge(const StreamReport& report);

} // namespace millrace::clients
