#include <millrace/hls/names.hpp>

#include <algorithm>
#include <charconv>

namespace millrace::hls {
namespace {

constexpr std::size_t kMostName = 128;

bool consists_of(std::string_view text, std::string_view letters)
{
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_rendition(std::string_view text)
{
    return text.size() <= 16 && consists_of(text, "abcdefghijklmnopqrstuvwxyz0123456789");
}

bool is_token(std::string_view text)
{
    return text.size() <= 64 && consists_of(text, "0123456789abcdef");
}

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool canonical = text.size() == 1 || !text.starts_with('0');
    return error == std::errc{} && stop == end && canonical ? std::optional{value} : std::nullopt;
}

/// What stands before the last `mark`, and what behind it.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view text, char mark)
{
    const auto at = text.rfind(mark);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return std::pair{text.substr(0, at), text.substr(at + 1)};
}

std::optional<Resource> parse_numbered(std::string_view stem, bool is_init)
{
    const auto tail = split(stem, '-');
    const auto head = tail ? split(tail->first, '-') : std::nullopt;
    if (!head || !is_rendition(head->first) || !is_token(head->second)) {
        return std::nullopt;
    }
    Resource found{.rendition = std::string{head->first}, .token = std::string{head->second}, .key = {}};
    auto digits = tail->second;
    if (is_init) {
        if (!digits.starts_with('i')) {
            return std::nullopt;
        }
        digits.remove_prefix(1);
        found.kind = Resource::Kind::init;
    } else if (const auto parts = split(digits, '.')) {
        const auto part = number(parts->second);
        if (!part) {
            return std::nullopt;
        }
        digits = parts->first;
        found.part = *part;
        found.kind = Resource::Kind::part;
    } else {
        found.kind = Resource::Kind::segment;
    }
    const auto value = number(digits);
    if (!value) {
        return std::nullopt;
    }
    found.number = *value;
    return found;
}

} // namespace

std::optional<Resource> parse_resource(std::string_view name)
{
    const auto whole = name.size() <= kMostName ? split(name, '.') : std::nullopt;
    if (!whole) {
        return std::nullopt;
    }
    const auto [stem, ending] = *whole;
    if (ending == "m3u8") {
        return is_rendition(stem)
                   ? std::optional{Resource{.rendition = std::string{stem}, .token = {}, .key = {}}}
                   : std::nullopt;
    }
    if (ending == "key") {
        const auto parts = split(stem, '-');
        if (!parts || !is_token(parts->first) || !is_token(parts->second)) {
            return std::nullopt;
        }
        return Resource{.kind = Resource::Kind::key,
                        .rendition = {},
                        .token = std::string{parts->first},
                        .key = std::string{parts->second}};
    }
    if (ending == "mp4" || ending == "m4s" || ending == "ts") {
        return parse_numbered(stem, ending == "mp4");
    }
    return std::nullopt;
}

std::string playlist_name(std::string_view rendition)
{
    return std::string{rendition}.append(".m3u8");
}

std::string init_name(std::string_view rendition, std::string_view token, std::uint64_t number)
{
    return std::string{rendition}
        .append("-")
        .append(token)
        .append("-i")
        .append(std::to_string(number))
        .append(".mp4");
}

std::string segment_name(std::string_view rendition, std::string_view token, std::uint64_t msn,
                         std::string_view ending)
{
    return std::string{rendition}
        .append("-")
        .append(token)
        .append("-")
        .append(std::to_string(msn))
        .append(ending);
}

std::string part_name(std::string_view rendition, std::string_view token, std::uint64_t msn,
                      std::uint64_t part, std::string_view ending)
{
    return segment_name(rendition, token, msn, ".").append(std::to_string(part)).append(ending);
}

std::string key_name(std::string_view token, std::string_view id)
{
    return std::string{token}.append("-").append(id).append(".key");
}

} // namespace millrace::hls
