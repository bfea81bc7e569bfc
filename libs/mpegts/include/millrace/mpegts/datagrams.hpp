// Transport packets on their way over UDP: when each datagram is due.
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/base/clock.hpp>
#include <millrace/mpegts/packet.hpp>

#include <array>
#include <deque>
#include <optional>

namespace millrace::mpegts {

/// Packets of a program in, datagrams of seven out, each at its time: between two clock references the
/// packets go out evenly, and the references as far apart as they say (ISO/IEC 13818-1 §2.4.2.2, annex
/// D.0.9).
///
/// What stands behind a reference waits for the next one, which tells how fast it goes out.
class Datagrams {
public:
    static constexpr std::size_t kPackets = 7; ///< In one datagram: as many as an Ethernet frame holds.

    struct Limits {
        std::size_t bytes = std::size_t{8} << 20U; ///< Held; more is dropped, from the oldest on.
        Clock::duration margin =
            std::chrono::milliseconds{20}; ///< How much later than before a source may come without a break.
        Clock::duration ahead = std::chrono::seconds{1}; ///< What is further ahead begins anew, now.
        Clock::duration patience = std::chrono::milliseconds{100}; ///< How long a datagram waits to be full.
    };

    Datagrams() = default;
    explicit Datagrams(Limits limits) : limits_{limits} {}

    /// Takes whole packets.
    void feed(ByteView packets, Clock::time_point now);
    /// No more will come: all that is held is due when its time comes, at the latest now.
    void end(Clock::time_point now);

    /// When the next datagram is due; time_point::max() when none waits.
    Clock::time_point deadline() const;
    /// The next datagram that is due.
    std::optional<Bytes> next(Clock::time_point now);

    std::uint64_t dropped() const { return dropped_; } ///< Packets.
    std::uint64_t begun_anew() const { return begun_anew_; }

private:
    void place(std::int64_t pcr, Clock::time_point now);
    void drop_oldest();

    Limits limits_;
    std::deque<Clock::time_point> due_; ///< Of the packets at the front of held_.
    std::deque<std::array<std::uint8_t, kPacketBytes>>
        held_;                        ///< Timed ones, then those behind the newest reference.
    std::optional<std::int64_t> pcr_; ///< The newest, and when it is due.
    Clock::time_point pcr_due_;
    bool running_ = false; ///< An interval between two references has a time.
    bool ended_ = false;
    std::uint64_t dropped_ = 0;
    std::uint64_t begun_anew_ = 0;
};

} // namespace millrace::mpegts
