// H.265: the decoder configuration record of MP4 and FLV (ISO/IEC 14496-15 §8.3.3.1) and the sequence
// parameter set.
#pragma once

#include <millrace/base/reader.hpp>
#include <millrace/codec/error.hpp>

#include <array>
#include <string>
#include <vector>

namespace millrace::codec::h265 {

enum class NalType : std::uint8_t { vps = 32, sps = 33, pps = 34 };

/// The type of a NAL unit (H.265 §7.4.2.2). Expects: the unit is not empty.
inline NalType type_of(ByteView unit)
{
    return static_cast<NalType>(unit[0] >> 1U & 0x3fU);
}

/// HEVCDecoderConfigurationRecord, "hvcC", as far as it tells what a stream is.
struct Config {
    std::uint8_t profile_space = 0;
    bool high_tier = false;
    std::uint8_t profile = 0;
    std::uint32_t compatibility = 0; ///< general_profile_compatibility_flags, flag 0 in the top bit.
    std::array<std::uint8_t, 6> constraints{}; ///< general_constraint_indicator_flags.
    std::uint8_t level = 0;                    ///< 30 times the level.
    std::size_t length_size = 4;               ///< Bytes of the length before each NAL unit: 1, 2 or 4.
    std::vector<Bytes> units;                  ///< VPS, SPS, PPS and SEI in their order.

    friend bool operator==(const Config&, const Config&) = default;
};

/// Errors: truncated, bad_version, bad_value.
Result<Config> read_config(ByteView record);

/// The record, with lengths of four bytes, that the parameter sets among these NAL units make. Errors:
/// wrong_kind when VPS, SPS or PPS are missing, and those of an SPS that cannot be read.
Result<Bytes> make_record(const std::vector<ByteView>& units);

/// ISO/IEC 14496-15 annex E, such as "hvc1.1.6.L93.b0".
std::string codec_string(const Config& config);

/// Whether an access unit of length-prefixed NAL units has a picture at which decoding can begin (types 16 to
/// 23).
bool is_key(ByteView payload, std::size_t length_size);

/// What a sequence parameter set tells about the picture (H.265 §7.3.2.2.1).
struct Sps {
    std::uint32_t width = 0;  ///< Pixels, cropped to the conformance window.
    std::uint32_t height = 0; ///< Pixels, cropped to the conformance window.
    std::uint8_t chroma_format = 1;
    std::uint8_t luma_bits = 8;   ///< Of a sample.
    std::uint8_t chroma_bits = 8; ///< Of a sample.
    std::uint8_t sub_layers = 1;
    bool nested = false;                               ///< sps_temporal_id_nesting_flag.
    std::array<std::uint8_t, 12> profile_tier_level{}; ///< The general part, as it stands.

    friend bool operator==(const Sps&, const Sps&) = default;
};

/// Reads a NAL unit of type 33, escaped as it stands in the stream. Errors: wrong_kind, truncated, bad_value.
Result<Sps> read_sps(ByteView unit);

} // namespace millrace::codec::h265
