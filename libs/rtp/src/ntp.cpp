#include <millrace/rtp/ntp.hpp>

namespace millrace::rtp {
namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t kSecond = 1'000'000'000;

} // namespace

NtpTime to_ntp(WallTime time)
{
    const auto since = std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()).count();
    const auto whole = since >= 0 ? since / kSecond : (since - (kSecond - 1)) / kSecond;
    const auto fraction = static_cast<std::uint64_t>(since - whole * kSecond);
    const auto seconds = static_cast<std::uint32_t>(whole + kNtpToUnix);
    // Half a unit up, so that what was read from 32 bits is written as the same.
    return {std::uint64_t{seconds} << 32U | ((fraction << 32U) + kSecond / 2) / kSecond};
}

WallTime to_wall(NtpTime time)
{
    constexpr std::uint64_t kEra = std::uint64_t{1} << 32U;
    auto seconds = time.value >> 32U;
    if (seconds < kEra / 2) {
        seconds += kEra; // after February 2036
    }
    const auto fraction = static_cast<std::int64_t>(((time.value & 0xffffffffU) * kSecond) >> 32U);
    const nanoseconds since{(static_cast<std::int64_t>(seconds) - kNtpToUnix) * kSecond + fraction};
    return WallTime{std::chrono::duration_cast<WallTime::duration>(since)};
}

std::chrono::nanoseconds operator-(NtpTime a, NtpTime b)
{
    const auto units = static_cast<std::int64_t>(a.value - b.value);
    const auto whole = units >> 32;
    const auto fraction =
        static_cast<std::int64_t>((static_cast<std::uint64_t>(units & 0xffffffff) * kSecond) >> 32U);
    return nanoseconds{whole * kSecond + fraction};
}

std::chrono::nanoseconds from_middle(std::uint32_t difference)
{
    return nanoseconds{static_cast<std::int64_t>((std::uint64_t{difference} * kSecond) >> 16U)};
}

std::uint32_t to_middle(std::chrono::nanoseconds time)
{
    constexpr std::int64_t kMost = std::int64_t{65536} * kSecond - 1;
    const auto count = static_cast<std::uint64_t>(time.count() < 0       ? 0
                                                  : time.count() > kMost ? kMost
                                                                         : time.count());
    return static_cast<std::uint32_t>((count << 16U) / kSecond);
}

} // namespace millrace::rtp
