// VP8: the beginning of a frame (RFC 6386 §9.1).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/codec/error.hpp>

#include <string>

namespace millrace::codec::vp8 {

struct FrameHeader {
    bool key = false;
    bool shown = true;
    std::uint32_t width = 0;  ///< Pixels; 0 unless a key frame.
    std::uint32_t height = 0; ///< Pixels; 0 unless a key frame.

    friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

/// Errors: truncated, wrong_kind when a key frame has no start code.
Result<FrameHeader> read_header(ByteView frame);

} // namespace millrace::codec::vp8
