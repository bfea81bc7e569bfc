#include <millrace/clients/checkup.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace millrace::clients {
namespace {

constexpr double kSlowest = 0.95;          ///< Against the speed of time.
constexpr double kMostSkew = 0.25;         ///< Seconds; what players even out without a longer buffer.
constexpr double kMostJitter = 0.1;        ///< Seconds.
constexpr double kLongGop = 5;             ///< Seconds.
constexpr double kLongStart = 2;           ///< Seconds to the first frame.
constexpr double kMostFpsDifference = 0.1; ///< Of what the stream says of itself.

/// Collects what is said; some of it is no illness.
class Opinion {
public:
    explicit Opinion(Verdict& verdict) : verdict_{verdict} {}

    template <class... Values>
    void note(fmt::format_string<Values...> form, Values&&... values)
    {
        verdict_.sentences.push_back(fmt::format(form, std::forward<Values>(values)...));
    }
    template <class... Values>
    void complain(fmt::format_string<Values...> form, Values&&... values)
    {
        verdict_.healthy = false;
        note(form, std::forward<Values>(values)...);
    }

private:
    Verdict& verdict_;
};

std::string_view called(const TrackReport& track)
{
    return track.track.kind == media::Kind::video ? "The picture" : "The sound";
}

const TrackReport* find(const StreamReport& report, media::Kind kind)
{
    const auto found =
        std::ranges::find_if(report.tracks, [kind](const TrackReport& t) { return t.track.kind == kind; });
    return found == report.tracks.end() ? nullptr : &*found;
}

void judge_track(const TrackReport& track, Opinion& opinion)
{
    if (track.frames == 0) {
        opinion.complain("{} was announced, but nothing of it came.", called(track));
    }
    if (track.gaps > 0) {
        opinion.complain("{} has {} gap{} of more than half a second in its timestamps.", called(track),
                         track.gaps, track.gaps == 1 ? "" : "s");
    }
    if (track.jitter_seconds > kMostJitter) {
        opinion.complain("{} comes unevenly: {:.0f} ms of jitter.", called(track),
                         track.jitter_seconds * 1000);
    }
    const double said = track.track.fps;
    if (said > 0 && track.fps > 0 && std::abs(track.fps - said) > said * kMostFpsDifference) {
        opinion.complain("{} says it has {:.2f} frames per second, and has {:.2f}.", called(track), said,
                         track.fps);
    }
}

void judge_key_frames(const StreamReport& report, Opinion& opinion)
{
    if (report.gop_seconds > 0 && report.gop_longest_seconds > kLongGop) {
        opinion.complain(
            "Key frames are {:.1f} s apart: viewers elsewhere wait that long for a picture; 2 s is "
            "usual.",
            report.gop_longest_seconds);
    } else if (report.gop_seconds <= 0 && report.seconds > kLongGop) {
        opinion.complain(
            "No second key frame came within {:.0f} s: viewers elsewhere wait longer than that for "
            "a picture.",
            report.seconds);
    } else if (report.gop_seconds <= 0) {
        opinion.note("Too short to tell how far key frames are apart.");
    }
}

} // namespace

Verdict judge(const StreamReport& report)
{
    Verdict verdict;
    Opinion opinion{verdict};
    const auto* video = find(report, media::Kind::video);
    const auto* audio = find(report, media::Kind::audio);
    for (const auto& track : report.tracks) {
        judge_track(track, opinion);
    }
    if (report.speed < kSlowest) {
        opinion.complain("The stream comes at {:.0f} % of the speed of time: the publisher or the network is "
                         "too slow.",
                         report.speed * 100);
    }
    if (video != nullptr && audio != nullptr && std::abs(report.av_skew_seconds) > kMostSkew) {
        opinion.complain("The sound comes {:.0f} ms {} its picture.", std::abs(report.av_skew_seconds) * 1000,
                         report.av_skew_seconds > 0 ? "before" : "after");
    }
    if (report.steps_back > 0) {
        opinion.complain("Timestamps stepped back {} time{}.", report.steps_back,
                         report.steps_back == 1 ? "" : "s");
    }
    if (report.first_frame_seconds > kLongStart) {
        opinion.complain("The first frame took {:.1f} s.", report.first_frame_seconds);
    }
    if (video != nullptr) {
        judge_key_frames(report, opinion);
    } else {
        opinion.note("There is no picture.");
    }
    if (audio == nullptr) {
        opinion.note("There is no sound.");
    }
    if (verdict.healthy) {
        verdict.sentences.insert(verdict.sentences.begin(),
                                 "Healthy: it comes evenly and at the speed of time.");
    }
    return verdict;
}

} // namespace millrace::clients
