#include "enhanced.hpp"

#include "codec_ids.hpp"
#include "composition.hpp"
#include <millrace/base/reader.hpp>

namespace millrace::flv::enhanced {
namespace {

using media::Kind;

enum VideoPacket : unsigned {
    sequence_start = 0,
    coded_frames = 1,
    sequence_end = 2,
    coded_frames_x = 3, ///< As coded_frames, with a composition offset of zero left out.
    metadata = 4,
    mpeg2ts_sequence_start = 5,
    multitrack = 6,
    mod_ex = 7,
};

enum AudioPacket : unsigned {
    audio_sequence_start = 0,
    audio_coded_frames = 1,
    audio_sequence_end = 2,
    multichannel_config = 4,
    audio_multitrack = 5,
    audio_mod_ex = 7,
};

/// What stands behind the FourCC.
SharedBytes behind(const SharedBytes& body, const ByteReader& in)
{
    return body.slice(in.position());
}

Part read_coded_video(Part part, const SharedBytes& body, ByteReader in, bool composition)
{
    if (composition) {
        part.composition = std::chrono::milliseconds{in.s24()};
    }
    if (!in.ok()) {
        return dropped("truncated_body");
    }
    part.what = Part::What::frame;
    part.payload = behind(body, in);
    return part;
}

Bytes lead(unsigned first, std::uint32_t code)
{
    Bytes bytes;
    ByteWriter out{bytes};
    out.u8(static_cast<std::uint8_t>(first));
    out.u32(code);
    return bytes;
}

constexpr unsigned video_byte(unsigned type, VideoPacket packet)
{
    return 0x80U | type << 4U | packet;
}

constexpr unsigned audio_byte(AudioPacket packet)
{
    return 0x90U | packet;
}

} // namespace

// video := 1:u1 frame-type:u3 packet:u4 (command:u8 | fourcc:u32 [composition:s24] data)
//          a command when the frame type is 5 and the packet no metadata
Part read_video(const SharedBytes& body)
{
    ByteReader in{body};
    const unsigned first = in.u8();
    const unsigned type = first >> 4U & 7U;
    const unsigned packet = first & 15U;
    if (packet == mod_ex) {
        return dropped("unsupported_mod_ex");
    }
    if (packet == metadata) {
        return dropped("unsupported_video_metadata");
    }
    if (type == kCommandFrame) {
        return dropped("video_command");
    }
    if (packet == multitrack) {
        return dropped("unsupported_multitrack");
    }
    if (type == 0 || type > kCommandFrame) {
        return dropped("reserved_frame_type");
    }
    const auto codec = four_cc(Kind::video, in.u32());
    if (!in.ok()) {
        return dropped("truncated_body");
    }
    if (!is_enhanced(codec.code)) {
        return dropped("bad_four_cc");
    }
    Part part{.codec = codec.codec, .origin = codec.code};
    set_frame_type(part, type);
    switch (packet) {
    case sequence_start:
        part.what = Part::What::config;
        part.payload = behind(body, in);
        return part;
    case coded_frames:
        return read_coded_video(std::move(part), body, in, codec.composition);
    case coded_frames_x:
        return codec.composition ? read_coded_video(std::move(part), body, in, false)
                                 : dropped("unknown_packet_type");
    case sequence_end:
        return {};
    case mpeg2ts_sequence_start:
        return dropped("unsupported_mpeg2ts_start");
    default:
        return dropped("unknown_packet_type");
    }
}

// audio := 9:u4 packet:u4 fourcc:u32 data
Part read_audio(const SharedBytes& body)
{
    ByteReader in{body};
    const unsigned packet = in.u8() & 15U;
    if (packet == audio_mod_ex) {
        return dropped("unsupported_mod_ex");
    }
    if (packet == audio_multitrack) {
        return dropped("unsupported_multitrack");
    }
    const auto codec = four_cc(Kind::audio, in.u32());
    if (!in.ok()) {
        return dropped("truncated_body");
    }
    if (!is_enhanced(codec.code)) {
        return dropped("bad_four_cc");
    }
    Part part{.codec = codec.codec, .origin = codec.code, .payload = behind(body, in)};
    switch (packet) {
    case audio_sequence_start:
        part.what = Part::What::config;
        return part;
    case audio_coded_frames:
        part.what = Part::What::frame;
        return part.payload.empty() ? dropped("truncated_body") : part;
    case audio_sequence_end:
        return {};
    case multichannel_config:
        return dropped("unsupported_multichannel");
    default:
        return dropped("unknown_packet_type");
    }
}

Bytes video_lead(std::uint32_t code, const media::Frame& frame)
{
    const auto type = frame_type(frame.key, frame.disposable);
    if (!four_cc(Kind::video, code).composition) {
        return lead(video_byte(type, coded_frames), code);
    }
    const auto composition = composition_ms(frame);
    if (composition == 0) {
        return lead(video_byte(type, coded_frames_x), code);
    }
    auto bytes = lead(video_byte(type, coded_frames), code);
    ByteWriter{bytes}.u24(composition);
    return bytes;
}

Bytes audio_lead(std::uint32_t code)
{
    return lead(audio_byte(audio_coded_frames), code);
}

Bytes config_lead(Kind kind, std::uint32_t code)
{
    return lead(
        kind == Kind::video ? video_byte(kKeyFrame, sequence_start) : audio_byte(audio_sequence_start), code);
}

} // namespace millrace::flv::enhanced
