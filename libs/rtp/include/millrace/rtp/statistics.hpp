// What a receiver counts of one source (RFC 3550 §6.4, A.1, A.3, A.8).
#pragma once

#include <millrace/base/clock.hpp>

#include <cstdint>

namespace millrace::rtp {

/// Counts packets of one source and makes the figures of a report block.
class SourceStatistics {
public:
    static constexpr std::uint16_t kMaxDropout = 3000;
    static constexpr std::uint16_t kMaxMisorder = 100;

    /// Expects: clock_rate > 0. `probation`: packets in sequence before a source counts; 0 for one that was
    /// agreed on.
    explicit SourceStatistics(std::uint32_t clock_rate, std::uint32_t probation = 0)
        : clock_rate_{clock_rate}, probation_{probation}, to_go_{probation}
    {
    }

    /// One packet, in the order of arrival. False when it does not count: on probation, or far off.
    bool packet(std::uint16_t sequence, std::uint32_t timestamp, Clock::time_point arrival);

    std::uint64_t received() const { return received_; }
    std::int64_t expected() const;
    /// Negative when there were duplicates. Not clamped.
    std::int64_t lost() const { return expected() - static_cast<std::int64_t>(received_); }
    /// Cumulative loss as a report block tells it: clamped to 24 bits.
    std::int32_t reported_loss() const;
    /// Lost since the last call, in 256ths of what was expected since. Changes what the next call tells.
    std::uint8_t take_fraction();
    std::uint32_t highest() const { return cycles_ | max_; } ///< With cycles.
    std::uint32_t jitter() const { return jitter_ >> 4U; }   ///< Timestamp units.
    std::chrono::nanoseconds jitter_time() const;
    std::uint64_t resets() const { return resets_; }

private:
    void begin(std::uint16_t sequence);
    bool place(std::uint16_t sequence);
    void measure(std::uint32_t timestamp, Clock::time_point arrival);

    std::uint32_t clock_rate_;
    std::uint32_t probation_;
    std::uint32_t to_go_;
    bool begun_ = false;
    std::uint16_t max_ = 0;
    std::uint32_t cycles_ = 0;
    std::uint32_t base_ = 0;
    std::uint32_t bad_ = 0x10001; ///< Never a sequence number.
    std::uint64_t received_ = 0;
    std::int64_t expected_before_ = 0;
    std::int64_t received_before_ = 0;
    std::uint64_t resets_ = 0;
    bool timed_ = false;
    std::uint32_t transit_ = 0;
    std::uint32_t jitter_ = 0; ///< 16 times the estimate.
    Clock::time_point first_{};
};

} // namespace millrace::rtp
