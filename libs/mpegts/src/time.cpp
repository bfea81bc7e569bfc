#include <millrace/mpegts/time.hpp>

namespace millrace::mpegts {
namespace {

constexpr std::uint8_t low(Ticks ticks)
{
    return static_cast<std::uint8_t>(ticks & 0xff);
}

} // namespace

// stamp := prefix:u4 ticks-32-30:u3 1:u1 ticks-29-15:u15 1:u1 ticks-14-0:u15 1:u1
std::array<std::uint8_t, 5> write_timestamp(unsigned prefix, Ticks ticks)
{
    return {static_cast<std::uint8_t>(prefix << 4U | (static_cast<unsigned>(ticks >> 30) & 7U) << 1U | 1U),
            low(ticks >> 22), static_cast<std::uint8_t>(low(ticks >> 14) | 1U), low(ticks >> 7),
            static_cast<std::uint8_t>(low(ticks << 1) | 1U)};
}

std::optional<Ticks> read_timestamp(const std::uint8_t* bytes)
{
    if ((bytes[0] & bytes[2] & bytes[4] & 1U) == 0) {
        return std::nullopt;
    }
    return static_cast<Ticks>(bytes[0] >> 1U & 7U) << 30 | static_cast<Ticks>(bytes[1]) << 22 |
           static_cast<Ticks>(bytes[2] >> 1U) << 15 | static_cast<Ticks>(bytes[3]) << 7 |
           static_cast<Ticks>(bytes[4] >> 1U);
}

// pcr := base:u33 111111 extension:u9
std::array<std::uint8_t, 6> write_pcr(Ticks base, unsigned extension)
{
    return {
        low(base >> 25),
        low(base >> 17),
        low(base >> 9),
        low(base >> 1),
        static_cast<std::uint8_t>((static_cast<unsigned>(base) & 1U) << 7U | 0x7eU | (extension >> 8U & 1U)),
        static_cast<std::uint8_t>(extension)};
}

std::int64_t read_pcr(const std::uint8_t* bytes)
{
    const auto base = static_cast<Ticks>(bytes[0]) << 25 | static_cast<Ticks>(bytes[1]) << 17 |
                      static_cast<Ticks>(bytes[2]) << 9 | static_cast<Ticks>(bytes[3]) << 1 |
                      static_cast<Ticks>(bytes[4] >> 7U);
    return base * 300 + ((bytes[4] & 1U) << 8U | bytes[5]);
}

} // namespace millrace::mpegts
