#include "range.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace millrace::doors {
namespace {

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

} // namespace

// ranges := "bytes=" (first "-" [last] | "-" suffix)
RangeAnswer read_range(std::string_view header, std::uint64_t bytes)
{
    constexpr std::string_view kUnit = "bytes=";
    const RangeAnswer whole{RangeKind::whole, {0, bytes}};
    const RangeAnswer unsatisfiable{RangeKind::unsatisfiable, {0, bytes}};
    if (!header.starts_with(kUnit) || header.find(',') != std::string_view::npos) {
        return whole;
    }
    header.remove_prefix(kUnit.size());
    const auto dash = header.find('-');
    if (dash == std::string_view::npos) {
        return whole;
    }
    const auto first_text = header.substr(0, dash);
    const auto last_text = header.substr(dash + 1);
    const auto first = number(first_text);
    const auto last = number(last_text);
    if (first_text.empty()) {
        if (!last) {
            return whole;
        }
        return *last == 0 || bytes == 0
                   ? unsatisfiable
                   : RangeAnswer{RangeKind::part, {bytes - std::min(*last, bytes), bytes}};
    }
    if (!first || (!last && !last_text.empty()) || (last && *last < *first)) {
        return whole;
    }
    if (*first >= bytes) {
        return unsatisfiable;
    }
    return {RangeKind::part, {*first, last ? std::min(*last, bytes - 1) + 1 : bytes}};
}

std::optional<double> read_start(std::string_view query)
{
    constexpr std::string_view kName = "start=";
    constexpr double kMost = 1e7;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.starts_with(kName)) {
            const auto text = pair.substr(kName.size());
            double seconds = 0;
            const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
            const bool whole = error == std::errc{} && at == text.data() + text.size();
            return whole && seconds >= 0 && seconds <= kMost ? std::optional{seconds} : std::nullopt;
        }
    }
    return std::nullopt;
}

} // namespace millrace::doors
