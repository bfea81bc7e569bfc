#include "reorder_depth.hpp"
#include <millrace/codec/bits.hpp>
#include <millrace/codec/h264.hpp>
#include <millrace/codec/nal.hpp>

#include <algorithm>
#include <array>

namespace millrace::codec::h264 {
namespace {

/// More than level 6.2 allows in one direction (H.264 table A-1), so that no product overflows.
constexpr std::uint32_t kMaxMacroblocks = 4096;

/// Profiles whose parameter sets tell their chroma format (H.264 §7.3.2.1.1).
constexpr std::array<std::uint8_t, 13> kChromaProfiles{100, 110, 122, 244, 44,  83, 86,
                                                       118, 128, 138, 139, 134, 135};

struct Chroma {
    std::uint32_t format = 1; ///< 4:2:0 unless told.
    bool separate_planes = false;
    std::uint32_t luma = 0;   ///< Bits of a sample beyond 8.
    std::uint32_t colour = 0; ///< The same of the chroma planes.
};

void skip_scaling_list(BitReader& in, int size)
{
    std::int64_t last = 8;
    std::int64_t next = 8;
    for (int i = 0; i < size && in.ok(); ++i) {
        if (next != 0) {
            next = (last + in.se() + 256) % 256;
        }
        last = next == 0 ? last : next;
    }
}

Chroma read_chroma(BitReader& in)
{
    Chroma chroma{.format = in.ue()};
    if (chroma.format == 3) {
        chroma.separate_planes = in.flag();
    }
    chroma.luma = in.ue();
    chroma.colour = in.ue();
    in.skip(1);      // qpprime_y_zero_transform_bypass_flag
    if (in.flag()) { // seq_scaling_matrix_present_flag
        const int lists = chroma.format == 3 ? 12 : 8;
        for (int i = 0; i < lists && in.ok(); ++i) {
            if (in.flag()) {
                skip_scaling_list(in, i < 6 ? 16 : 64);
            }
        }
    }
    return chroma;
}

void skip_picture_order(BitReader& in)
{
    const auto type = in.ue();
    if (type == 0) {
        in.ue(); // log2_max_pic_order_cnt_lsb_minus4
    } else if (type == 1) {
        in.skip(1); // delta_pic_order_always_zero_flag
        in.se();    // offset_for_non_ref_pic
        in.se();    // offset_for_top_to_bottom_field
        const auto count = in.ue();
        for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
            in.se();
        }
    }
}

/// hrd_parameters( ) of H.264 §E.1.2.
void skip_hrd(BitReader& in)
{
    const auto count = in.ue();
    in.skip(4 + 4); // bit_rate_scale, cpb_size_scale
    for (std::uint32_t i = 0; i <= count && in.ok(); ++i) {
        in.ue();
        in.ue();
        in.skip(1);
    }
    in.skip(5 + 5 + 5 + 5); // lengths of delays and of the time offset
}

/// max_num_reorder_frames, behind the timing of the VUI (H.264 §E.1.1).
std::optional<std::uint32_t> read_reorder_frames(BitReader& in)
{
    const bool nal = in.flag();
    if (nal) {
        skip_hrd(in);
    }
    const bool vcl = in.flag();
    if (vcl) {
        skip_hrd(in);
    }
    in.skip(nal || vcl ? 1 : 0); // low_delay_hrd_flag
    in.skip(1);                  // pic_struct_present_flag
    if (!in.flag()) {            // bitstream_restriction_flag
        return std::nullopt;
    }
    in.skip(1); // motion_vectors_over_pic_boundaries_flag
    for (int i = 0; i < 4; ++i) {
        in.ue(); // bytes a picture, bits a macroblock, lengths of motion vectors
    }
    const auto frames = in.ue();
    return in.ok() ? std::optional{frames} : std::nullopt;
}

/// Frames a second, by H.264 annex E.1.1; 0 when it is not told. A frame lasts two ticks. And how many
/// pictures are held back.
double read_vui(BitReader& in, std::optional<std::uint32_t>& depth)
{
    constexpr std::uint32_t kExtendedSar = 255;
    if (in.flag() && in.bits(8) == kExtendedSar) { // aspect_ratio_info_present_flag
        in.skip(32);
    }
    if (in.flag()) { // overscan_info_present_flag
        in.skip(1);
    }
    if (in.flag()) { // video_signal_type_present_flag
        in.skip(4);
        if (in.flag()) { // colour_description_present_flag
            in.skip(24);
        }
    }
    if (in.flag()) { // chroma_loc_info_present_flag
        in.ue();
        in.ue();
    }
    double fps = 0;
    if (in.flag()) { // timing_info_present_flag
        const double units = in.bits(32);
        const double scale = in.bits(32);
        fps = in.ok() && units > 0 ? scale / units / 2 : 0;
        in.skip(1); // fixed_frame_rate_flag
    }
    depth = read_reorder_frames(in);
    return fps;
}

/// Pixels of one direction, cropped on both sides. Zero when nothing would be left.
std::uint32_t cropped(std::uint32_t size, std::uint64_t crop, std::uint32_t unit)
{
    const std::uint64_t away = crop * unit;
    return away < size ? size - static_cast<std::uint32_t>(away) : 0;
}

} // namespace

