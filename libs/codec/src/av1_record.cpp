#include <millrace/base/reader.hpp>
#include <millrace/codec/av1.hpp>
#include <millrace/codec/bits.hpp>

namespace millrace::codec::av1 {
namespace {

/// What an av1C repeats of a sequence header (AV1 §5.5.1, §5.5.2).
struct Sequence {
    std::uint32_t profile = 0;
    std::uint32_t level = 0;
    bool high_tier = false;
    bool high_depth = false;
    bool twelve_bit = false;
    bool mono = false;
    bool subsampling_x = true;
    bool subsampling_y = true;
    std::uint32_t position = 0;
};

/// timing_info( ) and decoder_model_info( ); how many bits a buffer delay has.
unsigned skip_timing(BitReader& in)
{
    in.skip(64);
    if (in.flag()) {
        in.ue();
    }
    if (!in.flag()) {
        return 0;
    }
    const unsigned delay_bits = in.bits(5) + 1;
    in.skip(32 + 5 + 5);
    return delay_bits;
}

void read_operating_points(BitReader& in, Sequence& sequence)
{
    const unsigned delay_bits = in.flag() ? skip_timing(in) : 0;
    const bool display_delay = in.flag();
    const auto points = in.bits(5) + 1;
    for (std::uint32_t i = 0; i < points && in.ok(); ++i) {
        in.skip(12);
        const auto level = in.bits(5);
        const bool tier = level > 7 && in.flag();
        if (i == 0) {
            sequence.level = level;
            sequence.high_tier = tier;
        }
        if (delay_bits > 0 && in.flag()) {
            in.skip(std::size_t{delay_bits} * 2 + 1);
        }
        if (display_delay && in.flag()) {
            in.skip(4);
        }
    }
}

/// What stands between the frame size and color_config( ).
void skip_tools(BitReader& in, bool reduced)
{
    constexpr std::uint32_t kChosenByFrame = 2;
    if (!reduced && in.flag()) { // frame_id_numbers_present_flag
        in.skip(4 + 3);
    }
    in.skip(3); // superblock size, filter intra, intra edge filter
    if (!reduced) {
        in.skip(4);                        // interintra, masked, warped, dual filter
        const bool order_hint = in.flag(); // enable_order_hint
        in.skip(order_hint ? 2 : 0);
        const auto screen = in.flag() ? kChosenByFrame : in.bits(1); // seq_force_screen_content_tools
        if (screen > 0 && !in.flag()) {                              // seq_choose_integer_mv
            in.skip(1);
        }
        in.skip(order_hint ? 3 : 0);
    }
    in.skip(3); // superres, cdef, restoration
}

void read_colour(BitReader& in, Sequence& sequence)
{
    constexpr std::uint32_t kUnspecified = 2;
    sequence.high_depth = in.flag();
    sequence.twelve_bit = sequence.profile == 2 && sequence.high_depth && in.flag();
    sequence.mono = sequence.profile != 1 && in.flag();
    std::uint32_t primaries = kUnspecified;
    std::uint32_t transfer = kUnspecified;
    std::uint32_t matrix = kUnspecified;
    if (in.flag()) {
        primaries = in.bits(8);
        transfer = in.bits(8);
        matrix = in.bits(8);
    }
    if (sequence.mono) {
        return;
    }
    if (primaries == 1 && transfer == 13 && matrix == 0) { // sRGB
        sequence.subsampling_x = sequence.subsampling_y = false;
        return;
    }
    in.skip(1); // color_range
    if (sequence.profile == 1) {
        sequence.subsampling_x = sequence.subsampling_y = false;
    } else if (sequence.profile == 2) {
        sequence.subsampling_x = !sequence.twelve_bit || in.flag();
        sequence.subsampling_y = sequence.twelve_bit && sequence.subsampling_x && in.flag();
    }
    if (sequence.subsampling_x && sequence.subsampling_y) {
        sequence.position = in.bits(2);
    }
}

} // namespace

Result<Bytes> make_record(ByteView obu)
{
    constexpr std::string_view kClause = "AV1 §5.5.1";
    constexpr std::uint8_t kSequenceHeaderWithSize = 1U << 3U | 2U;
    if (obu.empty() || obu[0] != kSequenceHeaderWithSize) {
        return Unexpected{Errc::wrong_kind, kClause};
    }
    std::size_t head = 1;
    while (head < obu.size() && (obu[head] & 0x80U) != 0) {
        ++head;
    }
    if (head >= obu.size()) {
        return Unexpected{Errc::truncated, kClause};
    }
    BitReader in{obu.subspan(head + 1)};
    Sequence sequence{.profile = in.bits(3)};
    in.skip(1); // still_picture
    const bool reduced = in.flag();
    if (reduced) {
        sequence.level = in.bits(5);
    } else {
        read_operating_points(in, sequence);
    }
    const unsigned width_bits = in.bits(4) + 1;
    const unsigned height_bits = in.bits(4) + 1;
    in.skip(width_bits + height_bits);
    skip_tools(in, reduced);
    read_colour(in, sequence);
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    Bytes record;
    ByteWriter out{record};
    out.u8(0x81);
    out.u8(static_cast<std::uint8_t>(sequence.profile << 5U | sequence.level));
    out.u8(static_cast<std::uint8_t>((sequence.high_tier ? 0x80U : 0U) | (sequence.high_depth ? 0x40U : 0U) |
                                     (sequence.twelve_bit ? 0x20U : 0U) | (sequence.mono ? 0x10U : 0U) |
                                     (sequence.subsampling_x ? 8U : 0U) | (sequence.subsampling_y ? 4U : 0U) |
                                     sequence.position));
    out.u8(0);
    out.bytes(obu);
    return record;
}

} // namespace millrace::codec::av1
