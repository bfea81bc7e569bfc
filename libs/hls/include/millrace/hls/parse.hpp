// Playlists of any server, read (RFC 8216 and its successor draft).
#pragma once

#include <millrace/base/result.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace::hls {

enum class ParseErrc {
    not_a_playlist = 1, ///< Does not begin with the EXTM3U tag.
    too_long,           ///< More lines, or a longer one, than Limits allow.
    mixed,              ///< Tags of both kinds of playlist.
    no_target_duration, ///< A media playlist that does not tell how long its segments are at most.
    bad_value, ///< A tag whose value cannot be read, and without which the playlist means something else.
};

std::error_code make_error_code(ParseErrc code);

/// How much one playlist may make us hold.
struct ParseLimits {
    std::size_t lines = 400'000; ///< A week of segments, with a few tags each.
    std::size_t line_bytes = 16'384;
    std::size_t variants = 256;
};

/// A part of a resource: EXT-X-BYTERANGE.
struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;

    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// How segments are enciphered: EXT-X-KEY.
struct SegmentKey {
    std::string method; ///< "AES-128", "SAMPLE-AES", …
    std::string uri;
    std::optional<std::array<std::uint8_t, 16>> iv; ///< Else it is the segment's number.

    friend bool operator==(const SegmentKey&, const SegmentKey&) = default;
};

/// What stands before the segments of fragmented MP4: EXT-X-MAP.
struct SegmentMap {
    std::string uri;
    std::optional<ByteRange> range;
    std::optional<SegmentKey> key;

    friend bool operator==(const SegmentMap&, const SegmentMap&) = default;
};

struct ListedSegment {
    std::uint64_t number = 0;        ///< Media sequence number.
    std::uint64_t discontinuity = 0; ///< Discontinuity sequence number.
    std::string uri;                 ///< As it stands, relative or not.
    std::chrono::nanoseconds duration{0};
    std::optional<ByteRange> range;
    std::optional<SegmentKey> key;
    std::optional<SegmentMap> map;
    bool gap = false; ///< There is nothing to fetch.

    friend bool operator==(const ListedSegment&, const ListedSegment&) = default;
};

struct MediaPlaylist {
    std::chrono::seconds target{0};
    std::vector<ListedSegment> segments;
    std::uint64_t next_number = 0; ///< Of the segment that will come after the last.
    bool ended = false;            ///< EXT-X-ENDLIST.
    bool vod = false;
    bool can_block = false;                               ///< The server holds requests until there is more.
    std::optional<std::chrono::nanoseconds> start_offset; ///< EXT-X-START; negative: from the end.

    friend bool operator==(const MediaPlaylist&, const MediaPlaylist&) = default;
};

/// One stream of an adaptive set: EXT-X-STREAM-INF.
struct ListedVariant {
    std::string uri;
    std::uint64_t bandwidth = 0; ///< Bits a second.
    std::string codecs;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::string audio; ///< The group of its sound; empty: in the variant itself.

    friend bool operator==(const ListedVariant&, const ListedVariant&) = default;
};

/// Sound apart from pictures: EXT-X-MEDIA of TYPE=AUDIO.
struct ListedSound {
    std::string group;
    std::string name;
    std::string uri; ///< Empty: in the variant itself.
    bool is_default = false;

    friend bool operator==(const ListedSound&, const ListedSound&) = default;
};

struct MultivariantPlaylist {
    std::vector<ListedVariant> variants;
    std::vector<ListedSound> sounds;

    friend bool operator==(const MultivariantPlaylist&, const MultivariantPlaylist&) = default;
};

using AnyPlaylist = std::variant<MediaPlaylist, MultivariantPlaylist>;

/// Unknown tags and attributes are passed over. Errors: all of ParseErrc.
Result<AnyPlaylist> parse_playlist(std::string_view text, const ParseLimits& limits = {});

/// A reference against the URL of the playlist that it stands in (RFC 3986 §5.2).
std::string resolve(std::string_view base, std::string_view reference);

} // namespace millrace::hls

template <>
struct std::is_error_code_enum<millrace::hls::ParseErrc> : std::true_type {
};
