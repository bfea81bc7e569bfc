#include <millrace/rtp/packet.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtp {
namespace {

constexpr std::string_view kClause = "RFC 3550 §5.1";

/// element := id:u4 length-1:u4 data     id 0 is padding of one byte, id 15 ends the list
std::vector<Element> one_byte_elements(ByteReader in)
{
    std::vector<Element> out;
    while (!in.at_end()) {
        const unsigned head = in.u8();
        if (head >> 4U == 15) {
            break;
        }
        if (head >> 4U == 0) {
            continue;
        }
        const auto data = in.bytes((head & 15U) + 1);
        if (!in.ok()) {
            break;
        }
        out.push_back({static_cast<std::uint8_t>(head >> 4U), to_bytes(data)});
    }
    return out;
}

/// element := id:u8 length:u8 data       id 0 is padding of one byte
std::vector<Element> two_byte_elements(ByteReader in)
{
    std::vector<Element> out;
    while (!in.at_end()) {
        const auto id = in.u8();
        if (id == 0) {
            continue;
        }
        const auto data = in.bytes(in.u8());
        if (!in.ok()) {
            break;
        }
        out.push_back({id, to_bytes(data)});
    }
    return out;
}

} // namespace

std::vector<Element> elements(const Extension& extension)
{
    if (extension.profile == Extension::kOneByte) {
        return one_byte_elements(ByteReader{extension.data});
    }
    if ((extension.profile & 0xfff0U) == Extension::kTwoBytes) {
        return two_byte_elements(ByteReader{extension.data});
    }
    return {};
}

Extension make_extension(const std::vector<Element>& elements)
{
    const bool small = std::ranges::all_of(elements, [](const Element& each) {
        return each.id < 15 && !each.data.empty() && each.data.size() <= 16;
    });
    Extension extension{.profile = small ? Extension::kOneByte : Extension::kTwoBytes};
    ByteWriter out{extension.data};
    for (const auto& each : elements) {
        if (small) {
            out.u8(static_cast<std::uint8_t>(each.id << 4U | (each.data.size() - 1)));
        } else {
            out.u8(each.id);
            out.u8(static_cast<std::uint8_t>(each.data.size()));
        }
        out.bytes(each.data);
    }
    extension.data.resize((extension.data.size() + 3) / 4 * 4);
    return extension;
}

// packet    := 2:u2 padding:u1 extension:u1 sources:u4 marker:u1 type:u7 sequence:u16 timestamp:u32 ssrc:u32
//              csrc:u32* [profile:u16 words:u16 data] payload [zeros padding-count:u8]
Result<Packet> read_packet(const SharedBytes& datagram)
{
    ByteReader in{datagram};
    const unsigned first = in.u8();
    const unsigned second = in.u8();
    Packet packet{.marker = (second & 0x80U) != 0,
                  .payload_type = static_cast<std::uint8_t>(second & 0x7fU),
                  .sequence = in.u16(),
                  .timestamp = in.u32(),
                  .ssrc = in.u32()};
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (first >> 6U != 2) {
        return Unexpected{Errc::bad_version, kClause};
    }
    for (unsigned i = 0; i < (first & 15U); ++i) {
        packet.csrc.push_back(in.u32());
    }
    if ((first & 0x10U) != 0) {
        const auto profile = in.u16();
        packet.extension = Extension{profile, to_bytes(in.bytes(std::size_t{in.u16()} * 4))};
    }
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    auto size = in.remaining();
    if ((first & 0x20U) != 0) {
        packet.padding = size > 0 ? datagram.view().back() : std::uint8_t{0};
        if (packet.padding == 0 || packet.padding > size) {
            return Unexpected{Errc::bad_padding, kClause};
        }
        size -= packet.padding;
    }
    packet.payload = datagram.slice(in.position(), size);
    return packet;
}

void write(ByteWriter& out, const Packet& packet)
{
    out.u8(static_cast<std::uint8_t>(0x80U | (packet.padding > 0 ? 0x20U : 0U) |
                                     (packet.extension ? 0x10U : 0U) | packet.csrc.size()));
    out.u8(static_cast<std::uint8_t>((packet.marker ? 0x80U : 0U) | packet.payload_type));
    out.u16(packet.sequence);
    out.u32(packet.timestamp);
    out.u32(packet.ssrc);
    for (const auto source : packet.csrc) {
        out.u32(source);
    }
    if (packet.extension) {
        out.u16(packet.extension->profile);
        out.u16(static_cast<std::uint16_t>(packet.extension->data.size() / 4));
        out.bytes(packet.extension->data);
    }
    out.bytes(packet.payload);
    for (unsigned i = 1; i < packet.padding; ++i) {
        out.u8(0);
    }
    if (packet.padding > 0) {
        out.u8(packet.padding);
    }
}

bool is_rtcp(ByteView datagram)
{
    return datagram.size() >= 2 && datagram[1] >= 192 && datagram[1] <= 223;
}

bool is_punch(ByteView datagram)
{
    // Quirk: live555 opens its way with these four bytes, FFmpeg with a zeroed header and an empty report.
    constexpr std::array<std::uint8_t, 4> kLive555{0xce, 0xfa, 0xed, 0xfe};
    constexpr std::array<std::uint8_t, 12> kRtp{0x80};
    constexpr std::array<std::uint8_t, 8> kRtcp{0x80, 0xc9, 0x00, 0x01};
    return std::ranges::equal(datagram, kLive555) || std::ranges::equal(datagram, kRtp) ||
           std::ranges::equal(datagram, kRtcp);
}

} // namespace millrace::rtp
