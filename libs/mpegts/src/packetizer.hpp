// Payloads of one PID, cut into packets.
#pragma once

#include <millrace/mpegts/packet.hpp>
#include <millrace/mpegts/time.hpp>

#include <span>

namespace millrace::mpegts {

/// What the adaptation field of a payload's first packet tells (ISO/IEC 13818-1 §2.4.3.4).
struct Lead {
    bool random_access = false; ///< Decoding can begin here.
    bool discontinuity = false; ///< The program clock begins anew with this reference.
    std::optional<Ticks> pcr;

    std::size_t bytes() const { return !random_access && !discontinuity && !pcr ? 0 : pcr ? 8 : 2; }
    std::uint8_t flags() const;
};

/// Sections and PES packets in, transport packets out, with a continuity counter that never begins anew.
class Packetizer {
public:
    explicit Packetizer(std::uint16_t pid) : pid_{pid} {}

    std::uint16_t pid() const { return pid_; }

    /// Appends one PES packet, given in parts; what is left of the last packet is stuffing. Expects: the
    /// parts hold at least one byte.
    void write(const Lead& lead, std::span<const ByteView> parts, Bytes& out);

    /// Appends a section that stands alone in its packets.
    void write_section(ByteView section, Bytes& out);

    /// Appends a packet with nothing but the program clock.
    void write_clock(const Lead& lead, Bytes& out);

private:
    std::uint16_t pid_;
    std::uint8_t counter_ = 0; ///< Of the next packet with a payload.
};

} // namespace millrace::mpegts
