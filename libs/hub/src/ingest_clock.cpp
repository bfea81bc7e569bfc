#include <millrace/hub/ingest_clock.hpp>

#include <algorithm>

namespace millrace::hub {
namespace {

// Quirk: encoders without extended timestamps wrap at 2^24 ms, after four hours and a half.
constexpr std::chrono::nanoseconds kWrap24 = std::chrono::milliseconds{1 << 24};
constexpr std::chrono::nanoseconds kWrap24Slack = std::chrono::seconds{10};

} // namespace

IngestClock::IngestClock(Duration wrap, Limits limits) : wrap_{wrap}, limits_{limits} {}

/// The signed distance from the mapping's reference to a raw time, the short way around.
IngestClock::Duration IngestClock::distance(Duration raw, const Mapping& mapping) const
{
    Duration step = raw - mapping.reference;
    if (wrap_ > Duration::zero()) {
        step %= wrap_;
        if (step > wrap_ / 2) {
            step -= wrap_;
        } else if (step < -wrap_ / 2) {
            step += wrap_;
        }
    }
    return step;
}

bool IngestClock::plausible(Duration step, Clock::time_point now) const
{
    if (step >= -limits_.back && step <= limits_.forward) {
        return true;
    }
    // A source that was silent for as long as its time went on has not jumped: it was cut off.
    const Duration silence = now - last_arrival_;
    return step > Duration::zero() && step <= silence + limits_.back;
}

IngestClock::Mapped IngestClock::map(media::TrackId track, MediaTime source, Clock::time_point now)
{
    const Duration raw = source.time_since_epoch();
    if (!mapping_) {
        return open_epoch(track, raw, now);
    }
    Duration step = distance(raw, *mapping_);
    if (!plausible(step, now) && plausible(step + kWrap24, now) &&
        std::chrono::abs(step + kWrap24) < kWrap24Slack) {
        ++wraps_24_bit_;
        old_ = mapping_;
        epoch_began_ = now;
        mapping_->reference -= kWrap24;
        mapping_->offset += kWrap24;
        step += kWrap24;
    }
    if (plausible(step, now)) {
        const Duration unwrapped = mapping_->reference + step;
        mapping_->reference = std::max(mapping_->reference, unwrapped);
        last_arrival_ = now;
        return place(track, unwrapped + mapping_->offset, false);
    }
    if (old_ && now - epoch_began_ < limits_.old_epoch) {
        const Duration late = distance(raw, *old_);
        if (late >= -limits_.back && late <= limits_.back) {
            last_arrival_ = now;
            return place(track, old_->reference + late + old_->offset, false);
        }
    }
    ++jumps_;
    return open_epoch(track, raw, now);
}

IngestClock::Mapped IngestClock::open_epoch(media::TrackId track, Duration raw, Clock::time_point now)
{
    old_ = mapping_;
    epoch_began_ = now;
    last_arrival_ = now;
    const Duration first = raw > limits_.latest_begin ? limits_.begin : raw;
    const Duration begin = newest_ ? *newest_ + limits_.gap : first;
    mapping_ = Mapping{.reference = raw, .offset = begin - raw};
    ++epoch_;
    return place(track, begin, true);
}

IngestClock::Mapped IngestClock::place(media::TrackId track, Duration time, bool new_epoch)
{
    auto& last = last_.try_emplace(track, Duration::zero()).first->second;
    Duration clamped{0};
    if (const Duration floor = last; time < floor) {
        clamped = floor - time;
        time = floor;
        ++steps_back_;
    }
    last = time;
    newest_ = std::max(newest_.value_or(time), time);
    return {.time = MediaTime{time}, .clamped = clamped, .new_epoch = new_epoch};
}

void IngestClock::restart(Duration wrap)
{
    wrap_ = wrap;
    mapping_.reset();
    old_.reset();
}

} // namespace millrace::hub
