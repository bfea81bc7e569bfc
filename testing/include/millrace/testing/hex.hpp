// Hex literals for annotated vectors: R"(02 000000  # csid 2)"_hex, checked while compiling.
#pragma once

#include <millrace/base/bytes.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace millrace::testing {

template <std::size_t N>
struct HexText {
    consteval HexText(const char (&text)[N]) { std::copy_n(text, N, chars); }
    char chars[N]{};
};

/// Hex digits in pairs; white space is skipped, `#` begins a comment that ends with its line.
template <HexText Text>
struct HexVector {
    static constexpr int digit(char c)
    {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        if (c >= 'a' && c <= 'f') {
            return c - 'a' + 10;
        }
        if (c >= 'A' && c <= 'F') {
            return c - 'A' + 10;
        }
        throw std::invalid_argument{"not a hex digit"};
    }

    template <class Sink>
    static constexpr void each(Sink sink)
    {
        bool comment = false;
        int high = -1;
        for (const char c : Text.chars) {
            comment = c == '\n' ? false : comment || c == '#';
            if (comment || c == ' ' || c == '\n' || c == '\t' || c == '\0') {
                continue;
            }
            const int value = digit(c);
            if (high < 0) {
                high = value;
            } else {
                sink(static_cast<std::uint8_t>(high * 16 + value));
                high = -1;
            }
        }
        if (high >= 0) {
            throw std::invalid_argument{"half a byte at the end"};
        }
    }

    static consteval std::size_t count()
    {
        std::size_t n = 0;
        each([&n](std::uint8_t) { ++n; });
        return n;
    }

    static consteval auto bytes()
    {
        std::array<std::uint8_t, count()> out{};
        std::size_t at = 0;
        each([&](std::uint8_t b) { out[at++] = b; });
        return out;
    }
};

/// A constant array of bytes that also converts to Bytes.
template <std::size_t N>
struct HexBytes : std::array<std::uint8_t, N> {
    operator Bytes() const { return {this->begin(), this->end()}; }
};

inline namespace literals {

template <HexText Text>
consteval auto operator""_hex()
{
    constexpr auto kBytes = HexVector<Text>::bytes();
    HexBytes<kBytes.size()> out{};
    std::ranges::copy(kBytes, out.begin());
    return out;
}

} // namespace literals
} // namespace millrace::testing
