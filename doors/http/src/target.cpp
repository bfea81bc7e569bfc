#include "target.hpp"

#include <algorithm>
#include <array>

namespace millrace::doors {
namespace {

constexpr std::size_t kMostName = 255;

int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// RFC 3986 §2.1.
std::optional<std::string> decode(std::string_view text)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) {
                return std::nullopt;
            }
            c = static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            return std::nullopt;
        }
        decoded.push_back(c);
    }
    return decoded;
}

bool leaves(std::string_view path)
{
    while (!path.empty()) {
        path.remove_prefix(1); // The slash.
        const auto end = std::min(path.find('/'), path.size());
        if (path.substr(0, end) == "..") {
            return true;
        }
        path.remove_prefix(end);
    }
    return false;
}

/// "live/cam" of "/live/cam.flv": an application, a name, no empty parts.
std::string stream_of(std::string_view path, std::string_view ending)
{
    if (!path.ends_with(ending)) {
        return {};
    }
    const auto name = path.substr(1, path.size() - 1 - ending.size());
    const bool whole = name.find('/') != std::string_view::npos && !name.starts_with('/') &&
                       !name.ends_with('/') && name.find("//") == std::string_view::npos &&
                       name.size() <= kMostName;
    return whole ? std::string{name} : std::string{};
}

/// The same with its ending, of all that are played.
std::string file_of(std::string_view path)
{
    constexpr std::array<std::string_view, 4> kEndings{kFlvEnding, ".mp4", ".m4v", ".mov"};
    for (const auto ending : kEndings) {
        if (path.ends_with(ending)) {
            auto name = stream_of(path, ending);
            return name.empty() ? name : name.append(ending);
        }
    }
    return {};
}

} // namespace

std::optional<Target> parse_target(std::string_view target)
{
    const auto question = std::min(target.find('?'), target.size());
    auto path = decode(target.substr(0, question));
    if (!path || !path->starts_with('/') || leaves(*path)) {
        return std::nullopt;
    }
    Target parsed{.path = std::move(*path)};
    if (question < target.size()) {
        parsed.query = target.substr(question + 1);
    }
    for (const auto ending : {kFlvEnding, kTsEnding}) {
        if (parsed.stream.empty()) {
            parsed.stream = stream_of(parsed.path, ending);
            parsed.ending = parsed.stream.empty() ? "" : ending;
        }
    }
    parsed.file = file_of(parsed.path);
    return parsed;
}

} // namespace millrace::doors
