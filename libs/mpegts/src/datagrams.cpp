#include <millrace/mpegts/datagrams.hpp>
#include <millrace/mpegts/time.hpp>

#include <algorithm>

namespace millrace::mpegts {
namespace {

constexpr std::int64_t kWrap = (kTimestampMask + 1) * 300;

/// The clock reference of a packet, in 27 MHz ticks.
std::optional<std::int64_t> pcr_of(ByteView packet)
{
    const bool has_field = (packet[3] & 0x20U) != 0 && packet[4] >= 7;
    return has_field && (packet[5] & 0x10U) != 0 ? std::optional{read_pcr(&packet[6])} : std::nullopt;
}

} // namespace

void Datagrams::feed(ByteView packets, Clock::time_point now)
{
    for (; packets.size() >= kPacketBytes; packets = packets.subspan(kPacketBytes)) {
        const auto packet = packets.first(kPacketBytes);
        if (const auto pcr = pcr_of(packet)) {
            place(*pcr, now);
        }
        std::copy_n(packet.begin(), kPacketBytes, held_.emplace_back().begin());
        if (held_.size() * kPacketBytes > limits_.bytes) {
            drop_oldest();
        }
    }
}

/// All that came since the reference before has its time now: evenly between that one's and this one's.
void Datagrams::place(std::int64_t pcr, Clock::time_point now)
{
    using Ticks27 = std::chrono::duration<std::int64_t, std::ratio<1, 27'000'000>>;
    if (!pcr_) {
        pcr_ = pcr; // what stands before it goes out with what is behind
        return;
    }
    const auto waiting = static_cast<std::int64_t>(held_.size() - due_.size());
    const auto step = ((pcr - *pcr_) % kWrap + kWrap) % kWrap;
    auto span = std::chrono::duration_cast<Clock::duration>(Ticks27{step});
    const bool late = pcr_due_ < now;
    if (!running_ || late || span > limits_.ahead || pcr_due_ > now + limits_.ahead) {
        // With some room, so that what comes a little late later on is still in time.
        begun_anew_ += running_ ? 1 : 0;
        for (auto& due : due_) {
            due = std::min(due, now);
        }
        running_ = span <= limits_.ahead;
        span = running_ ? span : Clock::duration{0};
        pcr_due_ = running_ ? now + limits_.margin : now;
    }
    for (std::int64_t i = 0; i < waiting; ++i) {
        due_.push_back(pcr_due_ + span * i / waiting);
    }
    pcr_ = pcr;
    pcr_due_ += span;
}

void Datagrams::drop_oldest()
{
    held_.pop_front();
    if (!due_.empty()) {
        due_.pop_front();
    }
    ++dropped_;
}

void Datagrams::end(Clock::time_point now)
{
    const auto last = due_.empty() ? now : due_.back();
    due_.resize(held_.size(), last);
    ended_ = true;
}

Clock::time_point Datagrams::deadline() const
{
    if (due_.empty()) {
        return Clock::time_point::max();
    }
    // A datagram that is not full yet waits a little for what fills it.
    const bool whole = ended_ || due_.size() >= kPackets;
    return whole ? due_.front() : due_.front() + limits_.patience;
}

std::optional<Bytes> Datagrams::next(Clock::time_point now)
{
    if (deadline() > now) {
        return std::nullopt;
    }
    Bytes datagram;
    const auto count = std::min(due_.size(), kPackets);
    datagram.reserve(count * kPacketBytes);
    for (std::size_t i = 0; i < count; ++i) {
        datagram.insert(datagram.end(), held_.front().begin(), held_.front().end());
        held_.pop_front();
        due_.pop_front();
    }
    return datagram;
}

} // namespace millrace::mpegts
