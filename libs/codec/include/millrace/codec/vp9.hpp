// VP9: the configuration record "vpcC" (VP Codec ISO Media File Format Binding).
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/codec/error.hpp>

#include <string>

namespace millrace::codec::vp9 {

struct Config {
    std::uint8_t profile = 0;
    std::uint8_t level = 0; ///< Ten times the level.
    std::uint8_t bit_depth = 8;

    friend bool operator==(const Config&, const Config&) = default;
};

/// Takes the record with or without the version and flags of its box, which FFmpeg puts into Enhanced RTMP.
/// Errors: truncated.
Result<Config> read_config(ByteView record);

/// Such as "vp09.00.31.08".
std::string codec_string(const Config& config);

} // namespace millrace::codec::vp9
