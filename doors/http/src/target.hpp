// What a request's target names: a stream in some packaging, or a page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::doors {

inline constexpr std::string_view kFlvEnding = ".flv";
inline constexpr std::string_view kTsEnding = ".ts";

struct Target {
    std::string path;   ///< Decoded, beginning with a slash.
    std::string query;  ///< As it stands.
    std::string stream; ///< APP/NAME when the path ends in `.flv` or `.ts`, else empty.
    std::string ending; ///< Of a stream: ".flv", ".ts".
    std::string file;   ///< APP/NAME.flv, .mp4, .m4v, .mov: what a recording may be named; else empty.
};

/// None for what is no path: bad escapes, control characters, "..".
std::optional<Target> parse_target(std::string_view target);

} // namespace millrace::doors
