#include "text.hpp"
#include <millrace/sdp/attributes.hpp>
#include <millrace/sdp/range.hpp>

#include <array>
#include <cstdio>

namespace millrace::sdp {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view kClause = "RFC 2326 §3.5";
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMostHours = 100'000; ///< More than eleven years; products stay inside of 64 bits.

struct Unit {
    std::string_view name;
    RangeUnit unit;
};

constexpr std::array<Unit, 5> kUnits{{
    {"npt", RangeUnit::npt},
    {"smpte", RangeUnit::smpte},
    {"smpte-30-drop", RangeUnit::smpte_30_drop},
    {"smpte-25", RangeUnit::smpte_25},
    {"clock", RangeUnit::clock},
}};

/// Up to nine digits of a fraction, in billionths.
std::optional<std::int64_t> read_fraction(std::string_view digits)
{
    std::int64_t value = 0;
    std::int64_t unit = kSecond;
    for (const char c : digits) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        unit /= 10;
        value += (c - '0') * unit;
    }
    return value;
}

/// `12`, `12.`, `12.345`, `.5`.
std::optional<nanoseconds> read_seconds(std::string_view text)
{
    if (text.empty() || text == ".") {
        return std::nullopt;
    }
    const auto whole_text = take_until(text, ".");
    const auto whole = whole_text.empty() ? std::optional<std::int64_t>{0} : number<std::int64_t>(whole_text);
    const auto fraction = read_fraction(text);
    if (!whole || *whole < 0 || *whole > kMostHours * 3600 || !fraction) {
        return std::nullopt;
    }
    return nanoseconds{*whole * kSecond + *fraction};
}

// npt-time := seconds | hours ":" mm ":" ss ["." digits]
std::optional<nanoseconds> read_npt(std::string_view text)
{
    if (text.find(':') == std::string_view::npos) {
        return read_seconds(text);
    }
    const auto hours = number<std::int64_t>(take_until(text, ":"));
    const auto minutes = number<std::int64_t>(take_until(text, ":"));
    const auto seconds = read_seconds(text);
    if (!hours || !minutes || !seconds || *hours < 0 || *hours > kMostHours || *minutes < 0 ||
        *minutes > 59 || *seconds >= std::chrono::minutes{1}) {
        return std::nullopt;
    }
    return std::chrono::hours{*hours} + std::chrono::minutes{*minutes} + *seconds;
}

/// Hundredths of a frame since the beginning, as nanoseconds: 30 drop is 30000/1001 frames a second.
nanoseconds smpte_time(RangeUnit unit, std::int64_t hundredths)
{
    return nanoseconds{unit == RangeUnit::smpte_25 ? hundredths * (kSecond / 2500)
                                                   : hundredths * 1'001'000 / 3};
}

// smpte-time := hours ":" mm ":" ss [":" ff ["." hundredths]]
std::optional<nanoseconds> read_smpte(std::string_view text, RangeUnit unit)
{
    const std::int64_t rate = unit == RangeUnit::smpte_25 ? 25 : 30;
    const auto hours = number<std::int64_t>(take_until(text, ":"));
    const auto minutes = number<std::int64_t>(take_until(text, ":"));
    const auto seconds = number<std::int64_t>(take_until(text, ":"));
    const auto frame_text = take_until(text, ".");
    const auto frames =
        frame_text.empty() ? std::optional<std::int64_t>{0} : number<std::int64_t>(frame_text);
    const auto parts = text.empty() ? std::optional<std::int64_t>{0} : number<std::int64_t>(text);
    if (!hours || !minutes || !seconds || !frames || !parts || *hours < 0 || *hours > kMostHours ||
        *minutes < 0 || *minutes > 59 || *seconds < 0 || *seconds > 59 || *frames < 0 || *frames >= rate ||
        *parts < 0 || *parts > 99) {
        return std::nullopt;
    }
    const auto total_minutes = *hours * 60 + *minutes;
    auto count = (total_minutes * 60 + *seconds) * rate + *frames;
    if (unit != RangeUnit::smpte_25) {
        // Labels 00 and 01 are skipped in each minute that is no tenth one.
        if (*minutes % 10 != 0 && *seconds == 0 && *frames < 2) {
            return std::nullopt;
        }
        count -= 2 * (total_minutes - total_minutes / 10);
    }
    return smpte_time(unit, count * 100 + *parts);
}

// clock-time := YYYYMMDD "T" hhmmss ["." digits] "Z"
std::optional<nanoseconds> read_clock(std::string_view text)
{
    using namespace std::chrono;
    if (text.size() < 16 || text[8] != 'T' || text.back() != 'Z') {
        return std::nullopt;
    }
    const auto field = [&](std::size_t at, std::size_t size) {
        return number<unsigned>(text.substr(at, size));
    };
    const auto y = field(0, 4);
    const auto m = field(4, 2);
    const auto d = field(6, 2);
    const auto hour = field(9, 2);
    const auto minute = field(11, 2);
    const auto second = field(13, 2);
    auto rest = text.substr(15, text.size() - 16);
    std::optional<std::int64_t> fraction = 0;
    if (!rest.empty()) {
        fraction = rest[0] == '.' ? read_fraction(rest.substr(1)) : std::nullopt;
    }
    if (!y || !m || !d || !hour || !minute || !second || !fraction || *hour > 23 || *minute > 59 ||
        *second > 60) {
        return std::nullopt;
    }
    const year_month_day date{year{static_cast<int>(*y)}, month{*m}, day{*d}};
    if (!date.ok() || *y < 1900 || *y > 2200) {
        return std::nullopt;
    }
    return nanoseconds{sys_days{date}.time_since_epoch()} + hours{*hour} + minutes{*minute} +
           seconds{*second} + nanoseconds{*fraction};
}

