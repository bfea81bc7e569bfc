#include "legacy.hpp"

#include "codec_ids.hpp"
#include "composition.hpp"
#include <millrace/base/reader.hpp>

#include <array>

namespace millrace::flv::legacy {
namespace {

using media::Kind;

enum PacketType : unsigned { sequence_header = 0, coded = 1, end_of_sequence = 2 };

bool has_packet_type(unsigned video_codec)
{
    return video_codec == kAvc || video_codec == kHevc;
}

// avc := packet:u8 composition:s24 data
Part read_avc(Part part, const SharedBytes& body)
{
    ByteReader in{body};
    in.skip(1);
    const unsigned packet = in.u8();
    const std::chrono::milliseconds composition{in.s24()};
    if (!in.ok()) {
        // Quirk: some publishers end a sequence with its two bytes alone.
        return packet == end_of_sequence ? Part{} : dropped("truncated_body");
    }
    part.payload = body.slice(in.position());
    switch (packet) {
    case sequence_header:
        part.what = Part::What::config;
        return part;
    case coded:
        part.what = Part::What::frame;
        part.composition = composition;
        return part;
    case end_of_sequence:
        return {};
    default:
        return dropped("unknown_packet_type");
    }
}

} // namespace

// video := frame-type:u4 codec:u4 (command:u8 | avc | frame)     a command when the frame type is 5
Part read_video(const SharedBytes& body)
{
    const unsigned first = body.data()[0];
    const unsigned type = first >> 4U;
    const unsigned codec = first & 15U;
    if (type == kCommandFrame) {
        return dropped("video_command");
    }
    if (type == 0 || type > kCommandFrame) {
        return dropped("reserved_frame_type");
    }
    Part part{.what = Part::What::frame, .codec = legacy_video_codec(codec), .origin = codec};
    set_frame_type(part, type);
    if (has_packet_type(codec)) {
        return read_avc(std::move(part), body);
    }
    part.payload = body.slice(1);
    return part;
}

// audio := format:u4 rate:u2 size:u1 stereo:u1 (packet:u8 data | frame)     packet: 0 configuration, 1 frame;
// AAC only
Part read_audio(const SharedBytes& body)
{
    const unsigned first = body.data()[0];
    const unsigned format = first >> 4U;
    Part part{.what = Part::What::frame, .codec = legacy_audio_codec(format), .origin = first};
    if (format != kAac) {
        part.payload = body.slice(1);
        return part.payload.empty() ? dropped("truncated_body") : part;
    }
    part.payload = body.slice(2);
    if (part.payload.empty()) {
        return dropped("truncated_body");
    }
    const unsigned packet = body.data()[1];
    if (packet > coded) {
        return dropped("unknown_packet_type");
    }
    part.what = packet == sequence_header ? Part::What::config : Part::What::frame;
    return part;
}

Bytes video_lead(std::uint32_t byte, const media::Frame& frame)
{
    Bytes lead;
    ByteWriter out{lead};
    out.u8(static_cast<std::uint8_t>(frame_type(frame.key, frame.disposable) << 4U | (byte & 15U)));
    if (has_packet_type(byte & 15U)) {
        out.u8(coded);
        out.u24(composition_ms(frame));
    }
    return lead;
}

Bytes audio_lead(std::uint32_t byte)
{
    Bytes lead{static_cast<std::uint8_t>(byte)};
    if (byte >> 4U == kAac) {
        lead.push_back(coded);
    }
    return lead;
}

Bytes config_lead(Kind kind, std::uint32_t byte)
{
    if (kind == Kind::video && has_packet_type(byte & 15U)) {
        return {static_cast<std::uint8_t>(kKeyFrame << 4U | (byte & 15U)), sequence_header, 0, 0, 0};
    }
    if (kind == Kind::audio && byte >> 4U == kAac) {
        return {static_cast<std::uint8_t>(byte), sequence_header};
    }
    return {};
}

// FLV 10.1 §E.4.2.1, SoundRate and SoundType; formats 4, 5, 11 and 14 have rates of their own.
void describe_audio(media::Track& track)
{
    constexpr std::array<std::uint32_t, 4> kRates{5512, 11025, 22050, 44100};
    track.sample_rate = kRates[track.origin >> 2U & 3U];
    track.channels = (track.origin & 1U) + 1;
    switch (track.origin >> 4U) {
    case 4:
    case 11:
        track.sample_rate = 16000;
        track.channels = 1;
        break;
    case 5:
        track.sample_rate = 8000;
        track.channels = 1;
        break;
    case 7:
    case 8:
    case 14:
        track.sample_rate = 8000;
        break;
    default:
        break;
    }
}

} // namespace millrace::flv::legacy
