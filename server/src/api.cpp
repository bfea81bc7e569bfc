#include "api.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/chrono.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace millrace::server {
namespace {

namespace json = boost::json;

double rounded(double value, double unit)
{
    return std::isfinite(value) ? std::round(value / unit) * unit : 0;
}

double hundredths(double value)
{
    return std::round(value * 100) / 100;
}

double thousandths(double value)
{
    return std::round(value * 1000) / 1000;
}

json::object track_json(const media::Track& track, const hub::SourceQuality& quality)
{
    json::object out{{"kind", media::name(track.kind)}, {"codec", media::name(track.codec)}};
    const auto measured = quality.tracks.find(track.id);
    const auto bitrate = measured == quality.tracks.end() ? 0.0 : measured->second.bitrate;
    const auto fps = measured == quality.tracks.end() ? 0.0 : measured->second.fps;
    if (track.kind == media::Kind::video) {
        out["width"] = track.width;
        out["height"] = track.height;
        out["fps"] = hundredths(fps > 0 ? fps : track.fps);
    } else {
        out["sample_rate"] = track.sample_rate;
        out["channels"] = track.channels;
    }
    out["bitrate"] = static_cast<std::int64_t>(rounded(bitrate, 1000));
    if (!track.codec_string.empty()) {
        out["codec_string"] = track.codec_string;
    }
    if (measured != quality.tracks.end()) {
        out["gaps"] = measured->second.gaps;
        out["jitter_seconds"] = thousandths(measured->second.jitter_seconds);
    }
    return out;
}

json::value publisher_json(const std::optional<exchange::Publisher>& publisher)
{
    if (!publisher) {
        return nullptr;
    }
    return {{"id", publisher->id},
            {"protocol", publisher->protocol},
            {"remote", publisher->remote},
            {"since", rfc3339(publisher->since)},
            {"backup", publisher->backup}};
}

json::object stream_json(const exchange::StreamInfo& stream)
{
    json::object out{{"name", stream.name},
                     {"state", stream.publisher ? "live" : "waiting"},
                     {"since", rfc3339(stream.since)}};
    out["publisher"] = publisher_json(stream.publisher);
    out["backup"] = publisher_json(stream.backup);
    out["takeovers"] = stream.takeovers;
    out["bytes_in_reserve"] = stream.bytes_in_reserve;
    json::array tracks;
    for (const auto& track : stream.tracks) {
        if (track.kind != media::Kind::data) {
            tracks.push_back(track_json(track, stream.quality));
        }
    }
    out["tracks"] = std::move(tracks);
    out["viewers"] = stream.viewers;
    out["bytes_in"] = stream.quality.bytes;
    out["bytes_out"] = stream.bytes_out;
    out["bytes_held"] = stream.bytes_held;
    out["gop_seconds"] = thousandths(stream.quality.gop_seconds);
    out["av_skew_seconds"] = thousandths(stream.quality.av_skew_seconds);
    out["epoch"] = stream.epoch;
    out["warnings"] = json::array(stream.warnings.begin(), stream.warnings.end());
    return out;
}

json::object session_json(const exchange::SessionInfo& session)
{
    json::object out{
        {"id", session.id},         {"protocol", session.protocol}, {"role", name(session.role)},
        {"stream", session.stream}, {"remote", session.remote},     {"since", rfc3339(session.since)},
        {"state", session.state},   {"bytes_in", session.bytes_in}, {"bytes_out", session.bytes_out},
        {"reason", session.reason}};
    if (session.role == exchange::Role::viewer) {
        out["lag_seconds"] = thousandths(session.lag_seconds);
        out["falls"] = session.falls;
        out["skips"] = session.skips;
        out["skipped_seconds"] = thousandths(session.skipped_seconds);
        if (session.first_frame_seconds) {
            out["first_frame_seconds"] = *session.first_frame_seconds;
        }
    }
    json::object tolerated;
    for (const auto& [what, count] : session.tolerated) {
        tolerated[what] = count;
    }
    out["tolerated"] = std::move(tolerated);
    return out;
}

} // namespace

std::string rfc3339(WallTime time)
{
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(ms);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                       (ms - seconds).count());
}

json::object streams_json(const exchange::Report& report, const json::object& ports)
{
    json::array streams;
    for (const auto& stream : report.streams) {
        streams.push_back(stream_json(stream));
    }
    return {{"streams", std::move(streams)}, {"ports", ports}};
}

json::object sessions_json(const exchange::Report& report)
{
    json::array sessions;
    for (const auto& session : report.sessions) {
        sessions.push_back(session_json(session));
    }
    return {{"sessions", std::move(sessions)}};
}

json::object shared_objects_json(const objects::Report& report)
{
    json::array all;
    for (const auto& object : report.objects) {
        all.push_back(json::object{{"name", object.name},
                                   {"app", object.app},
                                   {"persistent", object.persistent},
                                   {"version", object.version},
                                   {"slots", object.slots},
                                   {"bytes", object.bytes},
                                   {"clients", object.clients}});
    }
    return {{"shared_objects", std::move(all)}};
}

} // namespace millrace::server
