// How far a command has come, in words.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/hub/meter.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace millrace::apps {

/// "1.02 Mbit/s", "96 kbit/s".
std::string rate_text(double bits_per_second);
/// "1.2 MB", "96 kB".
std::string size_text(std::uint64_t bytes);
/// "00:01:23.4".
std::string time_text(std::chrono::nanoseconds duration);

struct Progress {
    std::chrono::nanoseconds position{0};
    double bitrate = 0;
    double speed = 0; ///< Of the stream's time against ours.
    std::optional<std::uint64_t> dropped;
    std::chrono::milliseconds backlog{0};
};

/// "00:01:23.4  1.02 Mbit/s  1.00x  0 dropped".
std::string progress_text(const Progress& progress);

/// Keeps one line on a terminal up to date; quiet when standard error is none.
class ProgressLine {
public:
    explicit ProgressLine(bool quiet);
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// Takes how far it is by now, and shows it with how fast it has gone of late.
    void show(std::chrono::nanoseconds position, std::uint64_t bytes, Progress progress,
              Clock::time_point now);
    /// Says something that stays, also when quiet, on a line of its own.
    void say(std::string_view text);
    void clear();

private:
    bool shown_;
    std::size_t width_ = 0; ///< Of what stands on the line.
    std::chrono::nanoseconds position_{0};
    std::uint64_t bytes_ = 0;
    hub::RateMeter bits_;
    hub::RateMeter seconds_;
};

} // namespace millrace::apps
