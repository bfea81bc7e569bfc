#include "hls_target.hpp"

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr std::string_view kPlaylist = ".m3u8";
constexpr std::string_view kManifest = ".mpd";
constexpr std::string_view kFolder = "/hls";
constexpr std::size_t kMostName = 255;

/// An application and a name, no empty parts.
bool is_stream(std::string_view name)
{
    return name.find('/') != std::string_view::npos && !name.starts_with('/') && !name.ends_with('/') &&
           name.find("//") == std::string_view::npos && name.size() <= kMostName;
}

} // namespace

std::optional<HlsTarget> parse_hls_target(std::string_view path)
{
    if (!path.starts_with('/')) {
        return std::nullopt;
    }
    path.remove_prefix(1);
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto folder = path.substr(0, slash);
    if (folder.ends_with(kFolder)) {
        const auto stream = folder.substr(0, folder.size() - kFolder.size());
        auto resource = hls::parse_resource(path.substr(slash + 1));
        if (resource && is_stream(stream)) {
            return HlsTarget{.stream = std::string{stream}, .resource = std::move(resource)};
        }
    }
    const bool dash = path.ends_with(kManifest);
    if (!dash && !path.ends_with(kPlaylist)) {
        return std::nullopt;
    }
    path.remove_suffix(dash ? kManifest.size() : kPlaylist.size());
    if (!is_stream(path)) {
        return std::nullopt;
    }
    return HlsTarget{.stream = std::string{path}, .resource = {}, .dash = dash};
}

std::string_view query_value(std::string_view query, std::string_view name)
{
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        if (pair.substr(0, equals) == name) {
            return pair.substr(std::min(equals + 1, pair.size()));
        }
    }
    return {};
}

std::string_view cookie_value(std::string_view header, std::string_view name)
{
    while (!header.empty()) {
        const auto end = std::min(header.find(';'), header.size());
        auto pair = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        while (pair.starts_with(' ')) {
            pair.remove_prefix(1);
        }
        const auto equals = std::min(pair.find('='), pair.size());
        if (pair.substr(0, equals) == name) {
            return pair.substr(std::min(equals + 1, pair.size()));
        }
    }
    return {};
}

bool is_session_id(std::string_view text)
{
    constexpr std::size_t kLeast = 8;
    constexpr std::size_t kMost = 64;
    return text.size() >= kLeast && text.size() <= kMost && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
           });
}

} // namespace millrace::doors
