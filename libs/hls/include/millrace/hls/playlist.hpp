// Playlists as texts (RFC 8216, rfc8216bis).
#pragma once

#include <millrace/hls/packager.hpp>

#include <string>

namespace millrace::hls {

/// What goes into a media playlist beyond its rendition.
struct PlaylistOptions {
    bool delta = false;     ///< Old segments are skipped, when there are any (EXT-X-SKIP).
    std::string query = {}; ///< Of links to other playlists, with its "?": who asks is known by it.
};

/// A media playlist. Expects: the packager is ready().
std::string media_playlist(const Packager& packager, const Rendition& rendition,
                           const PlaylistOptions& options = {});

/// One stream of a multivariant playlist.
struct Variant {
    const Packager* packager = nullptr;
    std::string folder; ///< Where its resources are, relative to the playlist: "cam/hls/".
};

/// The multivariant playlist of a stream, or of several that show the same: a variant for each picture, the
/// sounds as groups. `query`: what each link gets. Expects: each packager is ready().
std::string multivariant_playlist(const std::vector<Variant>& streams, const std::string& query = {});

/// RFC 6381 names of what is in a rendition: "avc1.64001f,mp4a.40.2".
std::string codecs_of(const Rendition& rendition);

/// "2026-11-20T07:21:10.031Z".
std::string date_time(WallTime time);

/// ".m4s" or ".ts".
std::string_view ending_of(Container container);

} // namespace millrace::hls
