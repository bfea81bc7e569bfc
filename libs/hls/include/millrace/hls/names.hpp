// The names of what players fetch, below the folder of a stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::hls {

/// What a name stands for.
struct Resource {
    enum class Kind : std::uint8_t { playlist, init, segment, part, key };

    Kind kind = Kind::playlist;
    std::string rendition; ///< "v0"; empty for a key.
    std::string token;     ///< Of the packaging; empty for a playlist.
    std::uint64_t number =
        0; ///< Of a segment (and of a part's): its media sequence number. Of an init: its own.
    std::uint64_t part = 0;
    std::string key; ///< A key's id.

    friend bool operator==(const Resource&, const Resource&) = default;
};

// name := rendition ".m3u8" | rendition "-" token "-" ("i" number ".mp4" | msn ["." part] (".m4s"|".ts"))
//       | token "-" id ".key"
/// None for anything else, also for numbers that no segment can have.
std::optional<Resource> parse_resource(std::string_view name);

std::string playlist_name(std::string_view rendition);
std::string init_name(std::string_view rendition, std::string_view token, std::uint64_t number);
std::string segment_name(std::string_view rendition, std::string_view token, std::uint64_t msn,
                         std::string_view ending);
std::string part_name(std::string_view rendition, std::string_view token, std::uint64_t msn,
                      std::uint64_t part, std::string_view ending);
std::string key_name(std::string_view token, std::string_view id);

} // namespace millrace::hls
