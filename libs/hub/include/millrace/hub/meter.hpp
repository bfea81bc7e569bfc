// Quality of what comes in, measured on the way: rates, GOP, gaps, jitter, skew.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/media/frame.hpp>

#include <array>
#include <map>
#include <optional>

namespace millrace::hub {

/// Counts over the last few seconds: amounts in, amounts per second out.
class RateMeter {
public:
    void add(double amount, Clock::time_point now);
    /// Per second, over the last whole slices; zero after a silence.
    double per_second(Clock::time_point now) const;
    std::uint64_t total() const { return total_; }

private:
    static constexpr std::size_t kSlices = 8; ///< Of half a second each.
    static std::int64_t slice_of(Clock::time_point now);
    void turn(std::int64_t slice) const;

    mutable std::array<double, kSlices> slices_{};
    mutable std::int64_t current_ = -1;
    std::int64_t first_ = -1;
    std::uint64_t total_ = 0;
};

/// What one track of a source is like.
struct TrackQuality {
    double bitrate = 0; ///< Bits per second of payload.
    double fps = 0;     ///< Frames per second.
    std::uint64_t frames = 0;
    std::uint64_t gaps = 0;    ///< Steps of the timestamps of more than half a second.
    double jitter_seconds = 0; ///< Mean deviation of arrival from timestamp (as RFC 3550 §6.4.1).
};

/// What a whole source is like.
struct SourceQuality {
    std::map<media::TrackId, TrackQuality> tracks;
    double gop_seconds =
        0; ///< Between the last two key frames of the first picture; 0 before there were two.
    double av_skew_seconds =
        0; ///< How far sound arrives ahead of the picture of the same time; negative: behind.
    std::uint64_t bytes = 0;
};

/// Watches frames on their way to the timeline.
class SourceMeter {
public:
    void see(const media::Frame& frame, Clock::time_point now);
    SourceQuality read(Clock::time_point now) const;

private:
    void see_first(const media::Frame& frame);

    struct Seen {
        RateMeter bits;
        RateMeter frames;
        std::optional<MediaTime> last;
        Clock::time_point arrival;
        std::uint64_t gaps = 0;
        double jitter = 0;
    };

    std::map<media::TrackId, Seen> tracks_;
    std::optional<media::TrackId> picture_; ///< The first track of each kind: GOP and skew are theirs.
    std::optional<media::TrackId> sound_;
    std::optional<MediaTime> last_key_;
    double gop_seconds_ = 0;
    std::optional<MediaTime> newest_video_;
    std::optional<MediaTime> newest_audio_;
    double skew_ = 0;
    std::uint64_t bytes_ = 0;
};

} // namespace millrace::hub
