#include "sound_frames.hpp"
#include <millrace/codec/aac.hpp>
#include <millrace/codec/bits.hpp>

namespace millrace::mpegts {
namespace {

using codec::BitReader;
using codec::BitWriter;
using Verdict = SoundFrame::Verdict;

Bytes copy_bits(ByteView from, std::size_t at, std::size_t count)
{
    Bytes out;
    out.reserve(count / 8 + 1);
    BitReader in{from};
    in.skip(at);
    BitWriter writer{out};
    for (; count >= 32; count -= 32) {
        writer.bits(in.bits(32), 32);
    }
    if (count > 0) {
        writer.bits(in.bits(static_cast<unsigned>(count)), static_cast<unsigned>(count));
    }
    return out;
}

std::uint32_t read_value(BitReader& in)
{
    const auto bytes = in.bits(2) + 1;
    return in.bits(8 * bytes);
}

std::uint32_t skip_object_type(BitReader& in)
{
    const auto type = in.bits(5);
    return type == 31 ? 32 + in.bits(6) : type;
}

void skip_rate(BitReader& in)
{
    in.skip(in.bits(4) == 15 ? 24 : 0);
}

/// Goes past an AudioSpecificConfig of a plain AAC object type with a channel configuration; false for
/// others.
bool skip_config(BitReader& in)
{
    constexpr std::uint32_t kSbr = 5;
    constexpr std::uint32_t kPs = 29;
    auto type = skip_object_type(in);
    skip_rate(in);
    const auto channels = in.bits(4);
    if (type == kSbr || type == kPs) {
        skip_rate(in);
        type = skip_object_type(in);
    }
    if (type < 1 || type > 4 || channels == 0) {
        return false;
    }
    in.skip(1); // frame length
    in.skip(in.flag() ? 14 : 0);
    return !in.flag() && in.ok(); // no extension
}

} // namespace

// loas  := 2b7:u11 size:u13 element
// element := same:u1 [mux] (ff:u8)* length:u8 payload                       same: the mux of the element
// before mux   := version:u1 [version-a:u1] [taraBufferFullness] same-framing:u1 frames:u6 programs:u4
// layers:u3
//          [config-length] config length-type:u3 fullness:u8 other:u1 [other-length] crc:u1 [crc:u8]
SoundFrame LatmFrames::look_at(ByteView bytes)
{
    constexpr std::size_t kHeadBytes = 3;
    if (bytes.size() < kHeadBytes) {
        return {.verdict = Verdict::needs_more};
    }
    BitReader in{bytes};
    if (in.bits(11) != 0x2b7) {
        return {};
    }
    const auto size = kHeadBytes + in.bits(13);
    if (bytes.size() < size) {
        return {.verdict = Verdict::needs_more};
    }
    SoundFrame frame{.verdict = Verdict::unknown, .bytes = size, .samples = 1024, .rate = rate_};
    in = BitReader{bytes.first(size)};
    in.skip(8 * kHeadBytes);
    if (!in.flag()) {
        config_.reset();
        const bool version = in.flag();
        if (version && in.flag()) {
            return frame; // a version for which nothing is defined
        }
        if (version) {
            read_value(in);
        }
        const bool plain = in.flag() && in.bits(6) == 0 && in.bits(4) == 0 && in.bits(3) == 0;
        const std::size_t length = version ? read_value(in) : 0;
        const auto begin = in.position();
        if (!plain || !skip_config(in)) {
            return frame;
        }
        const auto end = version ? begin + length : in.position();
        if (end < in.position() || end - begin > in.remaining() + (in.position() - begin)) {
            return frame;
        }
        config_ = copy_bits(bytes, begin, end - begin);
        in.skip(end - in.position());
        if (in.bits(3) != 0) { // frames whose length is told elsewhere
            config_.reset();
            return frame;
        }
        in.skip(8);
        if (in.flag()) { // other data
            bool more = !version;
            if (version) {
                read_value(in);
            }
            while (more && in.ok()) {
                more = in.flag();
                in.skip(8);
            }
        }
        in.skip(in.flag() ? 8 : 0);
        const auto config = codec::aac::read_config(*config_);
        rate_ = config ? config->core_rate : 0;
        if (!config) {
            config_.reset();
        }
    }
    if (!config_) {
        return frame;
    }
    std::size_t length = 0;
    for (auto byte = std::uint32_t{0xff}; byte == 0xff && in.ok();) {
        byte = in.bits(8);
        length += byte;
    }
    if (!in.ok() || length == 0 || length * 8 > in.remaining()) {
        return frame;
    }
    frame.verdict = Verdict::whole;
    frame.rate = rate_;
    frame.payload = copy_bits(bytes, in.position(), length * 8);
    frame.config = config_;
    return frame;
}

} // namespace millrace::mpegts
