#include "probe_text.hpp"

#include "progress.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <cmath>

namespace millrace::apps {
namespace {

namespace json = boost::json;

double rounded(double value, double unit)
{
    return std::isfinite(value) ? std::round(value / unit) * unit : 0;
}

double thousandths(double value)
{
    return std::isfinite(value) ? std::round(value * 1000) / 1000 : 0;
}

json::object track_json(const clients::TrackReport& report)
{
    const auto& track = report.track;
    json::object out{
        {"kind", media::name(track.kind)}, {"id", track.number}, {"codec", media::name(track.codec)}};
    if (!track.codec_string.empty()) {
        out["codec_string"] = track.codec_string;
    }
    if (track.kind == media::Kind::video) {
        out["width"] = track.width;
        out["height"] = track.height;
        out["fps"] = thousandths(report.fps);
    } else {
        out["sample_rate"] = track.sample_rate;
        out["channels"] = track.channels;
    }
    if (track.colour) {
        out["dynamic_range"] = media::dynamic_range(*track.colour);
    }
    if (track.layout) {
        out["channel_layout"] = media::name(*track.layout);
    }
    out["bitrate"] = static_cast<std::int64_t>(rounded(report.bitrate, 1));
    out["frames"] = report.frames;
    out["gaps"] = report.gaps;
    out["jitter_seconds"] = thousandths(report.jitter_seconds);
    return out;
}

std::string track_text(const clients::TrackReport& report)
{
    const auto& track = report.track;
    auto text = fmt::format("  {}{}  {}", media::name(track.kind),
                            track.number > 0 ? fmt::format(" {}", track.number) : std::string{},
                            media::name(track.codec));
    if (!track.codec_string.empty()) {
        text += fmt::format(" ({})", track.codec_string);
    }
    if (track.kind == media::Kind::video) {
        text += track.width > 0 ? fmt::format("  {}x{}", track.width, track.height) : std::string{};
        text += fmt::format("  {:.2f} frames/s", report.fps);
        text += track.colour ? fmt::format("  {}", media::dynamic_range(*track.colour)) : std::string{};
    } else {
        text += track.sample_rate > 0 ? fmt::format("  {} Hz", track.sample_rate) : std::string{};
        text += track.channels > 0
                    ? fmt::format("  {} channel{}", track.channels, track.channels == 1 ? "" : "s")
                    : std::string{};
        text += track.layout ? fmt::format("  {}", media::name(*track.layout)) : std::string{};
    }
    text += fmt::format("  {}  jitter {:.0f} ms", rate_text(report.bitrate), report.jitter_seconds * 1000);
    if (report.gaps > 0) {
        text += fmt::format("  {} gap{}", report.gaps, report.gaps == 1 ? "" : "s");
    }
    return text + '\n';
}

} // namespace

std::string probe_text(const clients::Url& url, const clients::StreamReport& report,
                       const clients::Verdict& verdict)
{
    auto text = fmt::format("{}, watched for {:.1f} s\n", url.shown(), report.seconds);
    for (const auto& track : report.tracks) {
        text += track_text(track);
    }
    text += fmt::format("  all    {}  speed {:.2f}x  first frame after {:.3f} s", rate_text(report.bitrate),
                        report.speed, report.first_frame_seconds);
    if (report.gop_seconds > 0) {
        text += fmt::format("  GOP {:.2f} s", report.gop_seconds);
    }
    if (report.tracks.size() > 1) {
        text += fmt::format("  A/V skew {:+.0f} ms", report.av_skew_seconds * 1000);
    }
    text += '\n';
    for (const auto& sentence : verdict.sentences) {
        text += sentence + '\n';
    }
    return text;
}

std::string probe_json(const clients::Url& url, const clients::StreamReport& report,
                       const clients::Verdict& verdict)
{
    json::array tracks;
    for (const auto& track : report.tracks) {
        tracks.push_back(track_json(track));
    }
    const json::object out{{"url", url.shown()},
                           {"protocol", clients::name(url.scheme)},
                           {"seconds", thousandths(report.seconds)},
                           {"tracks", std::move(tracks)},
                           {"bitrate", static_cast<std::int64_t>(rounded(report.bitrate, 1))},
                           {"bytes_in", report.bytes},
                           {"speed", thousandths(report.speed)},
                           {"first_frame_seconds", thousandths(report.first_frame_seconds)},
                           {"gop_seconds", thousandths(report.gop_seconds)},
                           {"gop_longest_seconds", thousandths(report.gop_longest_seconds)},
                           {"av_skew_seconds", thousandths(report.av_skew_seconds)},
                           {"steps_back", report.steps_back},
                           {"healthy", verdict.healthy},
                           {"verdict", json::array(verdict.sentences.begin(), verdict.sentences.end())}};
    return json::serialize(out) + '\n';
}

} // namespace millrace::apps
