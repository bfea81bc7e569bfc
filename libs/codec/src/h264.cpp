#include <millrace/codec/h264.hpp>
#include <millrace/codec/nal.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace millrace::codec::h264 {
namespace {

constexpr std::string_view kClause = "ISO/IEC 14496-15 §5.3.3.1";

std::vector<Bytes> read_sets(ByteReader& in, std::size_t count)
{
    std::vector<Bytes> sets;
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        sets.push_back(to_bytes(in.bytes(in.u16())));
    }
    return sets;
}

void write_sets(ByteWriter& out, const std::vector<Bytes>& sets)
{
    for (const auto& set : sets) {
        out.u16(static_cast<std::uint16_t>(set.size()));
        out.bytes(set);
    }
}

} // namespace

// record := 01 profile:u8 compatibility:u8 level:u8 111111 length-1:u2 111 sps-count:u5 (length:u16 sps)*
//           pps-count:u8 (length:u16 pps)* extension
Result<Config> read_config(ByteView record)
{
    ByteReader in{record};
    const auto version = in.u8();
    Config config{.profile = in.u8(), .compatibility = in.u8(), .level = in.u8()};
    config.length_size = (in.u8() & 3U) + 1U;
    config.sps = read_sets(in, in.u8() & 31U);
    config.pps = read_sets(in, in.u8());
    if (!in.ok()) {
        return Unexpected{Errc::truncated, kClause};
    }
    if (version != 1) {
        return Unexpected{Errc::bad_version, kClause};
    }
    if (config.length_size == 3) {
        return Unexpected{Errc::bad_value, kClause};
    }
    config.extension = to_bytes(in.rest());
    return config;
}

void write(ByteWriter& out, const Config& config)
{
    out.u8(1);
    out.u8(config.profile);
    out.u8(config.compatibility);
    out.u8(config.level);
    out.u8(static_cast<std::uint8_t>(0xfcU | (config.length_size - 1)));
    out.u8(static_cast<std::uint8_t>(0xe0U | config.sps.size()));
    write_sets(out, config.sps);
    out.u8(static_cast<std::uint8_t>(config.pps.size()));
    write_sets(out, config.pps);
    out.bytes(config.extension);
}

Result<Config> make_config(const std::vector<ByteView>& units)
{
    Config config;
    for (const auto unit : units) {
        if (unit.empty() || unit.size() > 0xffff) {
            continue;
        }
        if (type_of(unit) == NalType::sps && config.sps.size() < 31) {
            config.sps.push_back(to_bytes(unit));
        } else if (type_of(unit) == NalType::pps && config.pps.size() < 255) {
            config.pps.push_back(to_bytes(unit));
        }
    }
    if (config.sps.empty() || config.pps.empty() || config.sps[0].size() < 4) {
        return Unexpected{Errc::wrong_kind, kClause};
    }
    config.profile = config.sps[0][1];
    config.compatibility = config.sps[0][2];
    config.level = config.sps[0][3];
    // All profiles but the three oldest tell what their samples are (ISO/IEC 14496-15 §5.3.3.1.2).
    constexpr std::array<std::uint8_t, 3> kOld{66, 77, 88};
    const auto sps = read_sps(config.sps[0]);
    if (sps && std::ranges::count(kOld, config.profile) == 0) {
        config.extension = {static_cast<std::uint8_t>(0xfcU | sps->chroma_format),
                            static_cast<std::uint8_t>(0xf8U | (sps->luma_bits - 8U)),
                            static_cast<std::uint8_t>(0xf8U | (sps->chroma_bits - 8U)), 0};
    }
    return config;
}

std::string codec_string(const Config& config)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "avc1.%02x%02x%02x", config.profile, config.compatibility,
                  config.level);
    return text.data();
}

bool is_key(ByteView payload, std::size_t length_size)
{
    const auto units = split_length_prefixed(payload, length_size);
    return units && std::ranges::any_of(*units, [](ByteView unit) { return type_of(unit) == NalType::idr; });
}

} // namespace millrace::codec::h264
