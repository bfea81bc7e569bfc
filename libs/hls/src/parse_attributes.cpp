#include "parse_attributes.hpp"

#include <charconv>

namespace millrace::hls {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// Up to the comma that ends a value, which is none inside of quotes.
std::size_t end_of_value(std::string_view text)
{
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        quoted = text[i] == '"' ? !quoted : quoted;
        if (text[i] == ',' && !quoted) {
            return i;
        }
    }
    return text.size();
}

} // namespace

std::optional<std::string_view> attribute(std::string_view list, std::string_view name)
{
    while (!list.empty()) {
        const auto equals = list.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const auto found = trimmed(list.substr(0, equals));
        list.remove_prefix(equals + 1);
        const auto end = end_of_value(list);
        auto value = trimmed(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
        if (found != name) {
            continue;
        }
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            value = value.substr(1, value.size() - 2);
        }
        return value;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text)
{
    text = trimmed(text);
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

std::optional<std::chrono::nanoseconds> parse_seconds(std::string_view text)
{
    constexpr double kMost = 1e9;
    text = trimmed(text);
    double seconds = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
    if (error != std::errc{} || stop != end || !(seconds > -kMost && seconds < kMost)) {
        return std::nullopt;
    }
    return std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9 + (seconds < 0 ? -0.5 : 0.5))};
}

std::optional<ParsedRange> parse_range(std::string_view text)
{
    const auto at = text.find('@');
    const auto bytes = parse_number(text.substr(0, at));
    if (!bytes) {
        return std::nullopt;
    }
    ParsedRange range{.bytes = *bytes};
    if (at != std::string_view::npos) {
        range.offset = parse_number(text.substr(at + 1));
        if (!range.offset) {
            return std::nullopt;
        }
    }
    return range;
}

std::optional<std::array<std::uint8_t, 16>> parse_iv(std::string_view text)
{
    std::array<std::uint8_t, 16> iv{};
    if (text.size() != 2 + 2 * iv.size() || text[0] != '0' || (text[1] | 0x20) != 'x') {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < iv.size(); ++i) {
        const auto* digits = text.data() + 2 + 2 * i;
        const auto [stop, error] = std::from_chars(digits, digits + 2, iv[i], 16);
        if (error != std::errc{} || stop != digits + 2) {
            return std::nullopt;
        }
    }
    return iv;
}

} // namespace millrace::hls
