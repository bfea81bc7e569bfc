// URLs of streams, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::clients {

enum class Scheme : std::uint8_t {
    rtmp,
    rtmps,
    rtmpe,
    rtmpt,
    rtmpte,
    rtmpts,
    http,
    https,
    ws,
    wss,
    rtsp,
    rtspt,
    rtsph,
    rtsps,
    udp
};

std::string_view name(Scheme scheme);

/// How a server is told of a route, and tells of one: a member of RTMP's connect and the code of a status, a
/// header of HTTP's requests and answers.
inline constexpr std::string_view kRouteProperty = "millraceVia";
inline constexpr std::string_view kRouteStatus = "Millrace.Via";
inline constexpr std::string_view kRouteHeader = "Millrace-Via";

/// Where a stream is: SCHEME://[USER[:PASSWORD]@]HOST[:PORT]/PATH[?QUERY], or udp://[@][HOST]:PORT[?QUERY].
/// Nothing in it is decoded.
struct Url {
    Scheme scheme = Scheme::rtmp;
    std::string user;
    std::string password;
    std::string host;          ///< Without the brackets of an IPv6 address.
    std::uint16_t port = 0;    ///< The scheme's own when the URL has none.
    std::string path;          ///< Without the slash at its begin; RTMP: APP/NAME.
    std::string query;         ///< Without the question mark.
    std::string kind = "live"; ///< Of a publication: "live", "record" or "append" to a file of the server.
    bool verify = true;        ///< With TLS: the server's certificate must be one that this machine trusts.
    /// Not of the URL: the servers that a relay's request came through, told to the next one.
    std::string route = {};
    /// Not of the URL: the SWF file that we prove to be when an RTMP server asks; empty: none.
    std::string swf = {};

    bool rtmp() const;      ///< Any of RTMP's schemes.
    bool rtsp() const;      ///< RTSP by itself, through TCP alone (rtspt), in HTTP (rtsph), in TLS.
    bool tls() const;       ///< RTMPS, RTMPTS, HTTPS, WSS, RTSPS.
    bool tunnelled() const; ///< RTMP in HTTP: RTMPT, RTMPTE, RTMPTS.
    bool encrypted() const; ///< With RTMP's own cipher: RTMPE, RTMPTE.
    bool web_socket() const { return scheme == Scheme::ws || scheme == Scheme::wss; }

    /// "host:1935", "[::1]:1935".
    std::string authority() const;
    /// RTMP: all segments of the path but the last.
    std::string app() const;
    /// RTMP: the last segment, with the query.
    std::string name() const;
    /// RTMP: "rtmp://host:1935/live".
    std::string tc_url() const;
    /// HTTP: "/live/cam.flv?token=…".
    std::string target() const;
    /// For people: without what may be secret, the password and the query.
    std::string shown() const;
};

/// The value of a parameter in a URL's query; empty when there is none.
std::string_view query_value(std::string_view query, std::string_view name);

/// Throws std::runtime_error that names the wrong part and says what was expected.
Url parse_url(std::string_view text);
/// The same, of which no certificate is demanded when `insecure`.
Url parse_url(std::string_view text, bool insecure);

} // namespace millrace::clients
