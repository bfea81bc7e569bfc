// Session descriptions (RFC 8866, RFC 4566): text in, media out, and the other way round.
#pragma once

#include <millrace/sdp/attributes.hpp>
#include <millrace/sdp/error.hpp>

#include <cstddef>

namespace millrace::sdp {

/// `o=` (RFC 8866 §5.2). The numbers are texts, because products write anything there.
struct Origin {
    std::string user = "-";
    std::string session = "0";
    std::string version = "0";
    bool ip6 = false;
    std::string address = "0.0.0.0";

    friend bool operator==(const Origin&, const Origin&) = default;
};

/// `c=` (RFC 8866 §5.7).
struct Connection {
    bool ip6 = false;
    std::string address; ///< Without TTL and count.
    std::optional<std::uint8_t> ttl;
    std::uint32_t count = 1; ///< Of contiguous groups.

    /// Whether the address is one of a group (224/4, ff00::/8).
    bool multicast() const;

    friend bool operator==(const Connection&, const Connection&) = default;
};

/// `b=AS:2000` (RFC 8866 §5.8).
struct Bandwidth {
    std::string type;
    std::uint64_t value = 0; ///< Kilobits a second, except for TIAS, RR and RS.

    friend bool operator==(const Bandwidth&, const Bandwidth&) = default;
};

/// What session and media have alike.
struct Section {
    std::optional<Connection> connection;
    std::vector<Bandwidth> bandwidths;
    std::vector<Attribute> attributes;

    /// The first attribute of that name; none when there is none. Empty for a flag. Valid while this is.
    std::optional<std::string_view> get(std::string_view name) const;
    bool has(std::string_view name) const { return get(name).has_value(); }
    void set(std::string name, std::optional<std::string> value = std::nullopt);
    /// `a=control`.
    std::optional<std::string_view> control() const { return get("control"); }
    std::optional<SourceFilter> source_filter() const;
    std::vector<Crypto> cryptos() const;

    friend bool operator==(const Section&, const Section&) = default;
};

/// One `m=` line and what belongs to it (RFC 8866 §5.14).
struct Media : Section {
    std::string type = "video"; ///< As written: "video", "audio", "application", "metadata", …
    std::uint16_t port = 0;
    std::uint16_t port_count = 1;
    std::string protocol = "RTP/AVP";
    std::vector<std::string> formats; ///< Payload types of RTP.
    bool skip = false;                ///< Nothing that can be played; kept, so that numbers of media stay.
    std::vector<RtpMap> maps;         ///< One for each payload type that is known by rtpmap or by RFC 3551.
    std::vector<Fmtp> fmtps;

    bool secure() const;   ///< RTP/SAVP or RTP/SAVPF.
    bool feedback() const; ///< RTP/AVPF or RTP/SAVPF.
    const RtpMap* map(std::uint8_t payload_type) const;
    /// The parameters of a payload type; empty ones when there are none.
    const Parameters& parameters(std::uint8_t payload_type) const;

    friend bool operator==(const Media&, const Media&) = default;
};

/// A whole session description.
struct Description : Section {
    Origin origin;
    std::string name = "-"; ///< `s=`.
    std::string information;
    std::string time = "0 0"; ///< `t=`, as written.
    std::vector<Media> media;
    QuirkCounts quirks;

    friend bool operator==(const Description&, const Description&) = default;
};

/// How much one peer may make us hold.
struct Limits {
    std::size_t bytes = std::size_t{128} << 10U;
    std::size_t media = 32;
    std::size_t attributes = 512; ///< Of the session, and of each medium.
};

/// Reads what shipped products write; what is odd about it is counted in `quirks`, not refused.
/// Errors: too_big, too_many_media, too_many_lines, not_sdp.
Result<Description> parse(std::string_view text, const Limits& limits = {});

/// Lines with CRLF, in the order of RFC 8866 §5. `maps` and `fmtps` of a medium are written as its
/// attributes.
std::string write(const Description& description);

/// What RFC 3551 §6 fixes for a payload type below 35; none when it fixes nothing.
std::optional<RtpMap> static_map(std::uint8_t payload_type);

} // namespace millrace::sdp
