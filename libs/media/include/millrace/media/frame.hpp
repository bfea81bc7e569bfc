// Frames: the only thing that ever stands on a stream's timeline.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/base/shared_bytes.hpp>
#include <millrace/media/track.hpp>

namespace millrace::media {

/// One access unit of one track, payload in the codec's canonical form: H.264 and H.265 as length-prefixed
/// NAL units (the length size is in the track's config, nearly always 4), AAC raw (no ADTS), AV1 as one
/// temporal unit of low-overhead OBUs, other codecs as their frames stand. Of an opaque track: the
/// container's whole body after the byte (or FourCC) kept in `Track::origin`.
struct Frame {
    TrackId track = 0;
    Kind kind = Kind::video;
    bool key = false;        ///< Decodable without any frame before it. Audio and data frames always are.
    bool disposable = false; ///< No other frame refers to it.
    MediaTime dts;           ///< Decode time.
    std::chrono::nanoseconds composition{0}; ///< Presentation time minus decode time; may be negative.
    SharedBytes payload;                     ///< May be empty: FLV sends an empty audio frame for silence.

    MediaTime pts() const { return dts + composition; }

    friend bool operator==(const Frame&, const Frame&) = default;
};

} // namespace millrace::media
