// Audio and video bodies as Adobe defined them (FLV 10.1 §E.4.2, §E.4.3).
#pragma once

#include "part.hpp"
#include <millrace/flv/body.hpp>

namespace millrace::flv::legacy {

/// Expects: `body` is not empty, and its first byte does not announce Enhanced RTMP.
Part read_video(const SharedBytes& body);
Part read_audio(const SharedBytes& body);

/// Expects: the track's origin, given as `byte`, is a first byte.
Bytes video_lead(std::uint32_t byte, const media::Frame& frame);
Bytes audio_lead(std::uint32_t byte);
/// The head of a sequence header; empty when the codec has none.
Bytes config_lead(media::Kind kind, std::uint32_t byte);

/// Sets rate and channels of an audio track by the bits of its first byte.
void describe_audio(media::Track& track);

} // namespace millrace::flv::legacy
