#include <millrace/rtp/statistics.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

using std::chrono::nanoseconds;

/// In units of the clock, to the nearest one; by way of seconds, so that nothing overflows.
std::uint32_t to_units(nanoseconds time, std::uint32_t clock_rate)
{
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    const auto rest = time.count() - whole * 1'000'000'000;
    return static_cast<std::uint32_t>(whole * clock_rate + (rest * clock_rate + 500'000'000) / 1'000'000'000);
}

} // namespace

void SourceStatistics::begin(std::uint16_t sequence)
{
    base_ = sequence;
    max_ = sequence;
    bad_ = 0x10001;
    cycles_ = 0;
    received_ = 0;
    expected_before_ = 0;
    received_before_ = 0;
    timed_ = false;
}

// RFC 3550 A.1
bool SourceStatistics::place(std::uint16_t sequence)
{
    const auto ahead = static_cast<std::uint16_t>(sequence - max_);
    if (to_go_ > 0) {
        if (sequence == static_cast<std::uint16_t>(max_ + 1)) {
            --to_go_;
            max_ = sequence;
            if (to_go_ == 0) {
                begin(sequence);
                return true;
            }
        } else {
            to_go_ = probation_ - 1;
            max_ = sequence;
        }
        return false;
    }
    if (ahead < kMaxDropout) {
        if (sequence < max_) {
            cycles_ += 0x10000;
        }
        max_ = sequence;
    } else if (ahead <= 65536 - kMaxMisorder) {
        if (sequence != bad_) {
            bad_ = (std::uint32_t{sequence} + 1) & 0xffffU;
            return false;
        }
        // Two packets in sequence: the source began anew and did not tell.
        begin(sequence);
        ++resets_;
    }
    return true;
}

// RFC 3550 A.8
void SourceStatistics::measure(std::uint32_t timestamp, Clock::time_point arrival)
{
    if (!timed_) {
        first_ = arrival;
    }
    const auto transit = to_units(arrival - first_, clock_rate_) - timestamp;
    if (timed_) {
        const auto difference = static_cast<std::int32_t>(transit - transit_);
        const auto distance = static_cast<std::uint32_t>(std::abs(static_cast<std::int64_t>(difference)));
        jitter_ += distance - ((jitter_ + 8) >> 4U);
    }
    transit_ = transit;
    timed_ = true;
}

bool SourceStatistics::packet(std::uint16_t sequence, std::uint32_t timestamp, Clock::time_point arrival)
{
    if (!begun_) {
        begun_ = true;
        begin(sequence);
        if (to_go_ > 0) {
            --to_go_;
            if (to_go_ > 0) {
                return false;
            }
        }
    } else if (!place(sequence)) {
        return false;
    }
    ++received_;
    measure(timestamp, arrival);
    return true;
}

std::int64_t SourceStatistics::expected() const
{
    return received_ == 0 ? 0 : std::int64_t{highest()} - base_ + 1;
}

std::int32_t SourceStatistics::reported_loss() const
{
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x800000, 0x7fffff));
}

// RFC 3550 A.3
std::uint8_t SourceStatistics::take_fraction()
{
    const auto expected_now = expected();
    const auto received_now = static_cast<std::int64_t>(received_);
    const auto expected_since = expected_now - expected_before_;
    const auto lost_since = expected_since - (received_now - received_before_);
    expected_before_ = expected_now;
    received_before_ = received_now;
    if (expected_since <= 0 || lost_since <= 0) {
        return 0;
    }
    return static_cast<std::uint8_t>(std::min<std::int64_t>(lost_since * 256 / expected_since, 255));
}

std::chrono::nanoseconds SourceStatistics::jitter_time() const
{
    return nanoseconds{static_cast<std::int64_t>(jitter()) * 1'000'000'000 / clock_rate_};
}

} // namespace millrace::rtp
