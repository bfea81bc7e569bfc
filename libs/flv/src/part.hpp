// What one audio or video body says by itself of one track, before it meets the tracks that are known.
#pragma once

#include <millrace/base/shared_bytes.hpp>
#include <millrace/media/track.hpp>

#include <chrono>
#include <vector>

namespace millrace::flv {

struct Part {
    enum class What : std::uint8_t {
        config,  ///< `payload` is the decoder configuration.
        frame,   ///< `payload` is a frame.
        colour,  ///< `payload` is the AMF0 of a metadata packet.
        layout,  ///< `payload` is a multichannel configuration.
        silence, ///< The sound pauses.
        nothing, ///< An end of sequence.
        dropped, ///< `reason` says why.
    };

    What what = What::nothing;
    std::uint8_t number = 0; ///< As in media::Track.
    media::Codec codec = media::Codec::opaque;
    std::uint32_t origin = 0; ///< As in media::Track.
    bool key = true;
    bool disposable = false;
    std::chrono::nanoseconds composition{0};
    SharedBytes payload;
    std::string_view reason; ///< The name of its counter.
};

/// What a body says, in the order in which it shall be taken.
using Parts = std::vector<Part>;

inline Part dropped(std::string_view reason)
{
    return {.what = Part::What::dropped, .reason = reason};
}

// Frame types of FLV 10.1 §E.4.3.1: two bits of a frame make four of them.
constexpr unsigned kKeyFrame = 1;
constexpr unsigned kInterFrame = 2;
constexpr unsigned kDisposableFrame = 3;
constexpr unsigned kGeneratedKeyFrame = 4;
constexpr unsigned kCommandFrame = 5;

/// The frame type of a frame with these flags. A generated key frame is one that nothing refers to.
constexpr unsigned frame_type(bool key, bool disposable)
{
    return key ? (disposable ? kGeneratedKeyFrame : kKeyFrame)
               : (disposable ? kDisposableFrame : kInterFrame);
}

/// Sets the flags that a frame type of 1 to 4 means.
inline void set_frame_type(Part& part, unsigned type)
{
    part.key = type == kKeyFrame || type == kGeneratedKeyFrame;
    part.disposable = type == kDisposableFrame || type == kGeneratedKeyFrame;
}

} // namespace millrace::flv
