// When a member of a session sends RTCP (RFC 3550 §6.2, §6.3, A.7).
#pragma once

#include <millrace/base/clock.hpp>

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace millrace::rtp {

/// Keeps the RTCP of all members together within 5 % of the session's bandwidth, whatever their number:
/// intervals grow with the members, are random, and are reconsidered when they are over (§6.3.1, §6.3.3); who
/// leaves makes room (§6.3.4), and leaves slowly when many do (§6.3.7).
class ReportTimer {
public:
    struct Options {
        double bandwidth = 1e6;       ///< Of the session, in bits a second.
        bool reduced_minimum = false; ///< 360 s / kbit/s instead of 5 s (§6.2).
        std::uint64_t seed = 1;       ///< Of the random factor.
        std::size_t members = 16384;  ///< Most that are remembered; more are counted as these.
    };

    static constexpr double kShare = 0.05;
    static constexpr double kSenderShare = 0.25;           ///< Of that, for senders, when they are few.
    static constexpr std::size_t kLower = 28;              ///< Bytes of UDP and IPv4 heads that count too.
    static constexpr double kCompensation = 2.71828 - 1.5; ///< Of the reconsideration.
    static constexpr std::chrono::nanoseconds kMinimum = std::chrono::seconds{5};

    ReportTimer(std::uint32_t ours, Options options, Clock::time_point now);

    /// A packet of a member: RTP when `sends`, else RTCP of `bytes` (of the datagram's content).
    void heard(std::uint32_t ssrc, bool sends, std::size_t bytes, Clock::time_point now);
    /// A member said BYE.
    void left(std::uint32_t ssrc, std::size_t bytes, Clock::time_point now);
    /// We sent RTP.
    void we_send(Clock::time_point now) { we_sent_ = now; }

    Clock::time_point deadline() const { return next_; }
    /// Whether to send now; otherwise a new deadline() was drawn. Expects: the deadline is over.
    bool expired(Clock::time_point now);
    /// What expired() told to send was sent, so long.
    void sent(std::size_t bytes, Clock::time_point now);
    /// We leave: the BYE is to be sent when expired() says so; at once where there are few (§6.3.7).
    void leave(std::size_t bye_bytes, Clock::time_point now);

    std::size_t members() const { return leaving_ ? byes_ + 1 : members_.size() + 1; }
    std::size_t senders() const { return sending_ + (we_are_sender() ? 1 : 0); }
    double average_size() const { return average_; }

private:
    struct Member {
        Clock::time_point heard{};
        std::optional<Clock::time_point> sent_rtp;
    };

    std::chrono::nanoseconds interval(bool random, bool as_receiver);
    double uniform();
    void weigh(std::size_t bytes) { average_ += (static_cast<double>(bytes + kLower) - average_) / 16; }
    void forget(Clock::time_point now);
    bool we_are_sender() const { return we_sent_.has_value(); }

    std::uint32_t ours_;
    Options options_;
    std::unordered_map<std::uint32_t, Member> members_; ///< Without us.
    std::size_t sending_ = 0;                           ///< Of the members.
    std::optional<Clock::time_point> we_sent_;
    Clock::time_point last_;
    Clock::time_point next_;
    std::size_t members_before_ = 1; ///< When the deadline was drawn.
    std::size_t byes_ = 0;
    double average_ = 100 + kLower;
    bool initial_ = true;
    bool leaving_ = false;
    std::uint64_t random_;
};

} // namespace millrace::rtp
