// What a request asks of a playlist beyond the playlist (rfc8216bis §6.2.5).
#pragma once

#include <millrace/hls/rendition.hpp>

#include <optional>
#include <string_view>

namespace millrace::hls {

/// The delivery directives of a query.
struct Directives {
    std::optional<std::uint64_t> msn;
    std::optional<std::uint64_t> part;
    bool skip = false;

    friend bool operator==(const Directives&, const Directives&) = default;
};

/// None when a directive is no number, stands twice, or a part is asked for without its segment. Directives
/// that are not known are ignored.
std::optional<Directives> read_directives(std::string_view query);

/// How far a rendition has come.
struct Edge {
    std::uint64_t open = 0;         ///< The segment in progress, or the one that will be.
    std::uint64_t parts = 0;        ///< Of it, those that are there.
    std::uint64_t parts_before = 0; ///< Of the segment before it.
    Nanoseconds part_target{0};     ///< Zero: no parts.
    bool ended = false;
};
Edge edge_of(const Rendition& rendition, Nanoseconds part_target, bool ended);

enum class Verdict : std::uint8_t {
    now,  ///< The playlist has what is asked for.
    wait, ///< It will have it soon.
    bad,  ///< It is too far ahead: 400.
};

/// Whether a playlist can be answered with. A part behind the last one of a closed segment is the first of
/// the next.
Verdict judge(const Directives& asked, const Edge& edge);

} // namespace millrace::hls
