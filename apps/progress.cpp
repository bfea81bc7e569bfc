#include "progress.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace millrace::apps {
namespace {

std::string scaled(double value, std::string_view unit)
{
    constexpr std::array kPrefixes{"", "k", "M", "G", "T"};
    constexpr double kStep = 1000;
    std::size_t step = 0;
    while (value >= kStep && step + 1 < kPrefixes.size()) {
        value /= kStep;
        ++step;
    }
    return fmt::format("{:.{}f} {}{}", value, step < 2 ? 0 : 2, kPrefixes[step], unit);
}

} // namespace

std::string rate_text(double bits_per_second)
{
    return scaled(std::max(bits_per_second, 0.0), "bit/s");
}

std::string size_text(std::uint64_t bytes)
{
    return scaled(static_cast<double>(bytes), "B");
}

std::string time_text(std::chrono::nanoseconds duration)
{
    const auto tenths = duration / std::chrono::milliseconds{100};
    return fmt::format("{:02}:{:02}:{:02}.{}", tenths / 36000, tenths / 600 % 60, tenths / 10 % 60,
                       tenths % 10);
}

std::string progress_text(const Progress& progress)
{
    auto text = fmt::format("{}  {}  {:.2f}x", time_text(progress.position), rate_text(progress.bitrate),
                            progress.speed);
    if (progress.dropped) {
        text += fmt::format("  {} dropped", *progress.dropped);
    }
    if (progress.backlog.count() > 0) {
        text += fmt::format("  {:.1f} s behind", std::chrono::duration<double>{progress.backlog}.count());
    }
    return text;
}

ProgressLine::ProgressLine(bool quiet) : shown_{!quiet && ::isatty(STDERR_FILENO) == 1} {}

void ProgressLine::show(std::chrono::nanoseconds position, std::uint64_t bytes, Progress progress,
                        Clock::time_point now)
{
    bits_.add(static_cast<double>(bytes - std::exchange(bytes_, bytes)) * 8, now);
    seconds_.add(std::chrono::duration<double>{position - std::exchange(position_, position)}.count(), now);
    if (!shown_) {
        return;
    }
    progress.position = position;
    progress.bitrate = bits_.per_second(now);
    progress.speed = seconds_.per_second(now);
    const auto text = progress_text(progress);
    fmt::print(stderr, "\r{:<{}}", text, width_);
    std::fflush(stderr);
    width_ = text.size();
}

void ProgressLine::say(std::string_view text)
{
    clear();
    fmt::print(stderr, "{}\n", text);
}

void ProgressLine::clear()
{
    if (width_ > 0) {
        fmt::print(stderr, "\r{:<{}}\r", "", width_);
        std::fflush(stderr);
        width_ = 0;
    }
}

} // namespace millrace::apps
