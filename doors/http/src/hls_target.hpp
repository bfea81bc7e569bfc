// Which paths are HLS and DASH.
#pragma once

#include <millrace/hls/names.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace millrace::doors {

struct HlsTarget {
    std::string stream;                    ///< APP/NAME.
    std::optional<hls::Resource> resource; ///< None: the multivariant playlist, or the manifest.
    bool dash = false;
};

/// "/live/cam.m3u8", "/live/cam.mpd" and "/live/cam/hls/NAME", where NAME is that of a resource; none for
/// other paths. `path` is decoded and begins with a slash.
std::optional<HlsTarget> parse_hls_target(std::string_view path);

/// The value of a name in a query, as it stands; empty when there is none.
std::string_view query_value(std::string_view query, std::string_view name);

/// The value of a cookie (RFC 6265 §5.4); empty when there is none.
std::string_view cookie_value(std::string_view header, std::string_view name);

/// Whether this may be the id of a session: 8 to 64 letters, digits and dashes.
bool is_session_id(std::string_view text);

} // namespace millrace::doors
