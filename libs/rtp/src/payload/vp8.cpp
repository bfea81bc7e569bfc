#include "vp8.hpp"

#include <millrace/codec/vp8.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtp {

// payload    := descriptor data
// descriptor := extended:u1 0:u1 disposable:u1 start:u1 0:u1 partition:u3
//               [id:u1 level:u1 tid:u1 key:u1 0:u4 [long:u1 id:u7 [id:u8]] [level:u8] [tid-and-key:u8]]
bool Vp8Depacketizer::take(const Packet& packet)
{
    ByteReader in{packet.payload};
    const unsigned first = in.u8();
    if ((first & 0x80U) != 0) {
        const unsigned present = in.u8();
        if ((present & 0x80U) != 0) {
            in.skip((in.u8() & 0x80U) != 0 ? 1 : 0);
        }
        in.skip((present & 0x40U) != 0 ? 1 : 0);
        in.skip((present & 0x30U) != 0 ? 1 : 0);
    }
    if (!in.ok()) {
        return false;
    }
    const bool begins = (first & 0x10U) != 0 && (first & 7U) == 0;
    if (begins != empty()) {
        damage(); // its beginning is lost, or the end of the one before
    }
    append(in.rest());
    return true;
}

void Vp8Depacketizer::complete(Bytes picture)
{
    const auto header = codec::vp8::read_header(picture);
    if (!header) {
        ++counts().bad;
        return;
    }
    if (header->key) {
        track().width = header->width;
        track().height = header->height;
    }
    give_picture(std::move(picture), header->key);
}

void Vp8Packetizer::packetize(const media::Frame& frame, std::uint32_t timestamp, PayloadSink& sink)
{
    std::uint8_t head = frame.disposable ? 0x30 : 0x10;
    for (auto left = frame.payload.view(); !left.empty();) {
        const auto data = left.first(std::min(most_ - 1, left.size()));
        left = left.subspan(data.size());
        const std::array<ByteView, 2> parts{ByteView{&head, 1}, data};
        sink.add(timestamp, left.empty(), parts);
        head &= 0xefU;
    }
}

} // namespace millrace::rtp
