// How FLV names codecs: the numbers of FLV 10.1 §E.4.2 and §E.4.3, and the FourCCs of Enhanced RTMP v2.
#pragma once

#include <millrace/media/track.hpp>

namespace millrace::flv {

constexpr unsigned kAvc = 7;
constexpr unsigned kHevc = 12; ///< Not in the specification: what Chinese networks and their servers use.
constexpr unsigned kAac = 10;

media::Codec legacy_video_codec(unsigned id);
media::Codec legacy_audio_codec(unsigned format);

/// A FourCC from its four characters.
constexpr std::uint32_t code_of(std::string_view text)
{
    std::uint32_t value = 0;
    for (const char c : text) {
        value = value << 8U | static_cast<std::uint8_t>(c);
    }
    return value;
}

/// A codec of Enhanced RTMP by its FourCC.
struct FourCc {
    std::uint32_t code = 0; ///< The four characters, the first in the highest byte.
    media::Codec codec = media::Codec::opaque;
    bool composition = false; ///< Coded frames have a composition offset.
};

/// A FourCC that is not known is an opaque codec without composition offset.
FourCc four_cc(media::Kind kind, std::uint32_t code);

/// The name by which FLV writes a track: its origin where that is FLV's name for its codec, else the usual
/// one.
std::uint32_t origin_of(const media::Track& track);

/// The first byte by which FLV always named this codec; 0 when it had none.
std::uint32_t legacy_byte(const media::Track& track);
/// The FourCC of a track, whatever its origin; 0 when there is none.
std::uint32_t four_cc_of(const media::Track& track);

/// The bit of a FourCC in a set of them; unknown ones share one.
unsigned four_cc_bit(media::Kind kind, std::uint32_t code);
/// Those of the FourCCs whose codecs FLV always had.
std::uint32_t legacy_four_cc_bits();

/// Whether an origin is a FourCC, and no first byte.
inline bool is_enhanced(std::uint32_t origin)
{
    return origin > 0xff;
}

} // namespace millrace::flv
