#include "codec_ids.hpp"
#include "enhanced.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/codec/av1.hpp>

namespace millrace::flv::enhanced {
namespace {

using media::Kind;

/// In one body: more is an attack.
constexpr std::size_t kMostModEx = 16;
constexpr std::size_t kMostTracks = 64;

/// What stands before the FourCC.
struct Opening {
    unsigned packet = 0;
    std::chrono::nanoseconds offset{0};
};

// mod-ex := size-1:u8 [size-1:u16]size 256 data type:u4 packet:u4     one after the other while packet is 7
/// False when it is cut off, or has no end.
bool read_mod_ex(ByteReader& in, Opening& opening, Parts& out)
{
    for (std::size_t count = 0; opening.packet == mod_ex; ++count) {
        std::size_t size = in.u8() + std::size_t{1};
        if (size == 256) {
            size = in.u16() + std::size_t{1};
        }
        ByteReader data{in.bytes(size)};
        const unsigned next = in.u8();
        if (!in.ok() || count == kMostModEx) {
            out.push_back(dropped(in.ok() ? "too_many_mod_ex" : "truncated_body"));
            return false;
        }
        opening.packet = next & 15U;
        if (next >> 4U != kTimestampOffsetNano) {
            out.push_back(dropped("unknown_mod_ex"));
            continue;
        }
        const auto offset = data.u24();
        if (data.ok() && offset <= kMostNano) {
            opening.offset = std::chrono::nanoseconds{offset};
        } else {
            out.push_back(dropped("bad_mod_ex"));
        }
    }
    return true;
}

Part read_coded_video(Part part, bool composition)
{
    if (composition) {
        ByteReader in{part.payload};
        part.composition += std::chrono::milliseconds{in.s24()};
        if (!in.ok()) {
            return dropped("truncated_body");
        }
        part.payload = part.payload.slice(in.position());
    }
    part.what = Part::What::frame;
    return part;
}

Part read_mpeg2ts_start(Part part)
{
    if (part.codec != media::Codec::av1) {
        return dropped("unknown_packet_type");
    }
    auto config = codec::av1::config_of_descriptor(part.payload);
    if (!config) {
        return dropped("bad_config");
    }
    part.what = Part::What::config;
    part.payload = SharedBytes{std::move(*config)};
    return part;
}

/// One track's packet. Expects: the part's payload is what stands behind FourCC and number.
Part read_video_packet(Part part, const FourCc& codec, unsigned packet)
{
    switch (packet) {
    case sequence_start: part.what = Part::What::config; return part;
    case coded_frames: return read_coded_video(std::move(part), codec.composition);
    case coded_frames_x:
        return codec.composition ? read_coded_video(std::move(part), false) : dropped("unknown_packet_type");
    case sequence_end: return {};
    case metadata: part.what = Part::What::colour; return part;
    case mpeg2ts_sequence_start: return read_mpeg2ts_start(std::move(part));
    default: return dropped("unknown_packet_type");
    }
}

Part read_audio_packet(Part part, unsigned packet)
{
    switch (packet) {
    case audio_sequence_start: part.what = Part::What::config; return part;
    case audio_coded_frames:
        part.what = Part::What::frame;
        return part.payload.empty() ? dropped("truncated_body") : part;
    case audio_sequence_end: part.what = Part::What::silence; return part;
    case multichannel_config: part.what = Part::What::layout; return part;
    default: return dropped("unknown_packet_type");
    }
}

/// Reads what stands behind the opening, for either kind.
class Tracks {
public:
    Tracks(Kind kind, const SharedBytes& body, Part common, Parts& out)
        : kind_{kind}, body_{&body}, common_{std::move(common)}, out_{&out}
    {
    }

    // single := fourcc:u32 data
    void read_single(ByteReader in, unsigned packet)
    {
        const auto codec = read_codec(in);
        take(codec, packet, 0, in.position(), in.remaining(), in.ok());
    }

