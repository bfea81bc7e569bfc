// The Transport header: how a stream's packets come (RFC 2326 §12.39).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::rtsp {

enum class Lower : std::uint8_t { udp, tcp };

/// RTP's port, or channel, and RTCP's.
struct Ports {
    std::uint16_t rtp = 0;
    std::uint16_t rtcp = 0;

    friend bool operator==(const Ports&, const Ports&) = default;
};

/// One specification of the list.
struct Transport {
    std::string profile = "RTP/AVP"; ///< "RTP/AVP", "RTP/SAVP", "RTP/AVPF", "MP2T/H2221", "RAW/RAW".
    Lower lower = Lower::udp;
    bool udp_spelled = false; ///< It was written RTP/AVP/UDP: the answer repeats that.
    bool multicast = false;
    std::optional<Ports> interleaved; ///< Channels.
    std::optional<Ports> client_port;
    std::optional<Ports> server_port;
    std::optional<Ports> port; ///< Of a multicast group.
    std::string destination;
    std::string source;
    std::optional<unsigned> ttl;
    std::optional<std::uint32_t> ssrc;
    bool record = false;
    bool append = false;

    friend bool operator==(const Transport&, const Transport&) = default;
};

/// All specifications in the peer's order of preference; what is none of them is left out.
std::vector<Transport> read_transports(std::string_view text);
std::string write(const Transport& transport);

/// What we can do for one track.
struct TransportOffer {
    bool udp = true;
    bool tcp = true;
    bool multicast = false;
    bool client_multicast = false; ///< The client may name group and port.
    bool secure_rtp = false;       ///< RTP/SAVP.
};

/// The first specification that we can do; none: 461.
std::optional<Transport> choose(std::span<const Transport> wanted, const TransportOffer& offer);

} // namespace millrace::rtsp
