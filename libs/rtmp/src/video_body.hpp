// As much of a video message's body as decides whether it may be dropped (FLV 10.1 §E.4.3.1, Enhanced RTMP
// v2).
#pragma once

#include <millrace/base/bytes.hpp>

#include <cstdint>

namespace millrace::rtmp {

enum class VideoBody : std::uint8_t {
    config,    ///< Begins, ends or describes a sequence: a decoder goes wrong without it.
    key_frame, ///< Decodable without any frame before it.
    frame,     ///< Any other.
};

struct VideoLook {
    VideoBody body = VideoBody::frame;
    std::uint8_t number = 0; ///< Of the track, when there is one of them in the body; else 0.

    friend bool operator==(const VideoLook&, const VideoLook&) = default;
};

/// What a body is that stands in two pieces, as Client::send takes it.
VideoLook look_at_video(ByteView lead, ByteView payload);

} // namespace millrace::rtmp
