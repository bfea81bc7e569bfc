// What a track's configuration tells about it, for every demuxer alike.
#pragma once

#include <millrace/media/track.hpp>

namespace millrace::media {

/// Sets size, rates, channels and codec string as far as the codec and `config` tell them; what they do not
/// tell stays as it is. False when the codec has a configuration and this one cannot be read: no decoder
/// could begin.
bool describe(Track& track);

/// Sets what a track's first frame tells and its configuration did not: size, rate, channels.
void describe_by_frame(Track& track, ByteView frame);

/// Whether no frame of this codec can be decoded without a configuration that stands outside of the frames.
bool needs_config(Codec codec);

} // namespace millrace::media
