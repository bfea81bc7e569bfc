// Applications, streams and credentials out of what clients send: app, tcUrl and stream name.
#pragma once

#include <string>
#include <string_view>

namespace millrace::rtmp {

/// A text split at its first '?'.
struct Split {
    std::string_view path;
    std::string_view query; ///< Without the '?'.
};
Split split_query(std::string_view text);

std::string_view trim_slashes(std::string_view text);

/// Without the quotes that stand around it.
std::string_view unquote(std::string_view text);

/// The stream's name without "mp4:", "mp3:" or "flv:", with which players ask for files.
std::string_view strip_file_prefix(std::string_view name);
/// Which of them it is, without the colon: "mp4"; empty when there is none.
std::string_view file_form(std::string_view name);

/// The application in a tcUrl: what stands between the host and the query, without slashes at its ends.
std::string_view app_of(std::string_view tc_url);

/// The absolute form of a tcUrl that a server gives: "//host/app" and "/app" are completed from `base`, none
/// means `base` (E-RTMP, reconnect request).
std::string resolve_tc_url(std::string_view base, std::string_view reference);

/// Adds the pairs of `query` to `into` that do not yet stand there word for word.
void merge_query(std::string& into, std::string_view query);

/// APP/NAME, or why there is none, in words for the person who typed the URL.
struct StreamName {
    std::string path;
    std::string_view refusal; ///< Empty: the path is good.
};
/// Expects: `app` and `name` are without queries.
StreamName make_path(std::string_view app, std::string_view name);

/// Why this is no application; empty when it is one. An empty application is one: the name may bring its own.
std::string_view check_app(std::string_view app);

/// True for UTF-8 without control characters.
bool is_clean_text(std::string_view text);

inline constexpr std::size_t kMaxPath = 255;   ///< Bytes of APP/NAME.
inline constexpr std::size_t kMaxQuery = 4096; ///< Bytes of all credentials together.

} // namespace millrace::rtmp
