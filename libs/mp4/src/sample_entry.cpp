// Sample descriptions: which codec, and what its decoder needs (ISO/IEC 14496-12 §8.5.2, 14496-14, 14496-15).
#include "track_header.hpp"
#include <millrace/media/describe.hpp>

#include <algorithm>
#include <array>

namespace millrace::mp4 {
namespace {

using media::Codec;
using media::Kind;

struct Entry {
    std::uint32_t type;
    Kind kind;
    Codec codec;
    std::uint32_t config; ///< The box that holds what the decoder needs; 0: none.
};

constexpr std::array kEntries{
    Entry{four_cc("avc1"), Kind::video, Codec::h264, four_cc("avcC")},
    Entry{four_cc("avc3"), Kind::video, Codec::h264, four_cc("avcC")},
    Entry{four_cc("hvc1"), Kind::video, Codec::h265, four_cc("hvcC")},
    Entry{four_cc("hev1"), Kind::video, Codec::h265, four_cc("hvcC")},
    Entry{four_cc("av01"), Kind::video, Codec::av1, four_cc("av1C")},
    Entry{four_cc("vp08"), Kind::video, Codec::vp8, 0},
    Entry{four_cc("vp09"), Kind::video, Codec::vp9, four_cc("vpcC")},
    Entry{four_cc("mp4a"), Kind::audio, Codec::aac, four_cc("esds")},
    Entry{four_cc("Opus"), Kind::audio, Codec::opus, four_cc("dOps")},
    Entry{four_cc("fLaC"), Kind::audio, Codec::flac, four_cc("dfLa")},
    Entry{four_cc("ac-3"), Kind::audio, Codec::ac3, 0},
    Entry{four_cc("ec-3"), Kind::audio, Codec::eac3, 0},
    Entry{four_cc(".mp3"), Kind::audio, Codec::mp3, 0},
};

/// The size of an expandable descriptor: seven bits a byte, the top bit says that more follow.
std::size_t read_descriptor_size(ByteReader& in)
{
    std::size_t size = 0;
    for (int i = 0; i < 4; ++i) {
        const auto byte = in.u8();
        size = size << 7U | (byte & 0x7fU);
        if ((byte & 0x80U) == 0) {
            break;
        }
    }
    return size;
}

/// The body of the next descriptor of that tag (ISO/IEC 14496-1 §7.2.2.1).
ByteView descriptor(ByteReader& in, std::uint8_t tag)
{
    while (in.ok() && !in.at_end()) {
        const auto found = in.u8();
        const auto size = std::min(read_descriptor_size(in), in.remaining());
        const auto body = in.bytes(size);
        if (found == tag) {
            return body;
        }
    }
    return {};
}

// esds := version:u8 flags:u24 ES_Descriptor
// ES_Descriptor(3) := id:u16 flags:u8 [depends:u16] [url] [clock:u16] DecoderConfigDescriptor(4) …
// DecoderConfigDescriptor(4) := type:u8 stream:u8 buffer:u24 most:u32 average:u32 DecoderSpecificInfo(5)
bool read_esds(ByteView esds, media::Track& track)
{
    ByteReader in{esds};
    read_full_box(in);
    ByteReader stream{descriptor(in, 3)};
    stream.skip(2);
    const auto flags = stream.u8();
    stream.skip((flags & 0x80U) != 0 ? 2 : 0);
    stream.skip((flags & 0x40U) != 0 ? stream.u8() : 0U);
    stream.skip((flags & 0x20U) != 0 ? 2 : 0);
    ByteReader decoder{descriptor(stream, 4)};
    const auto type = decoder.u8();
    decoder.skip(12);
    if (!decoder.ok()) {
        return false;
    }
    if (type == 0x69 || type == 0x6b) { // MPEG-2 and MPEG-1 audio: MP3.
        track.codec = Codec::mp3;
        return true;
    }
    const bool aac = type == 0x40 || (type >= 0x66 && type <= 0x68);
    track.config = SharedBytes::copy_of(descriptor(decoder, 5));
    return aac && !track.config.empty();
}

// dOps := version:u8 channels:u8 pre-skip:u16 rate:u32 gain:s16 family:u8 …    OpusHead has them little
// endian
bool read_dops(ByteView dops, media::Track& track)
{
    ByteReader in{dops};
    in.skip(1);
    Bytes head;
    ByteWriter out{head};
    out.text("OpusHead");
    out.u8(1);
    out.u8(in.u8());
    out.u16le(in.u16());
    out.u32le(in.u32());
    out.u16le(in.u16());
    out.bytes(in.rest());
    track.config = SharedBytes{std::move(head)};
    return in.ok();
}

// dfLa := version:u8 flags:u24 STREAMINFO-block …
bool read_dfla(ByteView dfla, media::Track& track)
{
    constexpr std::size_t kStreamInfo = 4 + 34;
    ByteReader in{dfla};
    read_full_box(in);
    Bytes config;
    ByteWriter out{config};
    out.text("fLaC");
    out.u8(0x80); // STREAMINFO, and the last block, whatever stood behind it.
    in.skip(1);
    out.bytes(in.bytes(kStreamInfo - 1));
    track.config = SharedBytes{std::move(config)};
    return in.ok();
}

bool read_config(const Entry& entry, ByteView boxes, media::Track& track)
{
    if (entry.config == 0) {
        return true;
    }
    auto body = find(boxes, entry.config);
    if (body.empty()) {
        body = find(find(boxes, four_cc("wave")), entry.config); // QuickTime puts it there.
    }
    if (body.empty()) {
        return !media::needs_config(entry.codec);
    }
    switch (entry.codec) {
    case Codec::aac: return read_esds(body, track);
    case Codec::opus: return read_dops(body, track);
    case Codec::flac: return read_dfla(body, track);
    default: track.config = SharedBytes::copy_of(body); return true;
    }
}

// visual := reserved:6 reference:u16 … width:u16 height:u16 … boxes     86 bytes with the head, 78 without
bool read_visual(const Entry& entry, ByteView body, media::Track& track)
{
    ByteReader in{body};
    in.skip(24);
    track.width = in.u16();
    track.height = in.u16();
    in.skip(50);
    return in.ok() && read_config(entry, in.rest(), track);
}

// audio := reserved:6 reference:u16 version:u16 revision:u16 vendor:u32 channels:u16 bits:u16 …:4 rate:u32
//          [QuickTime version 1: 16 more, version 2: 36 more] boxes
bool read_audio(const Entry& entry, ByteView body, media::Track& track)
{
    ByteReader in{body};
    in.skip(8);
    const auto version = in.u16();
    in.skip(6);
    track.channels = in.u16();
    in.skip(6);
    track.sample_rate = in.u32() >> 16U;
    if (version == 1) {
        in.skip(16);
    } else if (version == 2) {
        in.skip(4);
        const double rate = in.f64();
        track.sample_rate = rate > 0 && rate < 1e6 ? static_cast<std::uint32_t>(rate) : 0;
        track.channels = in.u32();
        in.skip(20);
    }
    return in.ok() && read_config(entry, in.rest(), track);
}

} // namespace

// stsd := version:u8 flags:u24 count:u32 entry*     each a box
std::optional<Described> read_descriptions(ByteView stsd, Counters& counters)
{
    ByteReader in{stsd};
    read_full_box(in);
    in.skip(4);
    Boxes boxes{in.rest()};
    for (std::uint32_t number = 1; const auto box = boxes.next(); ++number) {
        if (box->type == four_cc("encv") || box->type == four_cc("enca")) {
            ++counters["encrypted_track"];
            continue;
        }
        const auto* const entry = std::ranges::find(kEntries, box->type, &Entry::type);
        if (entry == kEntries.end()) {
            ++counters["unknown_codec"];
            continue;
        }
        Described found{.track = {.kind = entry->kind, .codec = entry->codec}, .description = number};
        const bool read = entry->kind == Kind::video ? read_visual(*entry, box->body, found.track)
                                                     : read_audio(*entry, box->body, found.track);
        if (read && media::describe(found.track)) {
            return found;
        }
        ++counters["unreadable_config"];
    }
    return std::nullopt;
}

} // namespace millrace::mp4
