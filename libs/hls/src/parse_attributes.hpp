// Attribute lists of tags: NAME=value,NAME="quoted" (RFC 8216 §4.2).
#pragma once

#include <millrace/hls/parse.hpp>

namespace millrace::hls {

/// The value of a name, without its quotes; none when it is not there.
std::optional<std::string_view> attribute(std::string_view list, std::string_view name);

/// Whole numbers up to 2^64 - 1.
std::optional<std::uint64_t> parse_number(std::string_view text);
/// Seconds, as a decimal number with or without a sign and a fraction.
std::optional<std::chrono::nanoseconds> parse_seconds(std::string_view text);
/// n[@o]
struct ParsedRange {
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> offset;
};
std::optional<ParsedRange> parse_range(std::string_view text);
/// "0x" and 32 digits.
std::optional<std::array<std::uint8_t, 16>> parse_iv(std::string_view text);

} // namespace millrace::hls
