// AC-3 and E-AC-3: the beginning of a syncframe (ETSI TS 102 366 §4.3, §E.1.2).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/codec/error.hpp>

namespace millrace::codec::ac3 {

struct Header {
    bool enhanced = false;         ///< E-AC-3.
    std::uint32_t sample_rate = 0; ///< Hertz.
    std::uint32_t channels = 0;    ///< With the low-frequency one.
    bool lfe = false;
    std::uint32_t samples = 0;   ///< Of one channel in one frame.
    std::size_t frame_bytes = 0; ///< Of the whole syncframe.

    friend bool operator==(const Header&, const Header&) = default;
};

/// A frame's first 7 bytes are enough. Errors: truncated, wrong_kind when there is no sync word, bad_version,
/// bad_value.
Result<Header> read_header(ByteView frame);

} // namespace millrace::codec::ac3
