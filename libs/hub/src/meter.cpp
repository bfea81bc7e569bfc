#include <millrace/hub/meter.hpp>

#include <algorithm>
#include <cmath>

namespace millrace::hub {
namespace {

double seconds(std::chrono::nanoseconds duration)
{
    return std::chrono::duration<double>{duration}.count();
}

constexpr double kGapSeconds = 0.5;
constexpr double kSkewWeight = 1.0 / 16;

} // namespace

std::int64_t RateMeter::slice_of(Clock::time_point now)
{
    return std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count() / 500;
}

/// Clears the slices that lie between the last one used and this one.
void RateMeter::turn(std::int64_t slice) const
{
    const auto stale = std::min<std::int64_t>(slice - current_, kSlices);
    for (std::int64_t i = 0; i < stale; ++i) {
        slices_[static_cast<std::size_t>((slice - i) % static_cast<std::int64_t>(kSlices))] = 0;
    }
    current_ = std::max(current_, slice);
}

void RateMeter::add(double amount, Clock::time_point now)
{
    const auto slice = slice_of(now);
    turn(slice);
    if (first_ < 0) {
        first_ = slice;
    }
    slices_[static_cast<std::size_t>(slice % static_cast<std::int64_t>(kSlices))] += amount;
    total_ += static_cast<std::uint64_t>(amount);
}

double RateMeter::per_second(Clock::time_point now) const
{
    const auto slice = slice_of(now);
    if (first_ < 0) {
        return 0;
    }
    turn(slice);
    const auto whole = std::min<std::int64_t>(slice - first_, kSlices - 1);
    if (whole < 1) {
        return slices_[static_cast<std::size_t>(slice % static_cast<std::int64_t>(kSlices))] * 2;
    }
    double sum = 0;
    for (std::int64_t i = 1; i <= whole; ++i) {
        sum += slices_[static_cast<std::size_t>((slice - i) % static_cast<std::int64_t>(kSlices))];
    }
    return sum / (static_cast<double>(whole) * 0.5);
}

void SourceMeter::see(const media::Frame& frame, Clock::time_point now)
{
    auto& seen = tracks_[frame.track];
    seen.bits.add(static_cast<double>(frame.payload.size()) * 8, now);
    seen.frames.add(1, now);
    bytes_ += frame.payload.size();
    if (seen.last) {
        const double step = seconds(frame.dts - *seen.last);
        const double late = seconds(now - seen.arrival) - step;
        seen.jitter += (std::abs(late) - seen.jitter) / 16;
        seen.gaps += step > kGapSeconds ? 1 : 0;
    }
    seen.last = frame.dts;
    seen.arrival = now;
    see_first(frame);
    if (newest_video_ && newest_audio_) {
        skew_ += (seconds(*newest_audio_ - *newest_video_) - skew_) * kSkewWeight;
    }
}

/// Key frames and times of the first track of each kind.
void SourceMeter::see_first(const media::Frame& frame)
{
    if (frame.kind == media::Kind::video) {
        picture_ = std::min(picture_.value_or(frame.track), frame.track);
        if (frame.track != *picture_) {
            return;
        }
        newest_video_ = frame.dts;
        if (frame.key) {
            gop_seconds_ = last_key_ ? seconds(frame.dts - *last_key_) : 0;
            last_key_ = frame.dts;
        }
    } else if (frame.kind == media::Kind::audio) {
        sound_ = std::min(sound_.value_or(frame.track), frame.track);
        if (frame.track == *sound_) {
            newest_audio_ = frame.dts;
        }
    }
}

SourceQuality SourceMeter::read(Clock::time_point now) const
{
    SourceQuality quality{.gop_seconds = gop_seconds_, .av_skew_seconds = skew_, .bytes = bytes_};
    for (const auto& [id, seen] : tracks_) {
        quality.tracks[id] = {.bitrate = seen.bits.per_second(now),
                              .fps = seen.frames.per_second(now),
                              .frames = seen.frames.total(),
                              .gaps = seen.gaps,
                              .jitter_seconds = seen.jitter};
    }
    return quality;
}

} // namespace millrace::hub
