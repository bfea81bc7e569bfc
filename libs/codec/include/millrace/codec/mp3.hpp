// MPEG audio (MP1, MP2, MP3): the frame header (ISO/IEC 11172-3 §2.4.1.3, ISO/IEC 13818-3 §2.4.1.3).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/codec/error.hpp>

namespace millrace::codec::mp3 {

struct Header {
    std::uint8_t layer = 3;
    std::uint32_t sample_rate = 0; ///< Hertz.
    std::uint32_t channels = 0;
    std::uint32_t bit_rate = 0;  ///< Bits a second; 0 for the free format.
    std::uint32_t samples = 0;   ///< Of one channel in one frame.
    std::size_t frame_bytes = 0; ///< With the header; 0 for the free format.

    friend bool operator==(const Header&, const Header&) = default;
};

/// The header at the beginning of a frame. Errors: truncated, wrong_kind when there is no sync word,
/// bad_value.
Result<Header> read_header(ByteView frame);

} // namespace millrace::codec::mp3