std::optional<nanoseconds> read_time(std::string_view text, RangeUnit unit)
{
    switch (unit) {
    case RangeUnit::npt: return read_npt(text);
    case RangeUnit::clock: return read_clock(text);
    default: return read_smpte(text, unit);
    }
}

/// A fraction without the zeros at its end, after a point; empty when there is none.
std::string fraction_text(std::int64_t billionths)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), ".%09lld", static_cast<long long>(billionths));
    std::string out{text.data()};
    out.erase(out.find_last_not_of('0') + 1);
    return out == "." ? std::string{} : out;
}

std::string npt_text(nanoseconds time)
{
    return std::to_string(time.count() / kSecond) + fraction_text(time.count() % kSecond);
}

std::string smpte_text(nanoseconds time, RangeUnit unit)
{
    const bool drop = unit != RangeUnit::smpte_25;
    const std::int64_t rate = drop ? 30 : 25;
    // To the nearest hundredth of a frame.
    const auto hundredths =
        drop ? (time.count() * 3 + 500'500) / 1'001'000 : (time.count() + kSecond / 5000) / (kSecond / 2500);
    auto frames = hundredths / 100;
    if (drop) {
        // 17982 frames in ten minutes; of the last nine of them, each has 1798.
        const auto tens = frames / 17982;
        const auto rest = frames % 17982;
        frames += 18 * tens + (rest >= 1800 ? 2 * (1 + (rest - 1800) / 1798) : 0);
    }
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld:%02lld.%02lld",
                  static_cast<long long>(frames / rate / 3600),
                  static_cast<long long>(frames / rate / 60 % 60), static_cast<long long>(frames / rate % 60),
                  static_cast<long long>(frames % rate), static_cast<long long>(hundredths % 100));
    std::string out{text.data()};
    return out.ends_with(".00") ? out.substr(0, out.size() - 3) : out;
}

std::string clock_text(nanoseconds time)
{
    using namespace std::chrono;
    const auto days_since = floor<days>(time);
    const year_month_day date{sys_days{days_since}};
    const auto of_day = duration_cast<seconds>(time - days_since).count();
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02lld%02lld%02lld", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<long long>(of_day / 3600), static_cast<long long>(of_day / 60 % 60),
                  static_cast<long long>(of_day % 60));
    return text.data() + fraction_text((time - days_since - seconds{of_day}).count()) + "Z";
}

std::string time_text(nanoseconds time, RangeUnit unit)
{
    switch (unit) {
    case RangeUnit::npt: return npt_text(time);
    case RangeUnit::clock: return clock_text(time);
    default: return smpte_text(time, unit);
    }
}

} // namespace

// range := unit "=" [start] "-" [end] [";time=" clock-time]
Result<Range> read_range(std::string_view text)
{
    text = trimmed(text);
    auto specifier = take_until(text, ";");
    const auto unit_name = trimmed(take_until(specifier, "="));
    Range range;
    bool known = false;
    for (const auto& each : kUnits) {
        if (same_name(each.name, unit_name)) {
            range.unit = each.unit;
            known = true;
        }
    }
    if (!known) {
        return Unexpected{Errc::unknown_unit, "RFC 2326 §12.29"};
    }
    specifier = trimmed(specifier);
    const auto dash = specifier.find('-');
    const auto start = trimmed(specifier.substr(0, dash));
    const auto end =
        dash == std::string_view::npos ? std::string_view{} : trimmed(specifier.substr(dash + 1));
    range.from_now = range.unit == RangeUnit::npt && same_name(start, "now");
    if (!start.empty() && !range.from_now) {
        range.start = read_time(start, range.unit);
    }
    if (!end.empty()) {
        range.end = read_time(end, range.unit);
    }
    const bool start_bad = !start.empty() && !range.from_now && !range.start;
    if (start_bad || (!end.empty() && !range.end) || (start.empty() && end.empty())) {
        return Unexpected{Errc::bad_value, kClause};
    }
    while (!text.empty()) {
        auto parameter = trimmed(take_until(text, ";"));
        if (same_name(trimmed(take_until(parameter, "=")), "time")) {
            range.time = read_clock(trimmed(parameter));
            if (!range.time) {
                return Unexpected{Errc::bad_value, "RFC 2326 §12.29"};
            }
        }
    }
    return range;
}

std::string to_string(const Range& range)
{
    std::string text;
    for (const auto& each : kUnits) {
        if (each.unit == range.unit) {
            text = each.name;
        }
    }
    text += "=";
    if (range.from_now) {
        text += "now";
    } else if (range.start) {
        text += time_text(*range.start, range.unit);
    }
    text += "-";
    if (range.end) {
        text += time_text(*range.end, range.unit);
    }
    return range.time ? text + ";time=" + clock_text(*range.time) : text;
}

} // namespace millrace::sdp
