#include "rtcp_feedback.hpp"

#include <algorithm>

namespace millrace::rtp::rtcp {
namespace {

constexpr std::string_view kRemb = "REMB";
constexpr std::uint8_t kReferenceTime = 4;
constexpr std::uint8_t kDelaySinceLast = 5;

// nack := sender:u32 media:u32 (first:u16 following:u16)+     bit i of `following`: first + 1 + i
Packet read_nack(ByteReader& in)
{
    Nack nack{.sender = in.u32(), .media = in.u32()};
    while (in.remaining() >= 4) {
        const auto first = in.u16();
        const unsigned following = in.u16();
        nack.lost.push_back(first);
        for (unsigned bit = 0; bit < 16; ++bit) {
            if ((following >> bit & 1U) != 0) {
                nack.lost.push_back(static_cast<std::uint16_t>(first + 1U + bit));
            }
        }
    }
    return nack;
}

// fir := sender:u32 media:u32 (ssrc:u32 sequence:u8 0:u24)+
Packet read_fir(ByteReader& in)
{
    Fir fir{.sender = in.u32(), .media = in.u32()};
    while (in.remaining() >= 8) {
        fir.entries.push_back({.ssrc = in.u32(), .sequence = in.u8()});
        in.skip(3);
    }
    return fir;
}

// remb := sender:u32 media:u32 "REMB" sources:u8 exponent:u6 mantissa:u18 ssrc:u32*
std::optional<Packet> read_remb(ByteReader& in)
{
    Remb remb{.sender = in.u32(), .media = in.u32()};
    if (in.text(4) != kRemb) {
        return std::nullopt;
    }
    const unsigned count = in.u8();
    const auto rate = in.u24();
    const auto exponent = rate >> 18U;
    const std::uint64_t mantissa = rate & 0x3ffffU;
    remb.bit_rate = exponent <= 46 ? mantissa << exponent : UINT64_MAX;
    for (unsigned i = 0; i < count && in.ok(); ++i) {
        remb.sources.push_back(in.u32());
    }
    return remb;
}

} // namespace

Packet read_feedback(std::uint8_t type, unsigned format, ByteView body, ByteReader& in)
{
    if (type == kTransportFeedback && format == kNackFormat) {
        return read_nack(in);
    }
    if (type == kTransportFeedback && format == kTransportWideFormat) {
        if (auto feedback = read_transport_wide(in)) {
            return std::move(*feedback);
        }
        in = ByteReader{body};
    }
    if (type == kPayloadFeedback && format == kPliFormat) {
        return Pli{.sender = in.u32(), .media = in.u32()};
    }
    if (type == kPayloadFeedback && format == kFirFormat) {
        return read_fir(in);
    }
    if (type == kPayloadFeedback && format == kApplicationFormat) {
        if (auto remb = read_remb(in)) {
            return std::move(*remb);
        }
        in = ByteReader{body};
    }
    return Other{type, static_cast<std::uint8_t>(format), to_bytes(in.rest())};
}

// report := ssrc:u32 (type:u8 specific:u8 words:u16 data)*
Packet read_extended(ByteReader& in)
{
    ExtendedReport report{.ssrc = in.u32()};
    while (in.remaining() >= 4) {
        const auto type = in.u8();
        const auto specific = in.u8();
        const auto data = in.bytes(std::size_t{in.u16()} * 4);
        ByteReader inner{data};
        if (type == kReferenceTime && data.size() == 8) {
            report.blocks.emplace_back(ReferenceTime{{inner.u64()}});
        } else if (type == kDelaySinceLast && data.size() % 12 == 0) {
            DelaySinceLast delays;
            while (!inner.at_end()) {
                delays.entries.push_back(
                    {.ssrc = inner.u32(), .last_report = inner.u32(), .delay = inner.u32()});
            }
            report.blocks.emplace_back(std::move(delays));
        } else {
            report.blocks.emplace_back(OtherBlock{type, specific, to_bytes(data)});
        }
    }
    return report;
}

void write_body(ByteWriter& out, const Nack& nack)
{
    out.u32(nack.sender);
    out.u32(nack.media);
    for (std::size_t i = 0; i < nack.lost.size();) {
        const auto first = nack.lost[i++];
        unsigned following = 0;
        for (; i < nack.lost.size(); ++i) {
            const auto distance = static_cast<std::uint16_t>(nack.lost[i] - first);
            if (distance == 0 || distance > 16) {
                break;
            }
            following |= 1U << (distance - 1U);
        }
        out.u16(first);
        out.u16(static_cast<std::uint16_t>(following));
    }
}

void write_body(ByteWriter& out, const Fir& fir)
{
    out.u32(fir.sender);
    out.u32(fir.media);
    for (const auto& entry : fir.entries) {
        out.u32(entry.ssrc);
        out.u8(entry.sequence);
        out.u24(0);
    }
}

void write_body(ByteWriter& out, const Remb& remb)
{
    out.u32(remb.sender);
    out.u32(remb.media);
    out.text(kRemb);
    out.u8(static_cast<std::uint8_t>(remb.sources.size()));
    std::uint32_t exponent = 0;
    auto mantissa = remb.bit_rate;
    while (mantissa > 0x3ffffU) {
        mantissa >>= 1U;
        ++exponent;
    }
    out.u24(exponent << 18U | static_cast<std::uint32_t>(mantissa));
    for (const auto source : remb.sources) {
        out.u32(source);
    }
}

void write_body(ByteWriter& out, const ExtendedReport& report)
{
    out.u32(report.ssrc);
    for (const auto& block : report.blocks) {
        if (const auto* time = std::get_if<ReferenceTime>(&block)) {
            out.u8(kReferenceTime);
            out.u8(0);
            out.u16(2);
            out.u64(time->ntp.value);
        } else if (const auto* delays = std::get_if<DelaySinceLast>(&block)) {
            out.u8(kDelaySinceLast);
            out.u8(0);
            out.u16(static_cast<std::uint16_t>(delays->entries.size() * 3));
            for (const auto& entry : delays->entries) {
                out.u32(entry.ssrc);
                out.u32(entry.last_report);
                out.u32(entry.delay);
            }
        } else if (const auto* other = std::get_if<OtherBlock>(&block)) {
            out.u8(other->type);
            out.u8(other->specific);
            out.u16(static_cast<std::uint16_t>(other->data.size() / 4));
            out.bytes(other->data);
        }
    }
}

} // namespace millrace::rtp::rtcp
