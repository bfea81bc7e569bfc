// How long a frame of sound is, by its codec.
#pragma once

#include <millrace/media/track.hpp>

#include <optional>

namespace millrace::hls {

/// Samples of one channel, at the rate that mp4::timescale_of() gives; none when neither track nor frame
/// tell.
std::optional<std::uint32_t> sample_count(const media::Track& track, ByteView frame);

} // namespace millrace::hls
