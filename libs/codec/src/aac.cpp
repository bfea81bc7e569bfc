#include <millrace/codec/aac.hpp>
#include <millrace/codec/bits.hpp>

#include <algorithm>
#include <array>

namespace millrace::codec::aac {
namespace {

constexpr std::string_view kClause = "ISO/IEC 14496-3 §1.6.2.1";
constexpr std::array<std::uint32_t, 13> kRates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                               22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::array<std::uint8_t, 16> kChannels{0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};

constexpr std::uint32_t kEscapedRate = 15;
constexpr std::uint32_t kEscapedType = 31;
constexpr std::uint32_t kSbr = 5;
constexpr std::uint32_t kBsac = 22;
constexpr std::uint32_t kPs = 29;
constexpr std::uint32_t kSbrSync = 0x2b7;
constexpr std::uint32_t kPsSync = 0x548;

std::uint32_t read_object_type(BitReader& in)
{
    const auto type = in.bits(5);
    return type == kEscapedType ? 32 + in.bits(6) : type;
}

/// Zero for the reserved indices.
std::uint32_t read_rate(BitReader& in)
{
    const auto index = in.bits(4);
    if (index == kEscapedRate) {
        return in.bits(24);
    }
    return index < kRates.size() ? kRates[index] : 0;
}

void write_rate(BitWriter& out, std::uint32_t rate)
{
    const auto known = std::ranges::find(kRates, rate);
    if (known != kRates.end()) {
        out.bits(static_cast<std::uint32_t>(known - kRates.begin()), 4);
    } else {
        out.bits(kEscapedRate, 4);
        out.bits(rate, 24);
    }
}

/// The object types without error resilience whose GASpecificConfig is short (ISO/IEC 14496-3 table 1.15).
bool has_plain_specific_config(std::uint32_t type)
{
    return (type >= 1 && type <= 4) || type == 6 || type == 7;
}

/// Channels of a program config element (ISO/IEC 14496-3 table 4.2).
std::uint32_t read_program_channels(BitReader& in)
{
    in.skip(4 + 2 + 4);                                                              // tag, object type, rate
    const std::array<std::uint32_t, 3> elements{in.bits(4), in.bits(4), in.bits(4)}; // front, side, back
    const auto lfe = in.bits(2);
    const auto assoc = in.bits(3);
    const auto coupling = in.bits(4);
    in.skip(in.flag() ? 4 : 0); // mono mixdown
    in.skip(in.flag() ? 4 : 0); // stereo mixdown
    in.skip(in.flag() ? 3 : 0); // matrix mixdown
    std::uint32_t channels = lfe;
    for (const auto count : elements) {
        for (std::uint32_t i = 0; i < count; ++i) {
            channels += in.flag() ? 2 : 1;
            in.skip(4);
        }
    }
    in.skip(lfe * 4 + assoc * 4 + coupling * 5);
    in.align();
    in.skip(std::size_t{8} * in.bits(8)); // comment
    return in.ok() ? channels : 0;
}

/// GASpecificConfig (ISO/IEC 14496-3 §4.4.1) of a plain object type.
void read_specific_config(BitReader& in, Config& config)
{
    in.skip(1); // frame length flag
    if (in.flag()) {
        in.skip(14); // core coder delay
    }
    in.skip(1); // extension flag: nothing follows for plain object types
    if (config.channel_config == 0) {
        config.channels = read_program_channels(in);
    }
    if (config.object_type == 6) {
        in.skip(3); // layer
    }
}

/// The extension that stands behind a configuration which old decoders understand (ISO/IEC 14496-3 §1.6.6.1).
void read_sync_extension(BitReader& in, Config& config)
{
    if (!in.ok() || in.remaining() < 16 || in.bits(11) != kSbrSync || read_object_type(in) != kSbr ||
        !in.flag()) {
        return;
    }
    const auto rate = read_rate(in);
    if (!in.ok() || rate == 0) {
        return;
    }
    config.sbr = true;
    config.sample_rate = rate;
    config.ps = in.remaining() >= 12 && in.bits(11) == kPsSync && in.flag();
}

} // namespace

// config    := type:u5 [more:u6] rate channels:u4 [extension] specific [sync]   more: when type is 31
// rate      := index:u4 [hertz:u24]                                             hertz: when index is 15
// extension := rate type:u5 [more:u6]                                           when type is 5 or 29
// sync      := 2b7:u11 5:u5 sbr:u1 rate [548:u11 ps:u1]
Result<Config> read_config(ByteView bytes)
{
    BitReader in{bytes};
    Config config;
    auto type = read_object_type(in);
    config.core_rate = read_rate(in);
    config.channel_config = static_cast<std::uint8_t>(in.bits(4));
    config.channels = kChannels[config.channel_config];
    config.sample_rate = config.core_rate;
    if (type == kSbr || type == kPs) {
        config.sbr = true;
        config.ps = type == kPs;
        config.sample_rate = read_rate(in);
        type = read_object_type(in);
        in.skip(type == kBsac ? 4 : 0);
    }
    config.object_type = static_cast<std::uint8_t>(type);
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (type == 0 || config.core_rate == 0 || config.sample_rate == 0) {
        return Unexpected{Errc::bad_value, kClause};
    }
    // Quirk: some encoders stop after the channels; what they leave out is all zero anyway.
    if (has_plain_specific_config(type)) {
        read_specific_config(in, config);
        if (!config.sbr) {
            read_sync_extension(in, config);
        }
    }
    return config;
}

Bytes write_config(const Config& config)
{
    Bytes bytes;
    BitWriter out{bytes};
    const auto put_type = [&out](std::uint32_t type) {
        out.bits(type < kEscapedType ? type : kEscapedType, 5);
        if (type >= kEscapedType) {
            out.bits(type - 32, 6);
        }
    };
    put_type(config.ps ? kPs : config.sbr ? kSbr : config.object_type);
    write_rate(out, config.core_rate);
    out.bits(config.channel_config, 4);
    if (config.sbr || config.ps) {
        write_rate(out, config.sample_rate);
        put_type(config.object_type);
    }
    out.bits(0, 3); // frames of 1024 samples, no core coder, no extension
    return bytes;
}

std::string codec_string(const Config& config)
{
    const unsigned type = config.ps ? kPs : config.sbr ? kSbr : config.object_type;
    return "mp4a.40." + std::to_string(type);
}

} // namespace millrace::codec::aac
