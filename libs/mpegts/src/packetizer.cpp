#include "packetizer.hpp"

#include <algorithm>
#include <cstring>

namespace millrace::mpegts {
namespace {

constexpr std::size_t kHeadBytes = 4;
constexpr std::size_t kRoom = kPacketBytes - kHeadBytes;
constexpr std::uint8_t kStuffing = 0xff;

/// Parts, read as one.
class Gather {
public:
    explicit Gather(std::span<const ByteView> parts) : parts_{parts} {}

    void copy(std::uint8_t* to, std::size_t count)
    {
        while (count > 0) {
            const auto part = parts_.front().subspan(at_);
            const auto step = std::min(count, part.size());
            if (step > 0) {
                std::memcpy(to, part.data(), step);
            }
            to += step;
            count -= step;
            at_ += step;
            if (at_ == parts_.front().size()) {
                parts_ = parts_.subspan(1);
                at_ = 0;
            }
        }
    }

private:
    std::span<const ByteView> parts_;
    std::size_t at_ = 0;
};

// head := 47 error:u1 start:u1 priority:u1 pid:u13 scrambling:u2 field:u1 payload:u1 counter:u4
void write_head(std::uint8_t* to, std::uint16_t pid, bool start, bool field, bool payload,
                std::uint8_t counter)
{
    to[0] = kSyncByte;
    to[1] = static_cast<std::uint8_t>((start ? 0x40U : 0U) | pid >> 8U);
    to[2] = static_cast<std::uint8_t>(pid);
    to[3] = static_cast<std::uint8_t>((field ? 0x20U : 0U) | (payload ? 0x10U : 0U) | counter);
}

/// An adaptation field of that many bytes, its length included. Expects: the lead's own fit.
void write_field(std::uint8_t* to, std::size_t bytes, const Lead& lead)
{
    to[0] = static_cast<std::uint8_t>(bytes - 1);
    if (bytes == 1) {
        return;
    }
    to[1] = lead.flags();
    std::size_t used = 2;
    if (lead.pcr) {
        const auto pcr = write_pcr(*lead.pcr, 0);
        std::memcpy(to + used, pcr.data(), pcr.size());
        used += pcr.size();
    }
    std::memset(to + used, kStuffing, bytes - used);
}

} // namespace

std::uint8_t Lead::flags() const
{
    return static_cast<std::uint8_t>((discontinuity ? 0x80U : 0U) | (random_access ? 0x40U : 0U) |
                                     (pcr ? 0x10U : 0U));
}

void Packetizer::write(const Lead& lead, std::span<const ByteView> parts, Bytes& out)
{
    std::size_t left = 0;
    for (const auto part : parts) {
        left += part.size();
    }
    const auto packets = (left + lead.bytes() + kRoom - 1) / kRoom;
    const auto begin = out.size();
    out.resize(begin + packets * kPacketBytes);
    auto* to = out.data() + begin;
    Gather gather{parts};
    for (std::size_t i = 0; i < packets; ++i, to += kPacketBytes) {
        const auto count = std::min(left, kRoom - (i == 0 ? lead.bytes() : 0));
        const auto field = kRoom - count;
        write_head(to, pid_, i == 0, field > 0, true, counter_);
        counter_ = (counter_ + 1U) & 15U;
        if (field > 0) {
            write_field(to + kHeadBytes, field, i == 0 ? lead : Lead{});
        }
        gather.copy(to + kHeadBytes + field, count);
        left -= count;
    }
}

void Packetizer::write_section(ByteView section, Bytes& out)
{
    bool first = true;
    while (!section.empty()) {
        const auto begin = out.size();
        out.resize(begin + kPacketBytes, kStuffing);
        auto* to = out.data() + begin;
        write_head(to, pid_, first, false, true, counter_);
        counter_ = (counter_ + 1U) & 15U;
        to += kHeadBytes;
        if (first) {
            *to++ = 0; // pointer: the section begins at once
        }
        const auto count = std::min(section.size(), kRoom - (first ? 1 : 0));
        std::memcpy(to, section.data(), count);
        section = section.subspan(count);
        first = false;
    }
}

void Packetizer::write_clock(const Lead& lead, Bytes& out)
{
    const auto begin = out.size();
    out.resize(begin + kPacketBytes);
    auto* to = out.data() + begin;
    write_head(to, pid_, false, true, false, (counter_ - 1U) & 15U);
    write_field(to + kHeadBytes, kRoom, lead);
}

} // namespace millrace::mpegts
