// Audio and video bodies of Enhanced RTMP v2: a FourCC instead of a codec number.
#pragma once

#include "part.hpp"
#include <millrace/flv/body.hpp>

namespace millrace::flv::enhanced {

/// Whether a body has one of these headers, by its first byte.
inline bool is_video(std::uint8_t first)
{
    return (first & 0x80U) != 0;
}
inline bool is_audio(std::uint8_t first)
{
    return first >> 4U == 9;
}

/// Expects: `body` is not empty, and its first byte announces Enhanced RTMP.
Part read_video(const SharedBytes& body);
Part read_audio(const SharedBytes& body);

/// Expects: the track's origin, given as `code`, is a FourCC.
Bytes video_lead(std::uint32_t code, const media::Frame& frame);
Bytes audio_lead(std::uint32_t code);
Bytes config_lead(media::Kind kind, std::uint32_t code);

} // namespace millrace::flv::enhanced
