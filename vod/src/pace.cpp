#include <millrace/vod/pace.hpp>

#include <algorithm>

namespace millrace::vod {

void Pace::set_ahead(std::chrono::milliseconds ahead)
{
    ahead_ = std::clamp(ahead, limits_.least_ahead, limits_.most_ahead);
}

void Pace::begin(MediaTime at, Clock::time_point now)
{
    from_ = at;
    began_ = now;
    if (paused_) {
        paused_ = now;
    }
}

void Pace::pause(Clock::time_point now)
{
    paused_ = paused_.value_or(now);
}

void Pace::resume(Clock::time_point now)
{
    if (paused_) {
        began_ += now - *paused_;
        paused_.reset();
    }
}

Clock::time_point Pace::due(MediaTime frame) const
{
    return began_ + std::chrono::duration_cast<Clock::duration>(frame - from_ - ahead_);
}

} // namespace millrace::vod
