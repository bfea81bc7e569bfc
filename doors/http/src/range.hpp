// Which part of a file a request wants (RFC 9110 §14).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::doors {

struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0; ///< Behind the last byte.

    friend bool operator==(const Range&, const Range&) = default;
};

enum class RangeKind { whole, part, unsatisfiable };

struct RangeAnswer {
    RangeKind kind = RangeKind::whole;
    Range range; ///< Of `part`; else the whole.
};

/// What the header Range asks of a file of so many bytes. Several ranges, other units and what cannot be read
/// mean the whole, as the RFC allows.
RangeAnswer read_range(std::string_view header, std::uint64_t bytes);

/// `start` of a query, in seconds; none when there is none or it is no number.
std::optional<double> read_start(std::string_view query);

} // namespace millrace::doors
