#include "reorder_depth.hpp"
#include <millrace/codec/bits.hpp>
#include <millrace/codec/h265.hpp>
#include <millrace/codec/nal.hpp>

#include <algorithm>
#include <cstdio>

namespace millrace::codec::h265 {
namespace {

constexpr std::uint32_t kMaxPixels = 65536; ///< In one direction, far above level 6.2.

/// general_profile_compatibility_flags are written in reverse bit order (ISO/IEC 14496-15 annex E.3).
std::uint32_t reversed(std::uint32_t bits)
{
    std::uint32_t out = 0;
    for (unsigned i = 0; i < 32; ++i) {
        out |= (bits >> i & 1U) << (31U - i);
    }
    return out;
}

std::string hex(std::uint32_t value)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%x", value);
    return text.data();
}

/// profile_tier_level( 1, maxNumSubLayersMinus1 ) of H.265 §7.3.3.
void skip_profile_tier_level(BitReader& in, unsigned sub_layers)
{
    in.skip(88 + 8);
    std::array<bool, 8> profile{};
    std::array<bool, 8> level{};
    for (unsigned i = 0; i < sub_layers; ++i) {
        profile[i] = in.flag();
        level[i] = in.flag();
    }
    if (sub_layers > 0) {
        in.skip(std::size_t{8 - sub_layers} * 2);
    }
    for (unsigned i = 0; i < sub_layers; ++i) {
        in.skip((profile[i] ? 88U : 0U) + (level[i] ? 8U : 0U));
    }
}

/// sps_max_num_reorder_pics of the highest sub-layer (H.265 §7.3.2.2.1).
std::optional<std::uint32_t> read_reorder_pics(BitReader& in, unsigned sub_layers)
{
    in.ue(); // log2_max_pic_order_cnt_lsb_minus4
    const unsigned told = in.flag() ? sub_layers + 1 : 1;
    std::uint32_t pics = 0;
    for (unsigned i = 0; i < told; ++i) {
        in.ue(); // sps_max_dec_pic_buffering_minus1
        pics = in.ue();
        in.ue(); // sps_max_latency_increase_plus1
    }
    return in.ok() ? std::optional{pics} : std::nullopt;
}

} // namespace

// record := 01 space:u2 tier:u1 profile:u5 compatibility:u32 constraints:u48 level:u8 1111 segmentation:u12
//           111111 parallelism:u2 111111 chroma:u2 11111 luma-depth:u3 11111 chroma-depth:u3 frame-rate:u16
//           constant:u2 layers:u3 nested:u1 length-1:u2 arrays:u8 (complete:u1 0 type:u6 count:u16
//           (length:u16 unit)*)*
Result<Config> read_config(ByteView record)
{
    constexpr std::string_view kClause = "ISO/IEC 14496-15 §8.3.3.1";
    ByteReader in{record};
    const auto version = in.u8();
    const unsigned general = in.u8();
    Config config{.profile_space = static_cast<std::uint8_t>(general >> 6U),
                  .high_tier = (general & 0x20U) != 0,
                  .profile = static_cast<std::uint8_t>(general & 0x1fU),
                  .compatibility = in.u32()};
    std::ranges::generate(config.constraints, [&in] { return in.u8(); });
    config.level = in.u8();
    in.skip(8);
    config.length_size = (in.u8() & 3U) + 1U;
    const unsigned arrays = in.u8();
    for (unsigned array = 0; array < arrays && in.ok(); ++array) {
        in.skip(1);
        const unsigned count = in.u16();
        for (unsigned i = 0; i < count && in.ok(); ++i) {
            config.units.push_back(to_bytes(in.bytes(in.u16())));
        }
    }
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    // Quirk: records of version 0, which early drafts had, are still written; their layout is the same.
    if (version > 1) {
        return Unexpected{Errc::bad_version, kClause};
    }
    if (config.length_size == 3) {
        return Unexpected{Errc::bad_value, kClause};
    }
    return config;
}

std::string codec_string(const Config& config)
{
    constexpr std::string_view kSpaces = "ABC";
    std::string text = "hvc1.";
    if (config.profile_space > 0) {
        text += kSpaces[config.profile_space - 1U];
    }
    text += std::to_string(config.profile) + "." + hex(reversed(config.compatibility));
    text += (config.high_tier ? ".H" : ".L") + std::to_string(config.level);
    auto used = config.constraints.size();
    while (used > 0 && config.constraints[used - 1] == 0) {
        --used;
    }
    for (std::size_t i = 0; i < used; ++i) {
        text += "." + hex(config.constraints[i]);
    }
    return text;
}

bool is_key(ByteView payload, std::size_t length_size)
{
    const auto units = split_length_prefixed(payload, length_size);
    return units && std::ranges::any_of(*units, [](ByteView unit) {
               const auto type = static_cast<unsigned>(type_of(unit));
               return type >= 16 && type <= 23;
           });
}

