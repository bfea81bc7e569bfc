#include "h263.hpp"

#include <millrace/codec/bits.hpp>

#include <array>

namespace millrace::rtp {
namespace {

struct Picture {
    bool key = false;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};

/// picture := 0000 0000 0000 0000 1000 00:u22 time:u8 10 split:u1 camera:u1 freeze:u1 format:u3 …
/// (H.263 §5.1). None when it does not begin like one.
std::optional<Picture> read_picture(ByteView bytes)
{
    constexpr std::array<std::array<std::uint32_t, 2>, 6> kSizes{
        {{0, 0}, {128, 96}, {176, 144}, {352, 288}, {704, 576}, {1408, 1152}}};
    constexpr std::uint32_t kExtended = 7;
    codec::BitReader in{bytes};
    if (in.bits(22) != 0x20) {
        return std::nullopt;
    }
    in.skip(8 + 5);
    const auto format = in.bits(3);
    Picture picture;
    if (format < kSizes.size()) {
        picture.width = kSizes[format][0];
        picture.height = kSizes[format][1];
        picture.key = !in.flag();
    } else if (format == kExtended) {
        const auto update = in.bits(3);
        if (update == 1) {
            const auto size = in.bits(3);
            in.skip(15);
            if (size < kSizes.size()) {
                picture.width = kSizes[size][0];
                picture.height = kSizes[size][1];
            }
        }
        picture.key = in.bits(3) == 0;
    }
    return in.ok() ? std::optional{picture} : std::nullopt;
}

/// What both payload formats do with a whole picture.
template <class Give>
bool look_at(const Bytes& bytes, media::Track& track, Give give)
{
    const auto picture = read_picture(bytes);
    if (!picture) {
        return false;
    }
    if (picture->width > 0) {
        track.width = picture->width;
        track.height = picture->height;
    }
    give(picture->key);
    return true;
}

} // namespace

// payload := b:u1 p:u1 start-bits:u3 end-bits:u3 … data      header of 4 bytes, 8 in mode B, 12 in mode C
bool H263Depacketizer::take(const Packet& packet)
{
    ByteReader in{packet.payload};
    const unsigned first = in.peek();
    in.skip((first & 0x80U) == 0 ? 4 : (first & 0x40U) == 0 ? 8 : 12);
    auto data = in.rest();
    if (!in.ok() || data.empty()) {
        return false;
    }
    const unsigned start_bits = first >> 3U & 7U;
    if (empty() ? start_bits != 0 : (start_bits + end_bits_) % 8 != 0) {
        damage();
        return true;
    }
    if (start_bits != 0) {
        // The byte is shared: its higher bits came with the packet before.
        const auto mask = static_cast<std::uint8_t>(0xffU >> start_bits);
        auto& shared = picture().back();
        shared = static_cast<std::uint8_t>((shared & ~mask) | (data[0] & mask));
        data = data.subspan(1);
    }
    end_bits_ = first & 7U;
    append(data);
    return true;
}

void H263Depacketizer::complete(Bytes picture)
{
    if (!look_at(picture, track(), [&](bool key) { give_picture(std::move(picture), key); })) {
        ++counts().bad;
    }
}

// payload := 0:u5 start:u1 redundant:u1 header-bytes:u6 header-bits:u3 [redundancy:u8] header data
bool H263PlusDepacketizer::take(const Packet& packet)
{
    ByteReader in{packet.payload};
    const unsigned head = in.u16();
    const bool starts = (head & 0x0400U) != 0;
    in.skip((head & 0x0200U) != 0 ? 1 : 0);
    in.skip(head >> 3U & 0x3fU);
    if (!in.ok()) {
        return false;
    }
    if (empty() && !starts) {
        damage();
        return true;
    }
    if (starts) {
        constexpr std::array<std::uint8_t, 2> kZeros{};
        append(kZeros);
    }
    append(in.rest());
    return true;
}

void H263PlusDepacketizer::complete(Bytes picture)
{
    if (!look_at(picture, track(), [&](bool key) { give_picture(std::move(picture), key); })) {
        ++counts().bad;
    }
}

} // namespace millrace::rtp
