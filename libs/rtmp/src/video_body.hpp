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

/// What a body is that stands in two pieces, as Client::send takes it.
VideoBody look_at_video(ByteView lead, ByteView payload);

} // namespace millrace::rtmp
