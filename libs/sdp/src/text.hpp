// Cutting of lines into words and numbers.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace millrace::sdp {

constexpr std::string_view kBlanks = " \t";

inline std::string_view trimmed(std::string_view text, std::string_view what = kBlanks)
{
    const auto begin = text.find_first_not_of(what);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(what) - begin + 1);
}

/// Takes what stands before `separator`, and the separator, from the beginning of `text`; all of it when
/// there is none.
inline std::string_view take_until(std::string_view& text, std::string_view separators)
{
    const auto at = text.find_first_of(separators);
    const auto head = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
    return head;
}

inline std::string_view take_word(std::string_view& text)
{
    const auto begin = text.find_first_not_of(kBlanks);
    text.remove_prefix(begin == std::string_view::npos ? text.size() : begin);
    return take_until(text, kBlanks);
}

inline std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> out;
    while (!trimmed(text).empty()) {
        out.push_back(take_word(text));
    }
    return out;
}

/// The whole text as a decimal number.
template <class Number>
std::optional<Number> number(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

} // namespace millrace::sdp
