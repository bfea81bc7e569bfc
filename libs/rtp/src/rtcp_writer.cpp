#include "rtcp_feedback.hpp"

#include <algorithm>

namespace millrace::rtp::rtcp {
namespace {

struct Head {
    std::uint8_t type;
    std::size_t count;
};

Head head_of(const SenderReport& report)
{
    return {200, report.blocks.size()};
}
Head head_of(const ReceiverReport& report)
{
    return {201, report.blocks.size()};
}
Head head_of(const Sdes& sdes)
{
    return {202, sdes.chunks.size()};
}
Head head_of(const Bye& bye)
{
    return {203, bye.sources.size()};
}
Head head_of(const App& app)
{
    return {204, app.subtype};
}
Head head_of(const Nack& /*nack*/)
{
    return {kTransportFeedback, kNackFormat};
}
Head head_of(const TransportFeedback& /*feedback*/)
{
    return {kTransportFeedback, kTransportWideFormat};
}
Head head_of(const Pli& /*pli*/)
{
    return {kPayloadFeedback, kPliFormat};
}
Head head_of(const Fir& /*fir*/)
{
    return {kPayloadFeedback, kFirFormat};
}
Head head_of(const Remb& /*remb*/)
{
    return {kPayloadFeedback, kApplicationFormat};
}
Head head_of(const ExtendedReport& /*report*/)
{
    return {kExtendedReport, 0};
}
Head head_of(const Other& other)
{
    return {other.type, other.count};
}

void write_blocks(ByteWriter& out, const std::vector<ReportBlock>& blocks)
{
    for (const auto& block : blocks) {
        out.u32(block.ssrc);
        out.u8(block.fraction);
        out.u24(static_cast<std::uint32_t>(block.lost));
        out.u32(block.highest);
        out.u32(block.jitter);
        out.u32(block.last_report);
        out.u32(block.delay);
    }
}

void write_body(ByteWriter& out, const SenderReport& report)
{
    out.u32(report.ssrc);
    out.u64(report.ntp.value);
    out.u32(report.rtp);
    out.u32(report.packets);
    out.u32(report.octets);
    write_blocks(out, report.blocks);
    out.bytes(report.extension);
}

void write_body(ByteWriter& out, const ReceiverReport& report)
{
    out.u32(report.ssrc);
    write_blocks(out, report.blocks);
    out.bytes(report.extension);
}

void write_body(ByteWriter& out, const Sdes& sdes)
{
    for (const auto& chunk : sdes.chunks) {
        out.u32(chunk.ssrc);
        const auto begin = out.size();
        for (const auto& item : chunk.items) {
            const auto text = std::string_view{item.text}.substr(0, 255);
            out.u8(static_cast<std::uint8_t>(item.type));
            out.u8(static_cast<std::uint8_t>(text.size()));
            out.text(text);
        }
        out.u8(0);
        while ((out.size() - begin) % 4 != 0) {
            out.u8(0);
        }
    }
}

void write_body(ByteWriter& out, const Bye& bye)
{
    for (const auto source : bye.sources) {
        out.u32(source);
    }
    if (!bye.reason.empty()) {
        const auto reason = std::string_view{bye.reason}.substr(0, 255);
        out.u8(static_cast<std::uint8_t>(reason.size()));
        out.text(reason);
    }
}

void write_body(ByteWriter& out, const App& app)
{
    out.u32(app.ssrc);
    for (std::size_t i = 0; i < 4; ++i) {
        out.u8(i < app.name.size() ? static_cast<std::uint8_t>(app.name[i]) : std::uint8_t{' '});
    }
    out.bytes(app.data);
}

void write_body(ByteWriter& out, const Pli& pli)
{
    out.u32(pli.sender);
    out.u32(pli.media);
}

void write_body(ByteWriter& out, const Other& other)
{
    out.bytes(other.data);
}

} // namespace

void write(ByteWriter& out, const Packet& packet)
{
    std::visit(
        [&out](const auto& each) {
            Bytes body;
            ByteWriter inner{body};
            write_body(inner, each);
            body.resize((body.size() + 3) / 4 * 4);
            const auto head = head_of(each);
            out.u8(static_cast<std::uint8_t>(0x80U | (head.count & 31U)));
            out.u8(head.type);
            out.u16(static_cast<std::uint16_t>(body.size() / 4));
            out.bytes(body);
        },
        packet);
}

} // namespace millrace::rtp::rtcp
