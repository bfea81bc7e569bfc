// Frames of sound: how long they are, and what stands before each in MPEG-TS.
#pragma once

#include "psi.hpp"
#include <millrace/media/track.hpp>

#include <array>
#include <optional>

namespace millrace::mpegts {

/// Samples of one channel in a frame, and hertz; zeros when they cannot be told.
struct Length {
    std::uint32_t samples = 0;
    std::uint32_t rate = 0;
};

/// The first bytes of an ADTS frame of this AudioSpecificConfig, for a frame without data (ISO/IEC 14496-3
/// §1.A.3.2); none when ADTS cannot say it.
std::optional<std::array<std::uint8_t, 7>> adts_head(ByteView config);

/// Appends what stands before a frame of that size; false when the format cannot hold it.
/// `adts`: what adts_head() gave, for AAC.
bool write_sound_head(const media::Track& track, const std::array<std::uint8_t, 7>& adts, std::size_t size,
                      Bytes& out);

Length length_of(const media::Track& track, ByteView frame);

} // namespace millrace::mpegts
