// Tracks: what a stream consists of, in words that no container owns.
#pragma once

#include <millrace/base/shared_bytes.hpp>
#include <millrace/media/channel_layout.hpp>
#include <millrace/media/colour.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::media {

enum class Kind : std::uint8_t {
    video,
    audio,
    data, ///< Timed metadata: AMF0 script data of FLV, such as onTextData.
};

enum class Codec : std::uint8_t {
    opaque, ///< Not known to us: passed through with `Track::origin` and whole bodies.
    h264,
    h265,
    av1,
    vp8,
    vp9,
    vp6,
    h263,     ///< Sorenson H.263.
    h263_itu, ///< ITU-T H.263, which Sorenson's is not.
    jpeg,     ///< One image a frame.
    aac,
    mp3,
    opus,
    flac,
    ac3,
    eac3,
    g711a,
    g711u,
    g722,
    speex,
    pcm,    ///< 16 bits, little endian, unless `Track::origin` says otherwise.
    script, ///< AMF0: name, values.
};

/// The name used in the API, in logs and on the console: "h264", "aac".
std::string_view name(Codec codec);
std::string_view name(Kind kind);

/// Identifies a track within its stream: the same for each publisher that brings the track again.
using TrackId = std::uint16_t;

/// The id of the track of that kind that its source counts as `number`; 0 is the kind's default track.
constexpr TrackId track_id(Kind kind, std::uint8_t number)
{
    constexpr unsigned kKinds = 4; // room for one more
    return static_cast<TrackId>(number * kKinds + static_cast<unsigned>(kind));
}

/// One track, as it stands from a moment on. A changed configuration is a new value of the same track.
struct Track {
    TrackId id = 0;
    Kind kind = Kind::video;
    /// Which of its kind, as the source counts; 0 is the default one, which readers of one track get.
    std::uint8_t number = 0;
    Codec codec = Codec::opaque;
    /// What a decoder needs before the first frame, in the form that MP4 uses: avcC, hvcC, av1C, vpcC,
    /// AudioSpecificConfig, OpusHead, `fLaC` + STREAMINFO. Empty where the codec needs none.
    SharedBytes config;
    /// How the source's container named this track, for exact pass-through. For FLV: the first byte of the
    /// tag body with the frame type cleared; for Enhanced RTMP: the FourCC.
    std::uint32_t origin = 0;

    std::uint32_t width = 0;             ///< Pixels; 0 when not known.
    std::uint32_t height = 0;            ///< Pixels; 0 when not known.
    double fps = 0;                      ///< As signalled; 0 when not known.
    std::uint32_t sample_rate = 0;       ///< Hertz; 0 when not known.
    std::uint32_t channels = 0;          ///< 0 when not known.
    std::string codec_string;            ///< RFC 6381, such as "avc1.64001f"; empty when not known.
    std::optional<Colour> colour;        ///< Of a video track, when its source tells it.
    std::optional<ChannelLayout> layout; ///< Of an audio track, when its source tells it.

    friend bool operator==(const Track&, const Track&) = default;
};

} // namespace millrace::media