Result<Sps> read_sps(ByteView unit)
{
    std::optional<std::uint32_t> depth;
    return codec::read_sps(unit, depth);
}

} // namespace millrace::codec::h264

namespace millrace::codec {

using namespace h264;

Result<Sps> read_sps(ByteView unit, std::optional<std::uint32_t>& depth)
{
    constexpr std::string_view kClause = "H.264 §7.3.2.1.1";
    if (unit.empty() || type_of(unit) != NalType::sps) {
        return Unexpected{Errc::wrong_kind, kClause};
    }
    const auto payload = unescape(unit.subspan(1));
    BitReader in{payload};
    Sps sps{.profile = static_cast<std::uint8_t>(in.bits(8))};
    in.skip(8); // constraint flags
    sps.level = static_cast<std::uint8_t>(in.bits(8));
    in.ue(); // seq_parameter_set_id
    const auto chroma = std::ranges::count(kChromaProfiles, sps.profile) > 0 ? read_chroma(in) : Chroma{};
    in.ue(); // log2_max_frame_num_minus4
    skip_picture_order(in);
    in.ue();    // max_num_ref_frames
    in.skip(1); // gaps_in_frame_num_value_allowed_flag
    const auto columns = std::uint64_t{in.ue()} + 1;
    const auto rows = std::uint64_t{in.ue()} + 1; // map units: of one field when there are fields
    const bool frames_only = in.flag();
    if (!frames_only) {
        in.skip(1); // mb_adaptive_frame_field_flag
    }
    in.skip(1); // direct_8x8_inference_flag
    std::array<std::uint64_t, 4> crop{};
    if (in.flag()) {
        std::ranges::generate(crop, [&in] { return in.ue(); }); // left, right, top, bottom
    }
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    constexpr std::uint32_t kMaxExtraBits = 6;
    if (chroma.format > 3 || chroma.luma > kMaxExtraBits || chroma.colour > kMaxExtraBits ||
        columns > kMaxMacroblocks || rows > kMaxMacroblocks) {
        return Unexpected{Errc::bad_value, kClause};
    }
    sps.chroma_format = static_cast<std::uint8_t>(chroma.format);
    sps.luma_bits = static_cast<std::uint8_t>(8 + chroma.luma);
    sps.chroma_bits = static_cast<std::uint8_t>(8 + chroma.colour);
    const bool subsampled = chroma.format != 0 && !chroma.separate_planes;
    const std::uint32_t fields = frames_only ? 1 : 2;
    const std::uint32_t unit_x = subsampled && chroma.format != 3 ? 2 : 1;
    const std::uint32_t unit_y = (subsampled && chroma.format == 1 ? 2 : 1) * fields;
    sps.width = cropped(static_cast<std::uint32_t>(columns * 16), crop[0] + crop[1], unit_x);
    sps.height = cropped(static_cast<std::uint32_t>(rows * 16 * fields), crop[2] + crop[3], unit_y);
    if (sps.width == 0 || sps.height == 0) {
        return Unexpected{Errc::bad_value, kClause};
    }
    // A VUI that is cut costs the frame rate, not the size.
    if (in.remaining() > 0 && in.flag()) {
        sps.fps = read_vui(in, depth);
    }
    return sps;
}

} // namespace millrace::codec
