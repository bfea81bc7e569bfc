// Audio and video bodies of Enhanced RTMP v2: a FourCC instead of a codec number.
#pragma once

#include "part.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/flv/body.hpp>

namespace millrace::flv::enhanced {

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

enum Multitrack : unsigned { one_track = 0, many_tracks = 1, many_tracks_many_codecs = 2 };

/// The one kind of ModEx that is defined: nanoseconds of the presentation time.
constexpr unsigned kTimestampOffsetNano = 0;
constexpr std::uint32_t kMostNano = 999999;

/// Whether a body has one of these headers, by its first byte.
inline bool is_video(std::uint8_t first)
{
    return (first & 0x80U) != 0;
}
inline bool is_audio(std::uint8_t first)
{
    return first >> 4U == 9;
}

/// Appends what the body says. Expects: `body` is not empty, and its first byte announces Enhanced RTMP.
void read_video(const SharedBytes& body, Parts& out);
void read_audio(const SharedBytes& body, Parts& out);

/// What stands before the payload. Expects: the form's origin is a FourCC.
Bytes frame_lead(const media::Track& track, const media::Frame& frame, const Form& form);
Bytes config_lead(const media::Track& track, const Form& form);
Bytes colour_lead(const media::Track& track, const Form& form);
Bytes layout_lead(const media::Track& track, const Form& form);

/// The multichannel configuration behind its lead. None when it cannot be read.
std::optional<media::ChannelLayout> read_layout(ByteView bytes);
void write(ByteWriter& out, const media::ChannelLayout& layout);

} // namespace millrace::flv::enhanced
