// When a recording's frames are due.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/media/frame.hpp>

#include <chrono>
#include <optional>

namespace millrace::vod {

/// The clock of one who plays a recording: frames go out in real time, ahead of it by what the player wants
/// to have in its buffer. A player that could not take them in time (its connection was full, the disk was
/// slow) gets them as soon as it can, and is not hurried afterwards.
class Pace {
public:
    struct Limits {
        std::chrono::milliseconds least_ahead{1000};
        std::chrono::milliseconds most_ahead{60000};
    };

    Pace() : Pace{Limits{}} {}
    explicit Pace(Limits limits) : limits_{limits}, ahead_{limits.least_ahead} {}

    /// The player's buffer; bounded by the limits.
    void set_ahead(std::chrono::milliseconds ahead);
    std::chrono::milliseconds ahead() const { return ahead_; }

    /// Playing begins at a place, or goes on there after a seek.
    void begin(MediaTime at, Clock::time_point now);
    void pause(Clock::time_point now);
    void resume(Clock::time_point now);

    /// When a frame may be sent. Expects: begin() was called, and not paused.
    Clock::time_point due(MediaTime frame) const;

private:
    Limits limits_;
    std::chrono::milliseconds ahead_;
    MediaTime from_{};
    Clock::time_point began_;
    std::optional<Clock::time_point> paused_;
};

} // namespace millrace::vod