    // tracks := type:u4 packet:u4 (fourcc:u32 number:u8 data                      type 0
    //           | fourcc:u32 (number:u8 size:u24 data)*                           type 1
    //           | (fourcc:u32 number:u8 size:u24 data)*)                          type 2
    void read_several(ByteReader in, unsigned own_packet)
    {
        const unsigned byte = in.u8();
        const unsigned type = byte >> 4U;
        const unsigned packet = byte & 15U;
        if (type > many_tracks_many_codecs) {
            return drop(in.ok() ? "unknown_multitrack_type" : "truncated_body");
        }
        if (packet == own_packet || packet == mod_ex) {
            return drop("unknown_packet_type");
        }
        FourCc codec = type == many_tracks_many_codecs ? FourCc{} : read_codec(in);
        if (type == one_track) {
            const auto number = in.u8();
            return take(codec, packet, number, in.position(), in.remaining(), in.ok());
        }
        std::size_t count = 0;
        do {
            if (++count > kMostTracks) {
                return drop("too_many_tracks");
            }
            if (type == many_tracks_many_codecs) {
                codec = read_codec(in);
            }
            const auto number = in.u8();
            const auto size = in.u24();
            const auto at = in.position();
            in.skip(size);
            take(codec, packet, number, at, size, in.ok());
        } while (in.ok() && !in.at_end());
    }

private:
    FourCc read_codec(ByteReader& in) const { return four_cc(kind_, in.u32()); }
    void drop(std::string_view reason) { out_->push_back(dropped(reason)); }

    void take(const FourCc& codec, unsigned packet, std::uint8_t number, std::size_t at, std::size_t size,
              bool whole)
    {
        if (!whole) {
            return drop("truncated_body");
        }
        if (!is_enhanced(codec.code)) {
            return drop("bad_four_cc");
        }
        auto part = common_;
        part.number = number;
        part.codec = codec.codec;
        part.origin = codec.code;
        part.payload = body_->slice(at, size);
        out_->push_back(kind_ == Kind::video ? read_video_packet(std::move(part), codec, packet)
                                             : read_audio_packet(std::move(part), packet));
    }

    Kind kind_;
    const SharedBytes* body_;
    Part common_;
    Parts* out_;
};

} // namespace

// video := 1:u1 frame-type:u3 packet:u4 mod-ex* (command:u8 | tracks | single)
//          a command when the frame type is 5 and the packet no metadata
void read_video(const SharedBytes& body, Parts& out)
{
    ByteReader in{body};
    const unsigned first = in.u8();
    const unsigned type = first >> 4U & 7U;
    Opening opening{.packet = first & 15U};
    if (!read_mod_ex(in, opening, out)) {
        return;
    }
    if (opening.packet != metadata && (type == 0 || type >= kCommandFrame)) {
        out.push_back(dropped(type == kCommandFrame ? "video_command" : "reserved_frame_type"));
        return;
    }
    Part common{.composition = opening.offset};
    set_frame_type(common, type);
    Tracks tracks{Kind::video, body, std::move(common), out};
    opening.packet == multitrack ? tracks.read_several(in, multitrack)
                                 : tracks.read_single(in, opening.packet);
}

// audio := 9:u4 packet:u4 mod-ex* (tracks | single)
void read_audio(const SharedBytes& body, Parts& out)
{
    ByteReader in{body};
    Opening opening{.packet = in.u8() & 15U};
    if (!read_mod_ex(in, opening, out)) {
        return;
    }
    Tracks tracks{Kind::audio, body, Part{.composition = opening.offset}, out};
    opening.packet == audio_multitrack ? tracks.read_several(in, audio_multitrack)
                                       : tracks.read_single(in, opening.packet);
}

// layout := order:u8 channels:u8 [mask:u32]order 1 [speaker:u8 × channels]order 2
std::optional<media::ChannelLayout> read_layout(ByteView bytes)
{
    using Order = media::ChannelLayout::Order;
    ByteReader in{bytes};
    const unsigned order = in.u8();
    media::ChannelLayout layout{.order = static_cast<Order>(order), .channels = in.u8()};
    if (order > static_cast<unsigned>(Order::custom)) {
        return std::nullopt;
    }
    if (layout.order == Order::native) {
        layout.mask = in.u32();
    } else if (layout.order == Order::custom) {
        const auto speakers = in.bytes(layout.channels);
        layout.speakers.assign(speakers.begin(), speakers.end());
    }
    return in.ok() ? std::optional{layout} : std::nullopt;
}

} // namespace millrace::flv::enhanced
