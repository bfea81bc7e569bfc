#include <millrace/rtsp/message.hpp>
#include <millrace/rtsp/range.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace millrace::rtsp {
namespace {

using Time = TimeRange::Time;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kDropFrames = 30;
constexpr std::int64_t kFramesOf25 = 25;
constexpr std::int64_t kMostHours = 24 * 366 * 10;

/// Up to nine digits: more would tell nothing.
std::optional<std::int64_t> digits(std::string_view text)
{
    std::int64_t number = 0;
    if (text.empty() || text.size() > 9 || text.front() == '-') {
        return std::nullopt;
    }
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && stop == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

/// ".25" as a part of a second.
std::optional<Time> fraction(std::string_view text)
{
    if (text.empty()) {
        return Time{0};
    }
    std::string nine{text.substr(1, 9)};
    if (text.front() != '.' ||
        !std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    nine.resize(9, '0');
    return Time{*digits(nine)};
}

/// Cuts at each `mark`; at most `most` parts.
std::vector<std::string_view> split(std::string_view text, char mark, std::size_t most)
{
    std::vector<std::string_view> parts;
    while (parts.size() < most) {
        const auto at = text.find(mark);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
    return {};
}

// npt := seconds ["." digits] | hours ":" mm ":" ss ["." digits]           (RFC 2326 §3.6)
std::optional<Time> read_npt(std::string_view text)
{
    const auto point = std::min(text.find('.'), text.size());
    const auto part = fraction(text.substr(point));
    const auto parts = split(text.substr(0, point), ':', 3);
    if (!part || (parts.size() != 1 && parts.size() != 3)) {
        return std::nullopt;
    }
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto number = digits(parts[i]);
        if (!number || (i > 0 && *number > 59)) {
            return std::nullopt;
        }
        sum = sum * 60 + *number;
    }
    return seconds{sum} + *part;
}

// smpte := hh ":" mm ":" ss [":" frames ["." subframes]]                   (RFC 2326 §3.5)
std::optional<Time> read_smpte(std::string_view text, TimeUnit unit)
{
    const auto parts = split(text, ':', 4);
    if (parts.size() < 3) {
        return std::nullopt;
    }
    std::array<std::int64_t, 3> whole{};
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const auto number = digits(parts[i]);
        if (!number || *number > (i == 0 ? kMostHours : 59)) {
            return std::nullopt;
        }
        whole[i] = *number;
    }
    std::int64_t frames = 0;
    std::int64_t hundredths = 0;
    if (parts.size() == 4) {
        const auto point = std::min(parts[3].find('.'), parts[3].size());
        const auto frame = digits(parts[3].substr(0, point));
        const auto sub =
            point < parts[3].size() ? digits(parts[3].substr(point + 1)) : std::optional{INT64_C(0)};
        if (!frame || !sub || *sub > 99) {
            return std::nullopt;
        }
        frames = *frame;
        hundredths = *sub;
    }
    if (unit == TimeUnit::smpte_25) {
        if (frames >= kFramesOf25) {
            return std::nullopt;
        }
        constexpr std::int64_t kFrame = 40'000'000;
        return hours{whole[0]} + minutes{whole[1]} + seconds{whole[2]} + Time{frames * kFrame} +
               Time{hundredths * (kFrame / 100)};
    }
    if (frames >= kDropFrames) {
        return std::nullopt;
    }
    const auto number = drop_frame_number(whole[0], whole[1], whole[2], frames);
    // A frame lasts 1001/30000 s, which is 1001 * 100000 / 3 ns; a hundredth of it 1001 * 1000 / 3 ns.
    return Time{(number * 100 + hundredths) * 1001 * 1000 / 3};
}

// clock := YYYYMMDD "T" hhmmss ["." digits] "Z"                            (RFC 2326 §3.7)
std::optional<Time> read_clock(std::string_view text)
{
    if (text.size() < 16 || text[8] != 'T' || text.back() != 'Z') {
        return std::nullopt;
    }
    text.remove_suffix(1);
    const auto date = digits(text.substr(0, 8));
    const auto time = digits(text.substr(9, 6));
    const auto part = fraction(text.substr(15));
    if (!date || !time || !part) {
        return std::nullopt;
    }
    using namespace std::chrono;
    const year_month_day day{year{static_cast<int>(*date / 10000)},
                             month{static_cast<unsigned>(*date / 100 % 100)},
                             std::chrono::day{static_cast<unsigned>(*date % 100)}};
    const auto h = *time / 10000;
    const auto m = *time / 100 % 100;
    const auto s = *time % 100;
    if (!day.ok() || h > 23 || m > 59 || s > 60) {
        return std::nullopt;
    }
    // Nanoseconds in 64 bits reach from 1678 to 2261.
    if (day.year() < year{1970} || day.year() > year{2200}) {
        return std::nullopt;
    }
    return sys_days{day}.time_since_epoch() + hours{h} + minutes{m} + seconds{s} + *part;
}

std::optional<Time> read_time(std::string_view text, TimeUnit unit)
{
    switch (unit) {
    case TimeUnit::npt: return read_npt(text);
    case TimeUnit::clock: return read_clock(text);
    case TimeUnit::smpte_25:
    case TimeUnit::smpte_30_drop: return read_smpte(text, unit);
    }
    return std::nullopt;
}

struct Unit {
    std::string_view name;
    TimeUnit unit;
};
constexpr std::array kUnits{Unit{"npt", TimeUnit::npt}, Unit{"smpte-30-drop", TimeUnit::smpte_30_drop},
                            Unit{"smpte", TimeUnit::smpte_30_drop}, Unit{"smpte-25", TimeUnit::smpte_25},
                            Unit{"clock", TimeUnit::clock}};

template <class... Numbers>
std::string print(const char* form, Numbers... numbers)
{
    char text[64];
    std::snprintf(text, sizeof text, form, numbers...);
    return text;
}

std::string write_npt(Time time)
{
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(time).count();
    return print("%lld.%03lld", static_cast<long long>(ms / 1000), static_cast<long long>(ms % 1000));
}

std::string write_clock(Time time)
{
    using namespace std::chrono;
    const auto ms = floor<milliseconds>(time);
    const auto date = floor<days>(ms);
    const year_month_day day{sys_days{date}};
    const hh_mm_ss clock{ms - date};
    return print("%04d%02u%02uT%02d%02d%02d.%03dZ", static_cast<int>(day.year()),
                 static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                 static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                 static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
}

std::string write_label(std::int64_t number, std::int64_t rate)
{
    const auto total = number / rate;
    return print("%lld:%02lld:%02lld:%02lld", static_cast<long long>(total / 3600),
                 static_cast<long long>(total / 60 % 60), static_cast<long long>(total % 60),
                 static_cast<long long>(number % rate));
}

/// The label of a frame, the labels that are left out put back.
std::string write_drop(Time time)
{
    constexpr std::int64_t kInTenMinutes = 17982;
    constexpr std::int64_t kInMinute = 1798;
    // One nanosecond against what was rounded down when a label was read.
    auto number = (time.count() + 1) * 3 / 100'100'000;
    const auto tens = number / kInTenMinutes;
    const auto rest = number % kInTenMinutes;
    number += 18 * tens + (rest > 1 ? 2 * ((rest - 2) / kInMinute) : 0);
    return write_label(number, kDropFrames);
}

std::string write_time(Time time, TimeUnit unit)
{
    switch (unit) {
    case TimeUnit::npt: return write_npt(time);
    case TimeUnit::clock: return write_clock(time);
    case TimeUnit::smpte_25: return write_label(time.count() / 40'000'000, kFramesOf25);
    case TimeUnit::smpte_30_drop: return write_drop(time);
    }
    return {};
}

} // namespace

std::int64_t drop_frame_number(std::int64_t h, std::int64_t m, std::int64_t s, std::int64_t frames)
{
    const auto all = 60 * h + m;
    return (all * 60 + s) * kDropFrames + frames - 2 * (all - all / 10);
}

Result<TimeRange> read_range(std::string_view text)
{
    text = text.substr(0, text.find(';')); // The time of the request's effect is now.
    const auto equals = text.find('=');
    const auto name = trim(text.substr(0, equals));
    const auto* found =
        std::ranges::find_if(kUnits, [name](const Unit& each) { return same_name(each.name, name); });
    if (found == kUnits.end()) {
        return Unexpected{Errc::unknown_unit, "RFC 2326 §12.29"};
    }
    const Unexpected bad{Errc::bad_range, "RFC 2326 §12.29"};
    if (equals == std::string_view::npos) {
        return bad;
    }
    TimeRange range{.unit = found->unit};
    const auto times = trim(text.substr(equals + 1));
    const auto dash = std::min(times.find('-'), times.size());
    const auto begin = trim(times.substr(0, dash));
    const auto end = dash < times.size() ? trim(times.substr(dash + 1)) : std::string_view{};
    if (begin == "now" && range.unit == TimeUnit::npt) {
        range.now = true;
    } else if (!begin.empty()) {
        range.begin = read_time(begin, range.unit);
        if (!range.begin) {
            return bad;
        }
    }
    if (!end.empty()) {
        range.end = read_time(end, range.unit);
        if (!range.end) {
            return bad;
        }
    }
    if ((begin.empty() && end.empty()) || (range.begin && range.end && *range.end < *range.begin)) {
        return bad;
    }
    return range;
}

std::string write(const TimeRange& range)
{
    constexpr std::array<std::string_view, 4> kNames{"npt", "smpte-30-drop", "smpte-25", "clock"};
    std::string text{kNames.at(static_cast<std::size_t>(range.unit))};
    text += "=";
    text += range.now ? "now" : range.begin ? write_time(*range.begin, range.unit) : "";
    text += "-";
    text += range.end ? write_time(*range.end, range.unit) : "";
    return text;
}

} // namespace millrace::rtsp
