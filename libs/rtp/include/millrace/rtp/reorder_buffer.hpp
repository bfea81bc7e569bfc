// Puts packets in the order of their numbers, within a bounded time that adapts to the jitter.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/rtp/packet.hpp>

#include <bitset>
#include <deque>
#include <vector>

namespace millrace::rtp {

/// Packets in as they arrive, packets out in order; what does not come in time is given up.
class ReorderBuffer {
public:
    struct Limits {
        std::size_t packets = 512; ///< Held at once, and the farthest a packet may be ahead. A power of two.
        std::chrono::nanoseconds shortest = std::chrono::milliseconds{20};
        std::chrono::nanoseconds longest = std::chrono::milliseconds{200};
        std::int64_t oldest = 100; ///< A packet behind by more is not late, but of a source that began anew.
        std::size_t restart_after = 2; ///< Such packets in a row make it believed.
    };

    enum class Outcome : std::uint8_t {
        taken,
        duplicate,
        late,      ///< After its place had been given up.
        suspect,   ///< Far off; the next one tells whether the source began anew.
        restarted, ///< The source began anew with this packet.
    };

    /// In order; `lost` of them are missing before it.
    struct Ordered {
        Packet packet;
        std::int64_t lost = 0;
        bool restarted = false; ///< The first one of a source that began anew.
    };

    ReorderBuffer() : ReorderBuffer{Limits{}} {}
    explicit ReorderBuffer(Limits limits) : limits_{limits} {}

    /// `jitter` is that of the source just now: a gap is waited for 4 times as long and 5 ms.
    Outcome feed(Packet packet, std::chrono::nanoseconds jitter, Clock::time_point now);
    std::optional<Ordered> next();
    /// When a gap is given up; none when there is none.
    std::optional<Clock::time_point> deadline() const;
    void tick(Clock::time_point now);
    /// Gives all that is held, whatever is missing.
    void flush();
    /// The numbers that are missing now, for a NACK.
    std::vector<std::uint16_t> missing() const;
    std::uint64_t reordered() const { return reordered_; }

private:
    struct Slot {
        std::int64_t number = -1;
        Packet packet;
    };

    Slot& slot(std::int64_t number);
    void give(Packet packet, std::int64_t lost);
    void pass();
    void release(bool over_gaps);
    void restart(Packet packet);

    Limits limits_;
    std::vector<Slot> ring_;
    std::deque<Ordered> ready_;
    static constexpr std::size_t kRemembered = 128; ///< Numbers behind the next one.

    std::int64_t highest_ = -1;
    std::bitset<kRemembered> given_; ///< Of the last numbers: whether they were given, not lost.
    std::int64_t next_ = -1;         ///< The number that is to be given next.
    std::size_t held_ = 0;
    std::size_t suspects_ = 0;
    std::uint16_t suspect_next_ = 0;
    bool restarted_ = false;
    std::uint64_t reordered_ = 0;
    std::chrono::nanoseconds wait_{0};
    std::optional<Clock::time_point> gap_since_;
};

} // namespace millrace::rtp
