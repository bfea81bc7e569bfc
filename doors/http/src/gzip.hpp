// Playlists, compressed (RFC 1952).
#pragma once

#include <millrace/hls/segment.hpp>

#include <string_view>

namespace millrace::doors {

/// The same bytes as a gzip member.
hls::SharedBody gzip(const hls::Body& body);

/// Whether a header Accept-Encoding allows gzip (RFC 9110 §12.5.3).
bool accepts_gzip(std::string_view header);

} // namespace millrace::doors
