// How long a frame of sound is, so that timestamps can follow each other without gaps.
#pragma once

#include <millrace/media/track.hpp>
#include <millrace/rtp/format.hpp>

namespace millrace::rtp {

/// In units of the format's clock; 0 when it is not known.
std::uint32_t sound_duration(const Format& format, const media::Track& track, ByteView payload);

/// Of an Opus packet, in samples at 48 kHz (RFC 6716 §3.1); 0 when it cannot be read.
std::uint32_t opus_duration(ByteView packet);

} // namespace millrace::rtp
