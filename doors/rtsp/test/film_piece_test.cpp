#include "../src/film.hpp"

#include <gtest/gtest.h>

namespace millrace::doors {
namespace {

using namespace std::chrono_literals;

constexpr auto kDuration = 20s;
const WallTime kRecorded{1704067200s}; // 2024-01-01T00:00:00Z

MediaTime at(std::chrono::nanoseconds time)
{
    return MediaTime{time};
}

rtsp::Ask ask(const char* range, std::optional<double> scale = {}, std::optional<double> speed = {})
{
    rtsp::Ask asked{.method = rtsp::Method::play, .scale = scale, .speed = speed};
    if (range != nullptr) {
        asked.range = *rtsp::read_range(range);
    }
    return asked;
}

TEST(FilmPiece, IsWhatTheTimesOfARequestMean)
{
    struct Case {
        const char* range;
        std::optional<MediaTime> here;
        MediaTime from;
        std::optional<MediaTime> to;
        const char* answer;
    };
    const Case cases[]{
        {nullptr, {}, at(0s), {}, "npt=0.000-20.000"},
        {nullptr, at(7s), at(7s), {}, "npt=7.000-20.000"},
        {"npt=3.5-", at(7s), at(3500ms), {}, "npt=3.500-20.000"},
        {"npt=3-4.5", {}, at(3s), at(4500ms), "npt=3.000-4.500"},
        {"npt=-4", at(2s), at(2s), at(4s), "npt=2.000-4.000"},
        {"npt=20.5-", {}, at(20s), {}, "npt=20.000-20.000"},
        {"smpte-25=0:00:04:05-", {}, at(4200ms), {}, "smpte-25=0:00:04:05-0:00:20:00"},
        {"clock=20240101T000005.5Z-20240101T000007Z",
         {},
         at(5500ms),
         at(7s),
         "clock=20240101T000005.500Z-20240101T000007.000Z"},
    };
    for (const auto& each : cases) {
        FilmPiece piece;
        const auto asked = ask(each.range);
        const auto reply = film_piece(asked, kDuration, kRecorded, each.here, piece);
        const char* name = each.range == nullptr ? "none" : each.range;
        EXPECT_EQ(reply.status, 200) << name;
        EXPECT_EQ(piece.from, each.from) << name;
        EXPECT_EQ(piece.to, each.to) << name;
        const auto unit = asked.range ? asked.range->unit : rtsp::TimeUnit::npt;
        EXPECT_EQ(write(film_range(piece, unit, kDuration, kRecorded)), each.answer) << name;
    }
}

TEST(FilmPiece, IsRefusedOutsideOfTheFilm)
{
    for (const char* range : {"npt=22-", "npt=now-", "clock=20230101T000000Z-", "clock=20240101T000100Z-"}) {
        FilmPiece piece;
        EXPECT_EQ(film_piece(ask(range), kDuration, kRecorded, {}, piece).status, 457) << range;
    }
}

TEST(FilmPiece, HasAScaleAndASpeedThatAreKnown)
{
    const std::pair<double, double> scales[]{{1, 1},   {0.5, 0.5}, {0.01, 0.25}, {1.7, 1.7}, {2, 2},
                                             {3.5, 4}, {100, 16},  {-1, -1},     {-3, -2},   {-50, -16}};
    for (const auto& [asked, used] : scales) {
        FilmPiece piece;
        static_cast<void>(film_piece(ask(nullptr, asked), kDuration, kRecorded, {}, piece));
        EXPECT_EQ(piece.scale, used) << asked;
        EXPECT_EQ(piece.from, used < 0 ? at(kDuration) : at(0s)) << "backwards from the end";
    }
    const std::pair<double, double> speeds[]{{1, 1}, {2, 2}, {100, 4}, {0.1, 0.25}};
    for (const auto& [asked, used] : speeds) {
        FilmPiece piece;
        static_cast<void>(film_piece(ask(nullptr, {}, asked), kDuration, kRecorded, {}, piece));
        EXPECT_EQ(piece.speed, used) << asked;
    }
}

} // namespace
} // namespace millrace::doors
