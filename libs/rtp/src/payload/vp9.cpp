#include "vp9.hpp"

#include <millrace/codec/bits.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtp {
namespace {

constexpr unsigned kMostReferences = 3;

/// scalability := layers-1:u3 sizes:u1 groups:u1 0:u3 [(width:u16 height:u16)*layers] [count:u8 (tid:u3 up:u1
/// refs:u2 0:u2 diff:u8*refs)*]
void skip_scalability(ByteReader& in)
{
    const unsigned head = in.u8();
    const auto layers = (head >> 5U) + 1U;
    in.skip((head & 0x10U) != 0 ? std::size_t{layers} * 4 : 0);
    if ((head & 0x08U) == 0) {
        return;
    }
    const unsigned count = in.u8();
    for (unsigned i = 0; i < count && in.ok(); ++i) {
        in.skip(in.u8() >> 2U & 3U);
    }
}

Bytes vpcc(const Vp9Header& header)
{
    return {header.profile, 31, static_cast<std::uint8_t>(header.bit_depth << 4U | 2U), 2, 2, 2, 0, 0};
}

} // namespace

std::optional<Vp9Header> read_vp9_header(ByteView frame)
{
    constexpr std::uint32_t kSync = 0x498342;
    constexpr std::uint32_t kRgb = 7;
    codec::BitReader in{frame};
    const bool marked = in.bits(2) == 2;
    Vp9Header header;
    const auto low = in.bits(1);
    header.profile = static_cast<std::uint8_t>(low | in.bits(1) << 1U);
    in.skip(header.profile == 3 ? 1 : 0);
    if (!marked || !in.ok()) {
        return std::nullopt;
    }
    if (in.flag()) { // show_existing_frame
        return header;
    }
    header.key = !in.flag();
    in.skip(2); // show_frame, error_resilient_mode
    if (!header.key) {
        return header;
    }
    if (in.bits(24) != kSync) {
        return std::nullopt;
    }
    if (header.profile >= 2) {
        header.bit_depth = in.flag() ? 12 : 10;
    }
    const bool odd = header.profile % 2 == 1;
    if (in.bits(3) != kRgb) {
        in.skip(odd ? 1 + 3 : 1); // range, subsampling
    } else {
        in.skip(odd ? 1 : 0);
    }
    header.width = in.bits(16) + 1;
    header.height = in.bits(16) + 1;
    return in.ok() ? std::optional{header} : std::nullopt;
}

// payload    := descriptor data
// descriptor := id:u1 inter:u1 layers:u1 flexible:u1 begins:u1 ends:u1 scalability:u1 0:u1
//               [long:u1 id:u7 [id:u8]] [layer:u8 [level:u8]] [(diff:u7 more:u1)+] [scalability]
bool Vp9Depacketizer::take(const Packet& packet)
{
    ByteReader in{packet.payload};
    const unsigned first = in.u8();
    const bool flexible = (first & 0x10U) != 0;
    if ((first & 0x80U) != 0) {
        in.skip((in.u8() & 0x80U) != 0 ? 1 : 0);
    }
    bool base = true;
    if ((first & 0x20U) != 0) {
        base = (in.u8() & 0x0eU) == 0; // spatial layer 0
        in.skip(flexible ? 0 : 1);
    }
    if (flexible && (first & 0x40U) != 0) {
        unsigned references = 1;
        while ((in.u8() & 1U) != 0 && references < kMostReferences) {
            ++references;
        }
    }
    if ((first & 0x02U) != 0) {
        skip_scalability(in);
    }
    if (!in.ok()) {
        return false;
    }
    if (((first & 0x08U) != 0 && base) != empty()) {
        // Several layers of one picture follow each other; anything else is a loss.
        if (empty() || base) {
            damage();
        }
    }
    append(in.rest());
    return true;
}

void Vp9Depacketizer::complete(Bytes picture)
{
    const auto header = read_vp9_header(picture);
    if (!header) {
        ++counts().bad;
        return;
    }
    if (header->key) {
        track().width = header->width;
        track().height = header->height;
        track().config = SharedBytes{vpcc(*header)};
        media::describe(track());
    }
    give_picture(std::move(picture), header->key);
}

void Vp9Packetizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    bool first = true;
    for (auto left = frame.payload.view(); !left.empty();) {
        const auto data = left.first(std::min(most_ - 1, left.size()));
        left = left.subspan(data.size());
        const auto head = static_cast<std::uint8_t>((frame.key ? 0U : 0x40U) | (first ? 0x08U : 0U) |
                                                    (left.empty() ? 0x04U : 0U));
        const std::array<ByteView, 2> parts{ByteView{&head, 1}, data};
        sink.add(timestamp, left.empty(), parts);
        first = false;
    }
}

} // namespace millrace::rtp
