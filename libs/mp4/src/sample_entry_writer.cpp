#include "sample_entry_writer.hpp"

#include "box_writer.hpp"
#include <millrace/codec/ac3.hpp>
#include <millrace/codec/bits.hpp>
#include <millrace/codec/mp3.hpp>
#include <millrace/codec/opus.hpp>
#include <millrace/media/describe.hpp>

#include <algorithm>

namespace millrace::mp4 {
namespace {

using media::Codec;

constexpr std::size_t kFlacBlock = 4 + 34; ///< STREAMINFO with its head.

// esds := version:u8 flags:u24 ES_Descriptor(3)     ISO/IEC 14496-1 §7.2.6
void write_esds(Bytes& out, const FragmentTrack& track, std::uint8_t type)
{
    const BoxWriter box{out, "esds", 0, 0};
    ByteWriter writer{out};
    const auto& config = track.track.config;
    const auto specific = config.empty() ? std::size_t{0} : 2 + config.size();
    writer.u8(3);
    writer.u8(static_cast<std::uint8_t>(3 + 2 + 13 + specific + 3));
    writer.u16(static_cast<std::uint16_t>(track.id));
    writer.u8(0);
    writer.u8(4);
    writer.u8(static_cast<std::uint8_t>(13 + specific));
    writer.u8(type);
    writer.u8(0x15); // An audio stream.
    writer.u24(0);
    writer.u32(track.bitrate);
    writer.u32(track.bitrate);
    if (!config.empty()) {
        writer.u8(5);
        writer.u8(static_cast<std::uint8_t>(config.size()));
        writer.bytes(config);
    }
    writer.u8(6);
    writer.u8(1);
    writer.u8(2);
}

// dOps := version:u8 channels:u8 pre-skip:u16 rate:u32 gain:s16 family:u8 …    Opus in ISOBMFF §4.3.2
void write_dops(Bytes& out, const media::Track& track)
{
    constexpr std::size_t kHead = 8 + 11;
    const BoxWriter box{out, "dOps"};
    ByteWriter writer{out};
    writer.u8(0);
    if (track.config.size() < kHead) {
        constexpr std::uint16_t kPreSkip = 312;
        writer.u8(static_cast<std::uint8_t>(track.channels == 0 ? 2 : track.channels));
        writer.u16(kPreSkip);
        writer.u32(codec::opus::kSampleRate);
        writer.u16(0);
        writer.u8(0);
        return;
    }
    ByteReader in{track.config.view().subspan(9)};
    writer.u8(in.u8());
    writer.u16(in.u16le());
    writer.u32(in.u32le());
    writer.u16(in.u16le());
    writer.bytes(in.rest());
}

void write_config(Bytes& out, const FragmentTrack& track)
{
    const auto& config = track.track.config;
    switch (track.track.codec) {
    case Codec::h264: {
        const BoxWriter box{out, "avcC"};
        ByteWriter{out}.bytes(config);
        break;
    }
    case Codec::h265: {
        const BoxWriter box{out, "hvcC"};
        ByteWriter{out}.bytes(config);
        break;
    }
    case Codec::av1: {
        const BoxWriter box{out, "av1C"};
        ByteWriter{out}.bytes(config);
        break;
    }
    case Codec::vp9: {
        const BoxWriter box{out, "vpcC", 1, 0};
        const bool with_head =
            config.size() >= 12 && as_text(config.view().first(4)) == std::string_view{"\1\0\0\0", 4};
        ByteWriter{out}.bytes(config.view().subspan(with_head ? 4 : 0));
        break;
    }
    case Codec::aac: write_esds(out, track, 0x40); break;
    case Codec::mp3: write_esds(out, track, 0x6b); break;
    case Codec::opus: write_dops(out, track.track); break;
    case Codec::flac: {
        const BoxWriter box{out, "dfLa", 0, 0};
        const auto begin = out.size();
        ByteWriter{out}.bytes(config.view().subspan(4, kFlacBlock));
        out[begin] = 0x80; // The last block, whatever stood behind it.
        break;
    }
    case Codec::ac3: {
        const BoxWriter box{out, "dac3"};
        ByteWriter{out}.bytes(config);
        break;
    }
    case Codec::eac3: {
        const BoxWriter box{out, "dec3"};
        ByteWriter{out}.bytes(config);
        break;
    }
    default: break;
    }
}

// visual := reserved:6 reference:u16 0:16 width:u16 height:u16 dpi:u32*2 0:u32 frames:u16 name:32 depth:u16
//           -1:s16 boxes
void write_visual(Bytes& out, const FragmentTrack& track)
{
    ByteWriter writer{out};
    write_zeros(out, 6);
    writer.u16(1);
    write_zeros(out, 16);
    writer.u16(static_cast<std::uint16_t>(track.track.width));
    writer.u16(static_cast<std::uint16_t>(track.track.height));
    writer.u32(0x00480000);
    writer.u32(0x00480000);
    writer.u32(0);
    writer.u16(1);
    write_zeros(out, 32);
    writer.u16(0x18);
    writer.u16(0xffff);
    write_config(out, track);
}

// audio := reserved:6 reference:u16 0:8 channels:u16 bits:u16 0:4 rate:u32 boxes
void write_audio(Bytes& out, const FragmentTrack& track)
{
    constexpr std::uint32_t kMostRate = 0xffff; ///< The field has 16 bits; players read the codec's own.
    ByteWriter writer{out};
    write_zeros(out, 6);
    writer.u16(1);
    write_zeros(out, 8);
    writer.u16(static_cast<std::uint16_t>(track.track.channels == 0 ? 2 : track.track.channels));
    writer.u16(16);
    write_zeros(out, 4);
    writer.u32((track.track.sample_rate > kMostRate ? 0 : track.track.sample_rate) << 16U);
    write_config(out, track);
}

// dac3 := fscod:u2 bsid:u5 bsmod:u3 acmod:u3 lfeon:u1 bit_rate_code:u5 0:u5     ETSI TS 102 366 §F.4
Bytes make_dac3(ByteView frame)
{
    codec::BitReader in{frame};
    in.skip(32);
    const auto rate = in.bits(2);
    const auto size = in.bits(6);
    const auto version = in.bits(5);
    const auto mode = in.bits(3);
    const auto layout = in.bits(3);
    const auto header = codec::ac3::read_header(frame);
    Bytes config;
    codec::BitWriter out{config};
    out.bits(rate, 2);
    out.bits(version, 5);
    out.bits(mode, 3);
    out.bits(layout, 3);
    out.bits(header && header->lfe ? 1 : 0, 1);
    out.bits(size >> 1U, 5);
    out.bits(0, 5);
    return in.ok() ? config : Bytes{};
}

// dec3 := data_rate:u13 substreams-1:u3 fscod:u2 bsid:u5 0:u1 asvc:u1 bsmod:u3 acmod:u3 lfeon:u1 0:u3
//         dependent:u4 0:u1     ETSI TS 102 366 §F.6, for one independent substream
Bytes make_dec3(ByteView frame)
{
    constexpr std::array<std::uint32_t, 4> kBlocks{1, 2, 3, 6};
    codec::BitReader in{frame};
    in.skip(16 + 2 + 3);
    const auto words = in.bits(11) + 1;
    const auto rate = in.bits(2);
    const auto blocks = in.bits(2);
    const auto layout = in.bits(3);
    const auto lfe = in.bits(1);
    const auto version = in.bits(5);
    const auto header = codec::ac3::read_header(frame);
    if (!in.ok() || !header) {
        return {};
    }
    const auto samples = (rate == 3 ? 6 : kBlocks[blocks]) * 256;
    const auto kbit = words * 16 * header->sample_rate / samples / 1000;
    Bytes config;
    codec::BitWriter out{config};
    out.bits(kbit, 13);
    out.bits(0, 3);
    out.bits(rate, 2);
    out.bits(version, 5);
    out.bits(0, 1 + 1 + 3);
    out.bits(layout, 3);
    out.bits(lfe, 1);
    out.bits(0, 3 + 4 + 1);
    return config;
}

} // namespace

void write_sample_entry(Bytes& out, const FragmentTrack& track)
{
    const auto write = [&](const char(&type)[5]) {
        const BoxWriter box{out, type};
        track.track.kind == media::Kind::video ? write_visual(out, track) : write_audio(out, track);
    };
    switch (track.track.codec) {
    case Codec::h264: write("avc1"); break;
    case Codec::h265: write("hvc1"); break;
    case Codec::av1: write("av01"); break;
    case Codec::vp9: write("vp09"); break;
    case Codec::opus: write("Opus"); break;
    case Codec::flac: write("fLaC"); break;
    case Codec::ac3: write("ac-3"); break;
    case Codec::eac3: write("ec-3"); break;
    default: write("mp4a"); break;
    }
}

std::string_view why_not_in_fragments(const media::Track& track)
{
    constexpr std::size_t kMostDescriptor = 0x7f - 21; ///< What a length of one byte leaves for it.
    const bool configured = !track.config.empty();
    switch (track.codec) {
    case Codec::h264:
    case Codec::h265:
    case Codec::av1:
    case Codec::vp9: return configured ? "" : "its decoder configuration has not come";
    case Codec::aac:
        return !configured                             ? "its decoder configuration has not come"
               : track.config.size() > kMostDescriptor ? "its decoder configuration is too long"
                                                       : "";
    case Codec::flac:
        return track.config.size() < 4 + kFlacBlock ? "its decoder configuration has not come" : "";
    case Codec::ac3:
    case Codec::eac3: return configured ? "" : "no frame has told its layout yet";
    case Codec::mp3: return track.sample_rate != 0 ? "" : "no frame has told its sampling rate yet";
    case Codec::opus: return "";
    default: return "MP4 has no mapping for this codec that players know";
    }
}

void fill_from_frame(media::Track& track, ByteView frame)
{
    if (track.kind == media::Kind::audio && (track.sample_rate == 0 || track.channels == 0)) {
        media::describe_by_frame(track, frame);
    }
    if (track.config.empty() && codec::ac3::read_header(frame)) {
        if (track.codec == Codec::ac3) {
            track.config = SharedBytes{make_dac3(frame)};
        } else if (track.codec == Codec::eac3) {
            track.config = SharedBytes{make_dec3(frame)};
        }
    }
}

std::uint32_t timescale_of(const media::Track& track)
{
    constexpr std::uint32_t kPicture = 90000;
    if (track.kind != media::Kind::audio) {
        return kPicture;
    }
    if (track.codec == Codec::opus) {
        return codec::opus::kSampleRate;
    }
    return track.sample_rate != 0 ? track.sample_rate : kPicture;
}

SharedBytes sample_payload(Codec codec, SharedBytes payload)
{
    const auto view = payload.view();
    if (codec == Codec::av1 && view.size() > 2 && view[0] == 0x12 && view[1] == 0) {
        return payload.slice(2);
    }
    return payload;
}

} // namespace millrace::mp4