namespace {

Result<Sps> read_whole_sps(ByteView unit, std::optional<std::uint32_t>& depth)
{
    constexpr std::string_view kClause = "H.265 §7.3.2.2.1";
    if (unit.size() < 2 || type_of(unit) != NalType::sps) {
        return Unexpected{Errc::wrong_kind, kClause};
    }
    const auto payload = unescape(unit.subspan(2));
    BitReader in{payload};
    Sps sps;
    in.skip(4); // sps_video_parameter_set_id
    const auto sub_layers = in.bits(3);
    sps.sub_layers = static_cast<std::uint8_t>(sub_layers + 1);
    sps.nested = in.flag();
    if (payload.size() > sps.profile_tier_level.size()) {
        std::copy_n(payload.begin() + 1, sps.profile_tier_level.size(), sps.profile_tier_level.begin());
    }
    skip_profile_tier_level(in, sub_layers);
    in.ue(); // sps_seq_parameter_set_id
    const auto chroma = in.ue();
    const bool separate_planes = chroma == 3 && in.flag();
    const auto width = in.ue();
    const auto height = in.ue();
    std::array<std::uint64_t, 4> crop{};
    if (in.flag()) {                                            // conformance_window_flag
        std::ranges::generate(crop, [&in] { return in.ue(); }); // left, right, top, bottom
    }
    const auto luma = in.ue();   // bit_depth_luma_minus8
    const auto colour = in.ue(); // bit_depth_chroma_minus8
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    depth = read_reorder_pics(in, sub_layers);
    const std::uint64_t unit_x = !separate_planes && (chroma == 1 || chroma == 2) ? 2 : 1;
    const std::uint64_t unit_y = !separate_planes && chroma == 1 ? 2 : 1;
    const auto away_x = (crop[0] + crop[1]) * unit_x;
    const auto away_y = (crop[2] + crop[3]) * unit_y;
    constexpr std::uint32_t kMaxExtraBits = 8;
    if (chroma > 3 || luma > kMaxExtraBits || colour > kMaxExtraBits || width > kMaxPixels ||
        height > kMaxPixels || away_x >= width || away_y >= height) {
        return Unexpected{Errc::bad_value, kClause};
    }
    sps.width = static_cast<std::uint32_t>(width - away_x);
    sps.height = static_cast<std::uint32_t>(height - away_y);
    sps.chroma_format = static_cast<std::uint8_t>(chroma);
    sps.luma_bits = static_cast<std::uint8_t>(8 + luma);
    sps.chroma_bits = static_cast<std::uint8_t>(8 + colour);
    return sps;
}

} // namespace

Result<Sps> read_sps(ByteView unit)
{
    std::optional<std::uint32_t> depth;
    return read_whole_sps(unit, depth);
}

Result<Bytes> make_record(const std::vector<ByteView>& units)
{
    constexpr std::array<NalType, 3> kKinds{NalType::vps, NalType::sps, NalType::pps};
    std::array<std::vector<ByteView>, 3> sets;
    for (const auto unit : units) {
        for (std::size_t i = 0; i < kKinds.size(); ++i) {
            if (unit.size() > 2 && unit.size() <= 0xffff && type_of(unit) == kKinds[i]) {
                sets[i].push_back(unit);
            }
        }
    }
    if (std::ranges::any_of(sets, [](const auto& kind) { return kind.empty(); })) {
        return Unexpected{Errc::wrong_kind, "ISO/IEC 14496-15 §8.3.3.1"};
    }
    const auto sps = read_sps(sets[1].front());
    if (!sps) {
        return Unexpected{sps.error()};
    }
    Bytes record;
    ByteWriter out{record};
    out.u8(1);
    out.bytes(sps->profile_tier_level);
    out.u16(0xf000); // segmentation: not known
    out.u8(0xfc);    // parallelism: not known
    out.u8(static_cast<std::uint8_t>(0xfcU | sps->chroma_format));
    out.u8(static_cast<std::uint8_t>(0xf8U | (sps->luma_bits - 8U)));
    out.u8(static_cast<std::uint8_t>(0xf8U | (sps->chroma_bits - 8U)));
    out.u16(0); // frame rate: not known
    out.u8(static_cast<std::uint8_t>(unsigned{sps->sub_layers} << 3U | (sps->nested ? 4U : 0U) | 3U));
    out.u8(static_cast<std::uint8_t>(sets.size()));
    for (std::size_t i = 0; i < sets.size(); ++i) {
        out.u8(static_cast<std::uint8_t>(0x80U | static_cast<unsigned>(kKinds[i])));
        out.u16(static_cast<std::uint16_t>(sets[i].size()));
        for (const auto unit : sets[i]) {
            out.u16(static_cast<std::uint16_t>(unit.size()));
            out.bytes(unit);
        }
    }
    return record;
}

} // namespace millrace::codec::h265

namespace millrace::codec {

Result<h265::Sps> read_h265_sps(ByteView unit, std::optional<std::uint32_t>& depth)
{
    return h265::read_whole_sps(unit, depth);
}

} // namespace millrace::codec
