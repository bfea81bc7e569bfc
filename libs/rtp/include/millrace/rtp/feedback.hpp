// What one viewer tells about what it gets: RTCP in, figures and wishes out.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/rtp/rtcp.hpp>

#include <array>
#include <map>

namespace millrace::rtp {

/// Reads the reports of one viewer (or of all of a group) about the sources that we send.
class Feedback {
public:
    /// How much peers may make us hold.
    struct Limits {
        std::size_t sources = 32;
        std::size_t nacks = 512; ///< Kept until they are taken.
    };

    /// Of one source, as the viewer last reported.
    struct Figures {
        std::uint64_t reports = 0;
        double fraction_lost = 0; ///< 0 to 1.
        std::int64_t lost = 0;
        std::uint32_t highest = 0;
        std::uint32_t jitter = 0; ///< Timestamp units.
        std::optional<std::chrono::nanoseconds> round_trip;
    };

    /// A packet that is asked for again.
    struct Wanted {
        std::uint32_t ssrc = 0;
        std::uint16_t sequence = 0;

        friend bool operator==(const Wanted&, const Wanted&) = default;
    };

    Feedback() : Feedback{Limits{}} {}
    explicit Feedback(Limits limits) : limits_{limits} {}

    /// A sender report went out, with this NTP time in the middle 32 bits.
    void sent_report(std::uint32_t ntp_middle, Clock::time_point now);
    /// One RTCP datagram. Errors: those of read_compound().
    Result<> feed(ByteView datagram, Clock::time_point now);

    /// Whether a key frame was asked for (PLI, or a FIR that is not a repetition) since the last call.
    bool take_key_request();
    /// The packets that were asked for since the last call.
    std::vector<Wanted> take_wanted();
    /// Whether the viewer said BYE.
    bool left() const { return left_; }
    /// Bits a second that the viewer believes it can take (REMB).
    std::optional<std::uint64_t> estimate() const { return estimate_; }
    const std::map<std::uint32_t, Figures>& figures() const { return figures_; }
    std::optional<Clock::time_point> last_heard() const { return last_heard_; }
    const QuirkCounts& quirks() const { return quirks_; }

private:
    struct Sent {
        std::uint32_t middle = 0;
        Clock::time_point at{};
    };

    void take(const rtcp::ReportBlock& block, Clock::time_point now);
    void take(const rtcp::Packet& packet, Clock::time_point now);

    Limits limits_;
    std::array<Sent, 16> sent_{};
    std::size_t sent_count_ = 0;
    std::map<std::uint32_t, Figures> figures_;
    std::map<std::uint32_t, std::uint8_t> fir_;
    std::vector<Wanted> wanted_;
    bool key_ = false;
    bool left_ = false;
    std::optional<std::uint64_t> estimate_;
    std::optional<Clock::time_point> last_heard_;
    QuirkCounts quirks_;
};

} // namespace millrace::rtp
