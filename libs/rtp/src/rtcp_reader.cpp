#include "rtcp_feedback.hpp"
#include <millrace/rtp/rtcp.hpp>

#include <algorithm>

namespace millrace::rtp::rtcp {
namespace {

constexpr std::string_view kClause = "RFC 3550 §6.1";

// block := ssrc:u32 fraction:u8 lost:s24 highest:u32 jitter:u32 last-report:u32 delay:u32
std::vector<ReportBlock> read_blocks(ByteReader& in, unsigned count)
{
    std::vector<ReportBlock> blocks;
    for (unsigned i = 0; i < count && in.ok(); ++i) {
        blocks.push_back({.ssrc = in.u32(),
                          .fraction = in.u8(),
                          .lost = in.s24(),
                          .highest = in.u32(),
                          .jitter = in.u32(),
                          .last_report = in.u32(),
                          .delay = in.u32()});
    }
    return blocks;
}

// report := ssrc:u32 ntp:u64 rtp:u32 packets:u32 octets:u32 block* extension
Packet read_sender_report(ByteReader& in, unsigned count)
{
    SenderReport report{
        .ssrc = in.u32(), .ntp = {in.u64()}, .rtp = in.u32(), .packets = in.u32(), .octets = in.u32()};
    report.blocks = read_blocks(in, count);
    report.extension = to_bytes(in.rest());
    return report;
}

// report := ssrc:u32 block* extension
Packet read_receiver_report(ByteReader& in, unsigned count)
{
    ReceiverReport report{.ssrc = in.u32()};
    report.blocks = read_blocks(in, count);
    report.extension = to_bytes(in.rest());
    return report;
}

// chunk := ssrc:u32 (type:u8 length:u8 text)* 00 zeros-to-the-next-word
SdesChunk read_chunk(ByteReader& in, QuirkCounts& quirks)
{
    SdesChunk chunk{.ssrc = in.u32()};
    const auto begin = in.position();
    while (!in.at_end() && in.peek() != 0) {
        const auto type = static_cast<SdesType>(in.u8());
        chunk.items.push_back({type, std::string{in.text(in.u8())}});
    }
    if (in.at_end()) {
        quirks.add(Quirk::sdes_without_end); // Quirk: SDES without the zero that ends it.
        return chunk;
    }
    in.skip(1);
    in.skip(std::min((4 - (in.position() - begin) % 4) % 4, in.remaining()));
    return chunk;
}

Packet read_sdes(ByteReader& in, unsigned count, QuirkCounts& quirks)
{
    Sdes sdes;
    for (unsigned i = 0; i < count && in.ok(); ++i) {
        sdes.chunks.push_back(read_chunk(in, quirks));
    }
    return sdes;
}

// bye := ssrc:u32* [length:u8 reason zeros]
Packet read_bye(ByteReader& in, unsigned count)
{
    Bye bye;
    for (unsigned i = 0; i < count && in.ok(); ++i) {
        bye.sources.push_back(in.u32());
    }
    if (!in.at_end()) {
        bye.reason = std::string{in.text(std::min<std::size_t>(in.u8(), in.remaining()))};
    }
    return bye;
}

Packet read_app(ByteReader& in, unsigned count)
{
    App app{.subtype = static_cast<std::uint8_t>(count), .ssrc = in.u32(), .name = std::string{in.text(4)}};
    app.data = to_bytes(in.rest());
    return app;
}

Packet read_body(std::uint8_t type, unsigned count, ByteView body, ByteReader& in, QuirkCounts& quirks)
{
    switch (type) {
    case 200: return read_sender_report(in, count);
    case 201: return read_receiver_report(in, count);
    case 202: return read_sdes(in, count, quirks);
    case 203: return read_bye(in, count);
    case 204: return read_app(in, count);
    case 205:
    case 206: return read_feedback(type, count, body, in);
    case 207: return read_extended(in);
    default: return Other{type, static_cast<std::uint8_t>(count), to_bytes(in.rest())};
    }
}

bool is_report(const Packet& packet)
{
    return std::holds_alternative<SenderReport>(packet) || std::holds_alternative<ReceiverReport>(packet);
}

} // namespace

// compound := packet+
// packet   := 2:u2 padding:u1 count:u5 type:u8 words-1:u16 body
Result<std::vector<Packet>> read_compound(ByteView datagram, QuirkCounts& quirks)
{
    std::vector<Packet> out;
    ByteReader in{datagram};
    while (in.remaining() >= 4) {
        const unsigned first = in.u8();
        const auto type = in.u8();
        const auto size = std::size_t{in.u16()} * 4;
        if (first == 0 && type == 0 && size == 0) {
            quirks.add(Quirk::trailing_zeros); // Quirk: zero bytes behind a compound.
            break;
        }
        if (first >> 6U != 2 || type < 192 || type > 223) {
            if (out.empty()) {
                return Unexpected{Errc::not_rtcp, kClause};
            }
            break;
        }
        auto body = in.bytes(size);
        if (!in.ok()) {
            break;
        }
        if ((first & 0x20U) != 0 && !body.empty()) {
            const std::size_t padding = body.back();
            if (padding == 0 || padding > body.size()) {
                continue;
            }
            body = body.first(body.size() - padding);
        }
        ByteReader inner{body};
        auto packet = read_body(type, first & 31U, body, inner, quirks);
        if (inner.ok()) {
            out.push_back(std::move(packet));
        }
    }
    if (out.empty()) {
        return Unexpected{in.ok() ? Errc::not_rtcp : Errc::truncated, kClause};
    }
    if (!is_report(out.front())) {
        quirks.add(Quirk::reduced_size); // RFC 5506
    } else if (std::ranges::none_of(out,
                                    [](const Packet& each) { return std::holds_alternative<Sdes>(each); })) {
        quirks.add(Quirk::bare_sender_report); // Quirk: FFmpeg sends sender reports without SDES.
    }
    return out;
}

} // namespace millrace::rtp::rtcp
