// H.264: the decoder configuration record of MP4 and FLV (ISO/IEC 14496-15 §5.3.3.1) and the sequence
// parameter set.
#pragma once

#include <millrace/base/reader.hpp>
#include <millrace/codec/error.hpp>

#include <string>
#include <vector>

namespace millrace::codec::h264 {

enum class NalType : std::uint8_t {
    slice = 1,
    idr = 5,
    sei = 6,
    sps = 7,
    pps = 8,
    access_unit_delimiter = 9
};

/// The type of a NAL unit (H.264 §7.4.1). Expects: the unit is not empty.
inline NalType type_of(ByteView unit)
{
    return static_cast<NalType>(unit[0] & 0x1fU);
}

/// AVCDecoderConfigurationRecord, "avcC".
struct Config {
    std::uint8_t profile = 0;       ///< profile_idc.
    std::uint8_t compatibility = 0; ///< The constraint flags.
    std::uint8_t level = 0;         ///< level_idc, ten times the level.
    std::size_t length_size = 4;    ///< Bytes of the length before each NAL unit: 1, 2 or 4.
    std::vector<Bytes> sps;
    std::vector<Bytes> pps;
    Bytes extension; ///< What follows for high profiles: chroma format, bit depths; as it stands.

    friend bool operator==(const Config&, const Config&) = default;
};

/// Errors: truncated, bad_version, bad_value.
Result<Config> read_config(ByteView record);
/// Expects: at most 31 SPS and 255 PPS of less than 64 KiB each, as there are in a Config that was read.
void write(ByteWriter& out, const Config& config);

/// The configuration that the parameter sets among these NAL units make. Errors: wrong_kind when SPS or PPS
/// are missing.
Result<Config> make_config(const std::vector<ByteView>& units);

/// RFC 6381 §3.3, such as "avc1.64001f".
std::string codec_string(const Config& config);

/// Whether an access unit of length-prefixed NAL units has an IDR picture (NAL unit type 5).
bool is_key(ByteView payload, std::size_t length_size);

/// What a sequence parameter set tells about the picture (H.264 §7.3.2.1.1).
struct Sps {
    std::uint8_t profile = 0;
    std::uint8_t level = 0;
    std::uint32_t width = 0;  ///< Pixels, cropped.
    std::uint32_t height = 0; ///< Pixels, cropped.
    double fps = 0;           ///< Frames a second by the VUI; 0 when it does not say.
    std::uint8_t chroma_format = 1;
    std::uint8_t luma_bits = 8;   ///< Of a sample.
    std::uint8_t chroma_bits = 8; ///< Of a sample.

    friend bool operator==(const Sps&, const Sps&) = default;
};

/// Reads a NAL unit of type 7, escaped as it stands in the stream. Errors: wrong_kind, truncated, bad_value.
Result<Sps> read_sps(ByteView unit);

} // namespace millrace::codec::h264
