#include "jpeg.hpp"

#include <algorithm>

namespace millrace::rtp {
namespace {

constexpr std::size_t kTable = 64;
constexpr unsigned kFirstInBand = 128; ///< From this Q on, tables come with the packets.
constexpr unsigned kFirstRestart = 64; ///< Types from here on have restart markers.

} // namespace

// payload := type-specific:u8 offset:u24 type:u8 q:u8 width/8:u8 height/8:u8 [interval:u16 first:u1 last:u1
// count:u14]
//            [0:u8 precision:u8 length:u16 tables] data     tables: in the first packet, when q is 128 or
//            more
bool JpegDepacketizer::take(const Packet& packet)
{
    ByteReader in{packet.payload};
    in.skip(1);
    const std::size_t offset = in.u24();
    const auto type = in.u8();
    const unsigned q = in.u8();
    const std::uint32_t width = in.u8() * 8U;
    const std::uint32_t height = in.u8() * 8U;
    std::uint16_t interval = 0;
    if (type >= kFirstRestart && type < 2 * kFirstRestart) {
        interval = in.u16();
        in.skip(2);
    }
    if (!in.ok()) {
        return false;
    }
    if (offset == 0) {
        type_ = type;
        width_ = width;
        height_ = height;
        restart_interval_ = interval;
        tables_ = q >= 1 && q <= 99 ? jpeg_tables(q) : Bytes{};
        wide_ = false;
        if (q >= kFirstInBand) {
            in.skip(1);
            const auto precision = in.u8();
            const auto tables = in.bytes(in.u16());
            if (!tables.empty()) {
                kept_[q] = to_bytes(tables);
            }
            tables_ = kept_[q];
            wide_ = (precision & 1U) != 0;
        }
        if (!in.ok()) {
            return false;
        }
    }
    if (offset != picture().size()) {
        damage();
        return true;
    }
    append(in.rest());
    return true;
}

void JpegDepacketizer::complete(Bytes data)
{
    const auto each = wide_ ? 2 * kTable : kTable;
    if ((type_ & 0x3fU) > 1 || tables_.size() < each || tables_.size() > 4 * each || width_ == 0 ||
        height_ == 0) {
        ++counts().bad;
        return;
    }
    track().width = width_;
    track().height = height_;
    auto image = jpeg_head(type_ & 0x3fU, width_, height_, tables_, wide_, restart_interval_);
    image.insert(image.end(), data.begin(), data.end());
    const bool ended = data.size() >= 2 && data[data.size() - 2] == 0xff && data.back() == 0xd9;
    if (!ended) {
        image.push_back(0xff); // EOI
        image.push_back(0xd9);
    }
    give_picture(std::move(image), true);
}

} // namespace millrace::rtp
