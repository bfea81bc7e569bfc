// What the times of a request mean in a film.
#include "film.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace millrace::doors {
namespace {

using std::chrono::nanoseconds;

constexpr std::array kScales{1.0, 2.0, 4.0, 8.0, 16.0};
constexpr double kLeastScale = 0.25;
constexpr double kMostSpeed = 4;

/// The scale that is used: what is asked for up to 2, the nearest of those that are known above and
/// backwards.
double scale_for(double asked)
{
    if (asked > 0 && asked <= 2) {
        return std::max(asked, kLeastScale);
    }
    const auto size = std::abs(asked);
    const auto nearest =
        *std::ranges::min_element(kScales, {}, [size](double each) { return std::abs(each - size); });
    return asked < 0 ? -nearest : nearest;
}

nanoseconds since_1970(WallTime time)
{
    return std::chrono::duration_cast<nanoseconds>(time.time_since_epoch());
}

MediaTime place(nanoseconds time, rtsp::TimeUnit unit, WallTime recorded)
{
    return MediaTime{unit == rtsp::TimeUnit::clock ? time - since_1970(recorded) : time};
}

} // namespace

RtspReply film_piece(const rtsp::Ask& ask, nanoseconds duration, WallTime recorded,
                     std::optional<MediaTime> here, FilmPiece& into)
{
    into = {};
    into.scale = scale_for(ask.scale.value_or(1));
    into.speed = std::clamp(ask.speed.value_or(1), 1 / kMostSpeed, kMostSpeed);
    const bool back = into.scale < 0;
    const MediaTime begin{};
    const MediaTime end{duration};
    into.from = here.value_or(back ? end : begin);
    if (!ask.range) {
        return {};
    }
    const auto& range = *ask.range;
    if (range.now) {
        return {.status = 457, .why = "a recording has no now"};
    }
    if (range.begin) {
        into.from = place(*range.begin, range.unit, recorded);
    }
    if (range.end) {
        into.to = place(*range.end, range.unit, recorded);
    }
    // Players seek to the very end, and clocks are not the same everywhere: a second beside is not wrong.
    constexpr std::chrono::seconds kBeside{1};
    if (into.from > end + kBeside || into.from < begin - kBeside || (into.to && *into.to < begin)) {
        return {.status = 457, .why = "the recording has no such time"};
    }
    into.from = std::clamp(into.from, begin, end);
    if (into.to) {
        *into.to = std::clamp(*into.to, begin, end);
    }
    return {};
}

rtsp::TimeRange film_range(const FilmPiece& piece, rtsp::TimeUnit unit, nanoseconds duration,
                           WallTime recorded)
{
    const auto add = unit == rtsp::TimeUnit::clock ? since_1970(recorded) : nanoseconds{0};
    const auto end = piece.scale < 0 ? MediaTime{} : MediaTime{duration};
    return {.unit = unit,
            .begin = piece.from.time_since_epoch() + add,
            .end = piece.to.value_or(end).time_since_epoch() + add};
}

} // namespace millrace::doors
