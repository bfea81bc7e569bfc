#include <millrace/rtp/timeline.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t kSecond = 1'000'000'000;

NtpTime shifted(NtpTime time, nanoseconds by)
{
    const auto whole = by.count() >= 0 ? by.count() / kSecond : -((-by.count() + kSecond - 1) / kSecond);
    const auto rest = static_cast<std::uint64_t>(by.count() - whole * kSecond);
    return {time.value + (static_cast<std::uint64_t>(whole) << 32U) + (rest << 32U) / kSecond};
}

} // namespace

std::size_t Timeline::add(std::uint32_t clock_rate)
{
    media_.push_back({.rate = clock_rate});
    return media_.size() - 1;
}

nanoseconds Timeline::since_begin(Clock::time_point now)
{
    if (!begin_) {
        begin_ = now;
    }
    return now - *begin_;
}

nanoseconds Timeline::duration(const Medium& medium, std::int64_t units) const
{
    const std::int64_t rate = medium.rate;
    return nanoseconds{units / rate * kSecond + units % rate * kSecond / rate};
}

nanoseconds Timeline::place(const Medium& medium, std::int64_t timestamp) const
{
    return medium.at + duration(medium, timestamp - medium.anchor);
}

void Timeline::anchor(Medium& medium, std::int64_t timestamp, nanoseconds arrival)
{
    medium.anchored = true;
    medium.lost_anchor = false;
    medium.anchor = timestamp;
    medium.at = arrival + medium.behind;
    medium.target = nanoseconds{0};
    medium.newest = timestamp;
    medium.last = timestamp;
    medium.ntp.reset();
    medium.synchronised = false;
}

/// Time goes on to a timestamp: the anchor goes with it, and takes a part of what is to be corrected along.
void Timeline::advance(Medium& medium, std::int64_t timestamp)
{
    if (timestamp <= medium.newest) {
        return;
    }
    const auto most = duration(medium, timestamp - medium.newest) / kSlowness;
    const auto part = std::clamp(medium.target, -most, most);
    medium.target -= part;
    medium.at += part;
    medium.newest = timestamp;
    // Close to what is timed, so that numbers stay small; whole seconds, so that nothing is rounded twice.
    const auto whole = (timestamp - medium.anchor) / medium.rate;
    medium.anchor += whole * medium.rate;
    medium.at += nanoseconds{whole * kSecond};
}

bool Timeline::arrived(std::size_t number, std::int64_t timestamp, Clock::time_point now)
{
    auto& medium = media_[number];
    const auto arrival = since_begin(now);
    if (!medium.anchored) {
        anchor(medium, timestamp, arrival);
        return false;
    }
    const auto step = duration(medium, timestamp - medium.last);
    const bool jump = medium.lost_anchor || step > kFarthest || step < -kStep;
    const bool odd = timestamp == medium.last || jump;
    medium.odd = medium.odd >= kOddInARow ? medium.odd : odd && !medium.lost_anchor ? medium.odd + 1 : 0;
    if (jump || by_arrival(number)) {
        anchor(medium, timestamp, arrival);
    } else {
        advance(medium, timestamp);
        medium.last = timestamp;
        medium.behind = place(medium, timestamp) - arrival;
    }
    return jump;
}

MediaTime Timeline::time_of(std::size_t number, std::int64_t timestamp) const
{
    return kBegin + place(media_[number], timestamp);
}

void Timeline::restart(std::size_t number)
{
    auto& medium = media_[number];
    medium.lost_anchor = medium.anchored;
    medium.odd = 0;
}

/// Moves a medium by `error`, at once or slowly. At once is always forward: of two of which one is ahead, the
/// other one is moved.
void Timeline::correct(Medium& medium, nanoseconds error, bool at_once)
{
    if (!at_once) {
        medium.target = error;
        return;
    }
    medium.target = nanoseconds{0};
    if (error >= nanoseconds{0}) {
        medium.at += error;
        medium.behind += error;
        return;
    }
    for (auto& other : media_) {
        if (&other != &medium) {
            other.at -= error;
            other.behind -= error;
        }
    }
    zero_ = shifted(*zero_, error);
}

bool Timeline::report(std::size_t number, NtpTime ntp, std::int64_t timestamp, Clock::time_point now)
{
    auto& medium = media_[number];
    // Quirk: cameras that report no time, or one that goes backwards.
    if (ntp.value == 0 || (medium.ntp && ntp - *medium.ntp < nanoseconds{0}) || medium.lost_anchor ||
        by_arrival(number)) {
        return false;
    }
    const auto here = place(medium, timestamp);
    // A report tells of about now: one of a timestamp far off belongs to another numbering.
    const auto late = since_begin(now) + medium.behind - here;
    if (late > kFarthest || late < -kFarthest) {
        return false;
    }
    if (!zero_) {
        zero_ = shifted(ntp, -here);
    }
    const auto error = (ntp - *zero_) - here;
    // Quirk: cameras whose media have clocks of different epochs: they stay where they arrived.
    if (error > kFarthest || error < -kFarthest) {
        return false;
    }
    const bool far = error > kStep || error < -kStep;
    correct(medium, error, !medium.synchronised || far);
    medium.synchronised = true;
    medium.ntp = ntp;
    return true;
}

} // namespace millrace::rtp
