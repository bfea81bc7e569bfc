#include <millrace/clients/pacing.hpp>
#include <millrace/hub/ingest_clock.hpp>

#include <algorithm>

namespace millrace::clients {
namespace {

/// Of RTMP and FLV timestamps: 32-bit milliseconds.
constexpr std::chrono::milliseconds kWrap{std::int64_t{1} << 32};
/// A longer step between two frames says nothing about how long a frame lasts.
constexpr std::chrono::seconds kLongestFrame{1};

} // namespace

Timeline::Timeline() : clock_{std::make_unique<hub::IngestClock>(kWrap)} {}

Timeline::~Timeline() = default;

MediaTime Timeline::map(const media::Frame& frame, Clock::time_point now)
{
    if (again_) {
        again_ = false;
        offset_ = end() - frame.dts;
        tracks_.clear();
    }
    const auto source = frame.dts + offset_;
    if (const auto known = tracks_.find(frame.track); known != tracks_.end()) {
        const auto step = source - known->second.last;
        known->second.last = source;
        known->second.step =
            step < kLongestFrame ? std::max(step, std::chrono::nanoseconds{0}) : std::chrono::nanoseconds{0};
    } else {
        tracks_[frame.track] = {source};
    }
    const auto time = clock_->map(frame.track, source, now).time;
    newest_ = first_ ? std::max(newest_, time) : time;
    first_ = first_.value_or(time);
    return time;
}

void Timeline::again()
{
    again_ = !tracks_.empty();
}

MediaTime Timeline::end() const
{
    auto end = MediaTime::min();
    for (const auto& [id, track] : tracks_) {
        end = std::max(end, track.last + track.step);
    }
    return end;
}

std::chrono::nanoseconds Timeline::position() const
{
    return first_ ? newest_ - *first_ : std::chrono::nanoseconds{0};
}

Clock::time_point Pacer::due(MediaTime time, Clock::time_point now)
{
    const auto since_zero = std::chrono::duration_cast<Clock::duration>(time.time_since_epoch());
    if (!zero_ || now - (*zero_ + since_zero) > kForgiven) {
        zero_ = now - since_zero;
    }
    return *zero_ + since_zero;
}

} // namespace millrace::clients
