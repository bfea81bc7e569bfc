#include <millrace/base/reader.hpp>
#include <millrace/codec/av1.hpp>
#include <millrace/codec/bits.hpp>

#include <array>
#include <cstdio>

namespace millrace::codec::av1 {
namespace {

constexpr unsigned kSequenceHeader = 1; ///< obu_type (AV1 §6.2.2).

/// An unsigned number of up to eight bytes of seven bits each, lowest first (AV1 §4.10.5).
std::uint64_t read_leb128(ByteReader& in)
{
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) {
        const std::uint64_t byte = in.u8();
        value |= (byte & 0x7fU) << (i * 7U);
        if ((byte & 0x80U) == 0) {
            break;
        }
    }
    return value;
}

/// timing_info and decoder_model_info; how many bits a buffer delay has, 0 when there is no decoder model
/// (AV1 §5.5.3).
unsigned skip_timing(BitReader& in)
{
    in.skip(64);
    if (in.flag()) { // equal_picture_interval
        in.ue();     // uvlc() of AV1 §4.10.3 is the same code
    }
    if (!in.flag()) { // decoder_model_info_present_flag
        return 0;
    }
    const unsigned delay_bits = in.bits(5) + 1;
    in.skip(32 + 5 + 5);
    return delay_bits;
}

void skip_operating_points(BitReader& in)
{
    const unsigned delay_bits = in.flag() ? skip_timing(in) : 0; // timing_info_present_flag
    const bool display_delay = in.flag();
    const auto points = in.bits(5) + 1;
    for (std::uint32_t i = 0; i < points && in.ok(); ++i) {
        in.skip(12);          // operating_point_idc
        if (in.bits(5) > 7) { // seq_level_idx
            in.skip(1);       // seq_tier
        }
        if (delay_bits > 0 && in.flag()) { // decoder_model_present_for_this_op
            in.skip(std::size_t{delay_bits} * 2 + 1);
        }
        if (display_delay && in.flag()) {
            in.skip(4);
        }
    }
}

/// sequence_header_obu() of AV1 §5.5.1, up to the size of the picture.
void read_sequence_header(ByteView payload, Config& config)
{
    BitReader in{payload};
    in.skip(3 + 1);
    if (in.flag()) { // reduced_still_picture_header
        in.skip(5);
    } else {
        skip_operating_points(in);
    }
    const unsigned width_bits = in.bits(4) + 1;
    const unsigned height_bits = in.bits(4) + 1;
    const auto width = in.bits(width_bits) + 1;
    const auto height = in.bits(height_bits) + 1;
    if (in.ok()) {
        config.width = width;
        config.height = height;
    }
}

/// obu := 0 type:u4 extension:u1 has-size:u1 0 [extension:u8] [size:leb128] payload
void read_units(ByteView units, Config& config)
{
    ByteReader in{units};
    while (!in.at_end() && in.ok()) {
        const unsigned header = in.u8();
        in.skip((header & 4U) != 0 ? 1 : 0);
        const bool has_size = (header & 2U) != 0;
        const auto payload = has_size ? in.bytes(read_leb128(in)) : in.rest();
        if (in.ok() && (header >> 3U & 15U) == kSequenceHeader) {
            read_sequence_header(payload, config);
        }
    }
}

} // namespace

// record := 1 version:u7 profile:u3 level:u5 tier:u1 high-depth:u1 twelve-bit:u1 mono:u1 subsampling:u2
// position:u2
//           000 delay:u5 obu*
Result<Config> read_config(ByteView record)
{
    constexpr std::string_view kClause = "AV1 in ISOBMFF §2.3.3";
    if (record.size() < 4) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (record[0] != 0x81) {
        return Unexpected{Errc::bad_version, kClause};
    }
    const unsigned flags = record[2];
    Config config{.profile = static_cast<std::uint8_t>(record[1] >> 5U),
                  .level = static_cast<std::uint8_t>(record[1] & 0x1fU),
                  .high_tier = (flags & 0x80U) != 0};
    const bool high_depth = (flags & 0x40U) != 0;
    const bool twelve_bit = (flags & 0x20U) != 0;
    config.bit_depth = !high_depth ? 8 : twelve_bit ? 12 : 10;
    read_units(record.subspan(4), config);
    return config;
}

std::string codec_string(const Config& config)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "av01.%u.%02u%c.%02u", config.profile, config.level,
                  config.high_tier ? 'H' : 'M', config.bit_depth);
    return text.data();
}

// descriptor := [80 04] marker-and-version:u8 profile-and-level:u8 format:u8 hdr:u2 0:u1 delay:u5
//               all but the two bits of hdr as in av1C
Result<Bytes> config_of_descriptor(ByteView descriptor)
{
    constexpr std::string_view kClause = "AV1 in MPEG-2 TS §2.1";
    constexpr std::uint8_t kTag = 0x80;
    constexpr std::uint8_t kMarkerAndVersion = 0x81;
    if (descriptor.size() >= 2 && descriptor[0] == kTag) {
        descriptor = descriptor.subspan(2);
    }
    if (descriptor.size() < 4) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (descriptor[0] != kMarkerAndVersion) {
        return Unexpected{Errc::bad_version, kClause};
    }
    return Bytes{descriptor[0], descriptor[1], descriptor[2],
                 static_cast<std::uint8_t>(descriptor[3] & 0x1fU)};
}

} // namespace millrace::codec::av1
