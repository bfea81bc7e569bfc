// Sound's time stamps, counted in samples.
#pragma once

#include <millrace/mpegts/time.hpp>

namespace millrace::mpegts {

/// Gives each frame of sound the time at which the samples before it end, so that a source's rounded times do
/// not make gaps of a tick; begins anew where the source says something else by more than 100 ms.
class SampleClock {
public:
    static constexpr Ticks kMostDrift = kTicksPerSecond / 10;

    /// The time of the next frame, which has `samples` samples at `rate` hertz. When its length is not known,
    /// what the source says.
    Ticks take(Ticks source, std::uint32_t samples, std::uint32_t rate)
    {
        const auto expected = next();
        const auto drift = expected > source ? expected - source : source - expected;
        if (!running_ || drift > kMostDrift || rate != rate_) {
            running_ = rate != 0 && samples != 0;
            anchor_ = source;
            samples_ = samples;
            rate_ = rate;
            return source;
        }
        samples_ += samples;
        return expected;
    }

    /// Where the samples so far end.
    Ticks next() const
    {
        return rate_ == 0 ? anchor_ : anchor_ + (samples_ * kTicksPerSecond + rate_ / 2) / rate_;
    }

private:
    bool running_ = false;
    Ticks anchor_ = 0;
    std::int64_t samples_ = 0;
    std::int64_t rate_ = 0;
};

} // namespace millrace::mpegts
