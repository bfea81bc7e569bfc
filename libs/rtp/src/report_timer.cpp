#include <millrace/rtp/report_timer.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kManyLeave = 50; ///< RFC 3550 §6.3.7.
constexpr int kSilentIntervals = 5;    ///< Until a member is forgotten (§6.3.5).

nanoseconds seconds(double value)
{
    return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(std::min(value, 1e6)));
}

} // namespace

ReportTimer::ReportTimer(std::uint32_t ours, Options options, Clock::time_point now)
    : ours_{ours}, options_{options}, last_{now}, random_{options.seed}
{
    next_ = now + std::chrono::duration_cast<Clock::duration>(interval(true, false));
}

double ReportTimer::uniform()
{
    // splitmix64: good enough to scatter, and the same each time for a test.
    random_ += 0x9e3779b97f4a7c15U;
    auto x = random_;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    x ^= x >> 31U;
    return static_cast<double>(x >> 11U) / 9007199254740992.0;
}

// RFC 3550 §6.3.1
nanoseconds ReportTimer::interval(bool random, bool as_receiver)
{
    const double bytes_per_second = kShare * options_.bandwidth / 8;
    const auto all = static_cast<double>(members());
    const auto sending = leaving_ ? 0.0 : static_cast<double>(senders());
    double share = bytes_per_second;
    double count = all;
    if (sending > 0 && sending <= all * kSenderShare) {
        const bool sender = we_are_sender() && !as_receiver;
        share *= sender ? kSenderShare : 1 - kSenderShare;
        count = sender ? sending : all - sending;
    }
    auto least = kMinimum;
    if (options_.reduced_minimum && !as_receiver) {
        least = std::min(least, seconds(360 / (options_.bandwidth / 1000)));
    }
    if (initial_) {
        least /= 2;
    }
    const auto fixed = std::max(least, seconds(count * average_ / share));
    if (!random) {
        return fixed;
    }
    const auto factor = (0.5 + uniform()) / kCompensation;
    return seconds(std::chrono::duration<double>(fixed).count() * factor);
}

void ReportTimer::heard(std::uint32_t ssrc, bool sends, std::size_t bytes, Clock::time_point now)
{
    if (!sends) {
        weigh(bytes);
    }
    if (ssrc == ours_ || (leaving_ && !sends)) {
        return;
    }
    if (!members_.contains(ssrc) && members_.size() >= options_.members) {
        return;
    }
    auto& member = members_[ssrc];
    member.heard = now;
    if (sends) {
        sending_ += member.sent_rtp ? 0 : 1;
        member.sent_rtp = now;
    }
}

// RFC 3550 §6.3.4: reverse reconsideration.
void ReportTimer::left(std::uint32_t ssrc, std::size_t bytes, Clock::time_point now)
{
    weigh(bytes);
    if (leaving_) {
        ++byes_;
        return;
    }
    if (const auto found = members_.find(ssrc); found != members_.end()) {
        sending_ -= found->second.sent_rtp ? 1 : 0;
        members_.erase(found);
    }
    const auto count = members();
    if (count >= members_before_) {
        return;
    }
    const auto shrunk = static_cast<double>(count) / static_cast<double>(members_before_);
    const auto part = [shrunk](Clock::duration whole) {
        return Clock::duration{static_cast<Clock::rep>(static_cast<double>(whole.count()) * shrunk)};
    };
    next_ = now + part(next_ - now);
    last_ = now - part(now - last_);
    members_before_ = count;
}

/// RFC 3550 §6.3.5: silent members are forgotten, and senders that no longer send.
void ReportTimer::forget(Clock::time_point now)
{
    const auto silent = interval(false, true) * kSilentIntervals;
    const auto quiet = 2 * interval(false, false);
    for (auto each = members_.begin(); each != members_.end();) {
        auto& member = each->second;
        const bool stopped = member.sent_rtp && now - *member.sent_rtp > quiet;
        const bool gone = now - member.heard > silent;
        if (stopped || (gone && member.sent_rtp)) {
            --sending_;
            member.sent_rtp.reset();
        }
        each = gone ? members_.erase(each) : std::next(each);
    }
    if (we_sent_ && now - *we_sent_ > quiet) {
        we_sent_.reset();
    }
}

// RFC 3550 §6.3.6: timer reconsideration.
bool ReportTimer::expired(Clock::time_point now)
{
    if (!leaving_) {
        forget(now);
    }
    const auto drawn = last_ + std::chrono::duration_cast<Clock::duration>(interval(true, false));
    members_before_ = members();
    if (drawn <= now) {
        return true;
    }
    next_ = drawn;
    return false;
}

void ReportTimer::sent(std::size_t bytes, Clock::time_point now)
{
    weigh(bytes);
    last_ = now;
    initial_ = false;
    next_ = now + std::chrono::duration_cast<Clock::duration>(interval(true, false));
    members_before_ = members();
}

void ReportTimer::leave(std::size_t bye_bytes, Clock::time_point now)
{
    const bool many = members() > kManyLeave;
    leaving_ = true;
    initial_ = true;
    byes_ = 0;
    we_sent_.reset();
    average_ = static_cast<double>(bye_bytes + kLower);
    last_ = many ? now : Clock::time_point{};
    next_ = many ? now + std::chrono::duration_cast<Clock::duration>(interval(true, false)) : now;
    members_before_ = 1;
}

} // namespace millrace::rtp
