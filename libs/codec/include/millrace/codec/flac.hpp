// FLAC: the stream marker and its STREAMINFO block (RFC 9639 §6, §8.2).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/codec/error.hpp>

namespace millrace::codec::flac {

struct StreamInfo {
    std::uint32_t sample_rate = 0; ///< Hertz.
    std::uint32_t channels = 0;
    std::uint32_t bits = 0; ///< Of a sample.

    friend bool operator==(const StreamInfo&, const StreamInfo&) = default;
};

/// Reads `fLaC` and the metadata block behind it. Errors: truncated, wrong_kind.
Result<StreamInfo> read_stream_info(ByteView bytes);

} // namespace millrace::codec::flac
