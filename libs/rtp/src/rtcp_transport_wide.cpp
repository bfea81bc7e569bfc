#include "rtcp_feedback.hpp"

#include <array>

namespace millrace::rtp::rtcp {
namespace {

enum Symbol : std::uint8_t { lost, small, large };

constexpr std::size_t kMostOneBit = 14;
constexpr std::size_t kMostTwoBits = 7;
constexpr std::size_t kMostRun = 0x1fff;

/// chunk := 0 symbol:u2 run:u13 | 1 0 symbol:u1*14 | 1 1 symbol:u2*7
void read_chunk(unsigned chunk, std::size_t count, std::vector<std::uint8_t>& symbols)
{
    if ((chunk & 0x8000U) == 0) {
        for (unsigned run = chunk & kMostRun; run > 0 && symbols.size() < count; --run) {
            symbols.push_back(static_cast<std::uint8_t>(chunk >> 13U & 3U));
        }
        return;
    }
    const bool two_bits = (chunk & 0x4000U) != 0;
    const auto most = two_bits ? kMostTwoBits : kMostOneBit;
    for (std::size_t i = 0; i < most && symbols.size() < count; ++i) {
        const auto shift = two_bits ? 12U - 2U * i : 13U - i;
        symbols.push_back(static_cast<std::uint8_t>(chunk >> shift & (two_bits ? 3U : 1U)));
    }
}

std::uint8_t symbol_of(const std::optional<std::int16_t>& delta)
{
    if (!delta) {
        return lost;
    }
    return *delta >= 0 && *delta <= 255 ? small : large;
}

/// The chunk that tells the most packets from `at` on, and how many those are.
std::pair<unsigned, std::size_t> make_chunk(const std::vector<std::uint8_t>& symbols, std::size_t at)
{
    std::size_t run = 1;
    while (at + run < symbols.size() && run < kMostRun && symbols[at + run] == symbols[at]) {
        ++run;
    }
    std::size_t one_bit = 0;
    while (at + one_bit < symbols.size() && one_bit < kMostOneBit && symbols[at + one_bit] != large) {
        ++one_bit;
    }
    if (one_bit < kMostOneBit && at + one_bit < symbols.size()) {
        one_bit = 0; // such a chunk is full, or the last one
    }
    const auto two_bits = std::min(kMostTwoBits, symbols.size() - at);
    if (run >= one_bit && run >= two_bits) {
        return {unsigned{symbols[at]} << 13U | static_cast<unsigned>(run), run};
    }
    const bool wide = two_bits >= one_bit;
    unsigned chunk = wide ? 0xc000U : 0x8000U;
    const auto count = wide ? two_bits : one_bit;
    for (std::size_t i = 0; i < count; ++i) {
        chunk |= unsigned{symbols[at + i]} << (wide ? 12U - 2U * i : 13U - i);
    }
    return {chunk, count};
}

} // namespace

// feedback := sender:u32 media:u32 base:u16 count:u16 reference:u24 feedback-count:u8 chunk:u16* delta* zeros
// delta    := u8 of a small symbol, s16 of a large one
std::optional<Packet> read_transport_wide(ByteReader& in)
{
    TransportFeedback feedback{.sender = in.u32(), .media = in.u32(), .base = in.u16()};
    const std::size_t count = in.u16();
    feedback.reference = in.u24();
    feedback.count = in.u8();
    std::vector<std::uint8_t> symbols;
    while (symbols.size() < count && in.ok()) {
        read_chunk(in.u16(), count, symbols);
    }
    for (const auto symbol : symbols) {
        switch (symbol) {
        case lost: feedback.deltas.emplace_back(); break;
        case small: feedback.deltas.emplace_back(static_cast<std::int16_t>(in.u8())); break;
        case large: feedback.deltas.emplace_back(static_cast<std::int16_t>(in.u16())); break;
        default: return std::nullopt;
        }
    }
    if (!in.ok()) {
        return std::nullopt;
    }
    return feedback;
}

void write_body(ByteWriter& out, const TransportFeedback& feedback)
{
    out.u32(feedback.sender);
    out.u32(feedback.media);
    out.u16(feedback.base);
    out.u16(static_cast<std::uint16_t>(feedback.deltas.size()));
    out.u24(feedback.reference);
    out.u8(feedback.count);
    std::vector<std::uint8_t> symbols;
    for (const auto& delta : feedback.deltas) {
        symbols.push_back(symbol_of(delta));
    }
    for (std::size_t at = 0; at < symbols.size();) {
        const auto [chunk, count] = make_chunk(symbols, at);
        out.u16(static_cast<std::uint16_t>(chunk));
        at += count;
    }
    for (const auto& delta : feedback.deltas) {
        if (symbol_of(delta) == small) {
            out.u8(static_cast<std::uint8_t>(*delta));
        } else if (delta) {
            out.u16(static_cast<std::uint16_t>(*delta));
        }
    }
}

} // namespace millrace::rtp::rtcp
