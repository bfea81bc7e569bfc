// Mixers and translators (RFC 3550 §7): several sources under one name, and one source passed on.
#pragma once

#include <millrace/rtp/packet.hpp>
#include <millrace/rtp/rtcp.hpp>

#include <map>

namespace millrace::rtp {

/// Sends under a name of its own what it makes of several sources, and names those as contributors. What is
/// mixed, and how, is the caller's; the names, the numbers and the reports are here.
class Mixer {
public:
    struct Options {
        std::uint32_t ssrc = 1;
        std::uint16_t sequence = 0;
        std::uint8_t payload_type = 0;
        std::string cname = "millrace";
    };

    explicit Mixer(Options options) : options_{std::move(options)}, next_{options_.sequence} {}

    /// A packet of a source that goes into the next mixed one. Past kMostSources they are mixed, not named.
    void contribute(const Packet& packet);
    /// What a source tells of itself, to be passed on.
    void describe(const rtcp::Sdes& sdes);
    /// A source has left.
    void leave(std::uint32_t ssrc);
    /// The mixed packet: our name and numbers, the contributors since the last one.
    Packet mix(std::uint32_t timestamp, bool marker, SharedBytes payload);
    /// Our report, and the names of ourselves and of the contributors. The sources' own reports are not
    /// passed on.
    std::vector<rtcp::Packet> report(NtpTime ntp, std::uint32_t timestamp) const;

private:
    Options options_;
    std::uint16_t next_;
    std::vector<std::uint32_t> contributors_;
    std::map<std::uint32_t, std::string> names_; ///< CNAMEs of sources.
    std::uint32_t packets_ = 0;
    std::uint32_t octets_ = 0;
};

/// Passes packets on under the name, numbers and times that they have; the payload type may change.
class Translator {
public:
    /// From which payload type to which; what is not named stays.
    explicit Translator(std::map<std::uint8_t, std::uint8_t> types = {}) : types_{std::move(types)} {}

    Packet pass(Packet packet) const;
    /// As pass(), of a payload that the caller has made anew: what is said about counts follows.
    Packet pass(Packet packet, SharedBytes payload);
    /// Reports pass too; a sender's counts become those of what went out.
    rtcp::Packet pass(rtcp::Packet report) const;

private:
    std::map<std::uint8_t, std::uint8_t> types_;
    std::map<std::uint32_t, std::int64_t> grown_; ///< By how many octets a source's payloads grew.
};

} // namespace millrace::rtp
