// URLs of presentations and of their tracks (RFC 2326 §3.2, §C.1.1).
#pragma once

#include <millrace/base/result.hpp>
#include <millrace/rtsp/error.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace millrace::rtsp {

/// SCHEME://[USER[:PASSWORD]@]HOST[:PORT][/PATH][?QUERY]; nothing in it is decoded.
struct Url {
    std::string scheme; ///< "rtsp", "rtsps" or "rtspu"; in small letters.
    std::string user;
    std::string password;
    std::string host;       ///< Without the brackets of an IPv6 address.
    std::uint16_t port = 0; ///< The scheme's own when the URL has none.
    std::string path;       ///< With its first slash, or empty.
    std::string query;      ///< Without the question mark.

    /// "host:554", "[::1]:8554".
    std::string authority() const;
    /// Without user and password, which never stand on a request line; the port only when it is not the
    /// scheme's own.
    std::string text() const;

    friend bool operator==(const Url&, const Url&) = default;
};

/// Errors: bad_uri.
Result<Url> read_url(std::string_view text);

/// Undoes %XX; what is no hexadecimal number stays.
std::string percent_decode(std::string_view text);

/// The URL of a stream from its `a=control` (RFC 2326 §C.1.1): absolute, `*` or nothing for the base itself,
/// else put behind the base as ffmpeg and live555 do, which is what servers expect.
std::string resolve_control(std::string_view base, std::string_view control);

/// What a request is about.
struct Target {
    std::string path;         ///< APP/NAME, decoded, without slashes at its ends.
    std::string query;        ///< As it stands.
    std::optional<int> track; ///< The number at the end of the path or the query.
    std::string full = {};    ///< As `path`, with the part that names the track.
    friend bool operator==(const Target&, const Target&) = default;
};

/// Takes a request's URL apart. The track stands at the end of the path or, where a client put it behind the
/// whole URL, of the query: trackID=N, trackN, streamid=N, stream=N.
Target target_of(const Url& url);

/// Which of a session's tracks a URL means, by the controls that its description gave them: the one that the
/// URL ends with, or the number in the URL, or the only one. None: the presentation, or something else.
std::optional<std::size_t> track_of(std::string_view uri, std::span<const std::string> controls);

/// The presentation's URL with a track's control put in its path, which all clients take as it is.
std::string track_url(const Url& presentation, int track);

} // namespace millrace::rtsp
