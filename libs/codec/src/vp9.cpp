#include <millrace/codec/vp9.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace millrace::codec::vp9 {

// record := [version:u8 flags:u24] profile:u8 level:u8 depth:u4 chroma:u3 full-range:u1 colours:u24 init:u16
Result<Config> read_config(ByteView record)
{
    constexpr std::array<std::uint8_t, 4> kBox{1, 0, 0, 0};
    // Quirk: FFmpeg sends the version and flags of the box too. A record of profile 1 and level 0 is never
    // that long.
    if (record.size() >= 12 && std::ranges::equal(record.first(4), kBox)) {
        record = record.subspan(4);
    }
    if (record.size() < 8) {
        return Unexpected{Errc::truncated, "VP Codec ISO Media File Format Binding"};
    }
    return Config{
        .profile = record[0], .level = record[1], .bit_depth = static_cast<std::uint8_t>(record[2] >> 4U)};
}

std::string codec_string(const Config& config)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "vp09.%02u.%02u.%02u", config.profile, config.level,
                  config.bit_depth);
    return text.data();
}

} // namespace millrace::codec::vp9
