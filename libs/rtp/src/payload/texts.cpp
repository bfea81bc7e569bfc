#include "texts.hpp"

#include <millrace/codec/nal.hpp>
#include <millrace/crypto/base64.hpp>

#include <algorithm>

namespace millrace::rtp {
namespace {

int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

Bytes from_base64(std::string_view text)
{
    Bytes out;
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const int value = base64_value(c);
        if (value < 0) {
            break;
        }
        group = (group << 6U | static_cast<std::uint32_t>(value)) & 0xffffffU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<std::uint8_t>(group >> bits));
        }
    }
    return out;
}

std::string to_base64(ByteView bytes)
{
    return crypto::base64(bytes);
}

std::optional<Bytes> from_hex(std::string_view text)
{
    Bytes out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        out.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return text.size() % 2 == 0 ? std::optional{out} : std::nullopt;
}

std::string to_hex(ByteView bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const auto byte : bytes) {
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 15U];
    }
    return out;
}

std::vector<Bytes> read_sets(std::string_view text)
{
    std::vector<Bytes> sets;
    while (!text.empty() && sets.size() < 64) {
        const auto comma = std::min(text.find(','), text.size());
        auto set = from_base64(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        // Quirk: parameter sets with Annex-B start codes inside of the base64.
        if (codec::looks_like_annex_b(set, 4)) {
            for (const auto unit : codec::split_annex_b(set)) {
                sets.push_back(to_bytes(unit));
            }
        } else if (!set.empty()) {
            sets.push_back(std::move(set));
        }
    }
    return sets;
}

} // namespace millrace::rtp
