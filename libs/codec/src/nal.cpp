#include <millrace/codec/nal.hpp>

#include <algorithm>
#include <cstring>

namespace millrace::codec {
namespace {

std::size_t read_length(ByteView at, std::size_t length_size)
{
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_size; ++i) {
        length = length << 8U | at[i];
    }
    return length;
}

/// Where 00 00 01 stands next; the size of the stream when nowhere.
std::size_t find_start_code(ByteView stream, std::size_t from)
{
    for (auto i = from + 2; i < stream.size(); ++i) {
        const auto* one = std::memchr(stream.data() + i, 1, stream.size() - i);
        if (one == nullptr) {
            break;
        }
        i = static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - stream.data());
        if (stream[i - 1] == 0 && stream[i - 2] == 0) {
            return i - 2;
        }
    }
    return stream.size();
}

/// Whether `payload` is nothing but units with their lengths.
bool is_length_prefixed(ByteView payload, std::size_t length_size)
{
    while (!payload.empty()) {
        if (payload.size() < length_size) {
            return false;
        }
        const auto length = read_length(payload, length_size);
        if (length > payload.size() - length_size) {
            return false;
        }
        payload = payload.subspan(length_size + length);
    }
    return true;
}

} // namespace

std::optional<std::vector<ByteView>> split_length_prefixed(ByteView payload, std::size_t length_size)
{
    std::vector<ByteView> units;
    while (!payload.empty()) {
        if (payload.size() < length_size) {
            return std::nullopt;
        }
        const auto length = read_length(payload, length_size);
        payload = payload.subspan(length_size);
        if (length > payload.size()) {
            return std::nullopt;
        }
        if (length > 0) {
            units.push_back(payload.first(length));
        }
        payload = payload.subspan(length);
    }
    return units;
}

std::vector<ByteView> split_annex_b(ByteView stream)
{
    std::vector<ByteView> units;
    auto start = find_start_code(stream, 0);
    while (start < stream.size()) {
        const auto begin = start + 3;
        const auto next = find_start_code(stream, begin);
        auto unit = stream.subspan(begin, next - begin);
        while (!unit.empty() &&
               unit.back() == 0) { // trailing_zero_8bits, or the zero_byte of the next start code
            unit = unit.first(unit.size() - 1);
        }
        if (!unit.empty()) {
            units.push_back(unit);
        }
        start = next;
    }
    return units;
}

bool looks_like_annex_b(ByteView payload, std::size_t length_size)
{
    const auto zeros = payload.size() > 4 && payload[2] == 0 ? 3U : 2U;
    const bool starts =
        payload.size() > zeros + 1 && payload[0] == 0 && payload[1] == 0 && payload[zeros] == 1;
    return starts && !is_length_prefixed(payload, length_size);
}

Bytes join_length_prefixed(const std::vector<ByteView>& units, std::size_t length_size)
{
    Bytes out;
    for (const auto unit : units) {
        if (length_size < sizeof(std::size_t) && unit.size() >> (8 * length_size) != 0) {
            continue;
        }
        for (std::size_t i = length_size; i-- > 0;) {
            out.push_back(static_cast<std::uint8_t>(unit.size() >> (8 * i)));
        }
        out.insert(out.end(), unit.begin(), unit.end());
    }
    return out;
}

Bytes unescape(ByteView unit)
{
    Bytes out;
    out.reserve(unit.size());
    std::size_t zeros = 0;
    for (const auto byte : unit) {
        if (zeros >= 2 && byte == 3) {
            zeros = 0;
            continue;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        out.push_back(byte);
    }
    return out;
}

} // namespace millrace::codec
