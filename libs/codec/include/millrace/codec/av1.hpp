// AV1: the configuration record "av1C" (AV1 in ISOBMFF §2.3) and the sequence header (AV1 §5.5).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/codec/error.hpp>

#include <string>

namespace millrace::codec::av1 {

struct Config {
    std::uint8_t profile = 0;
    std::uint8_t level = 0; ///< seq_level_idx_0.
    bool high_tier = false;
    std::uint8_t bit_depth = 8;
    std::uint32_t width = 0;  ///< Pixels; 0 when the record holds no sequence header.
    std::uint32_t height = 0; ///< Pixels; 0 when the record holds no sequence header.

    friend bool operator==(const Config&, const Config&) = default;
};

/// Errors: truncated, bad_version. A sequence header inside that cannot be read costs the size alone.
Result<Config> read_config(ByteView record);

/// AV1 in ISOBMFF §5, such as "av01.0.04M.08".
std::string codec_string(const Config& config);

/// The record that says the same as an AV1 video descriptor of MPEG-2 TS, with or without its tag and length
/// (AV1 in MPEG-2 TS §2.1). Errors: truncated, bad_version.
Result<Bytes> config_of_descriptor(ByteView descriptor);

/// The record that a sequence header makes, with the header in it. Expects: `obu` is one with a header of one
/// byte and a size, as a key frame begins with. Errors: truncated, wrong_kind.
Result<Bytes> make_record(ByteView obu);

} // namespace millrace::codec::av1
