#include "api.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/chrono.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

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

json::object colour_json(const media::Colour& colour)
{
    json::object out{{"dynamic_range", media::dynamic_range(colour)}};
    const auto add = [&out](const char* name, const std::optional<double>& value) {
        if (value) {
            out[name] = *value;
        }
    };
    add("bit_depth", colour.bit_depth);
    add("primaries", colour.primaries);
    add("transfer", colour.transfer);
    add("matrix", colour.matrix);
    add("max_cll", colour.max_cll);
    add("max_fall", colour.max_fall);
    add("max_luminance", colour.max_luminance);
    add("min_luminance", colour.min_luminance);
    return out;
}

json::object track_json(const media::Track& track, const hub::SourceQuality& quality)
{
    json::object out{
        {"kind", media::name(track.kind)}, {"id", track.number}, {"codec", media::name(track.codec)}};
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
    if (track.colour) {
        out["colour"] = colour_json(*track.colour);
    }
    if (track.layout) {
        out["channel_layout"] = media::name(*track.layout);
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
    auto in_order = stream.tracks;
    std::ranges::sort(in_order, {}, [](const media::Track& t) { return std::tuple{t.kind, t.number, t.id}; });
    for (const auto& track : in_order) {
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
    out["jumps"] = stream.jumps;
    out["wraps_24_bit"] = stream.wraps_24_bit;
    out["steps_back"] = stream.steps_back;
    out["warnings"] = json::array(stream.warnings.begin(), stream.warnings.end());
    return out;
}

/// The tracks that a viewer gets, or those that it does not.
json::array shares_json(const exchange::SessionInfo& session, bool left_out)
{
    json::array out;
    for (const auto& share : session.tracks) {
        if (share.left_out.empty() == left_out) {
            continue;
        }
        json::object track{
            {"kind", media::name(share.kind)}, {"id", share.number}, {"codec", media::name(share.codec)}};
        if (left_out) {
            track["reason"] = share.left_out;
        }
        out.push_back(std::move(track));
    }
    return out;
}

json::object session_json(const exchange::SessionInfo& session)
{
    json::object out{
        {"id", session.id},         {"protocol", session.protocol}, {"role", name(session.role)},
        {"stream", session.stream}, {"remote", session.remote},     {"since", rfc3339(session.since)},
        {"state", session.state},   {"bytes_in", session.bytes_in}, {"bytes_out", session.bytes_out},
        {"reason", session.reason}};
    if (!session.network.empty()) {
        json::object network;
        for (const auto& [name, value] : session.network) {
            network[name] = value;
        }
        out["network"] = std::move(network);
    }
    if (session.role == exchange::Role::viewer) {
        out["tracks"] = shares_json(session, false);
        out["tracks_left_out"] = shares_json(session, true);
        out["lag_seconds"] = thousandths(session.lag_seconds);
        out["falls"] = session.falls;
        out["skips"] = session.skips;
        out["skipped_seconds"] = thousandths(session.skipped_seconds);
        if (session.first_frame_seconds) {
            out["first_frame_seconds"] = *session.first_frame_seconds;
        }
        out["stalls"] = session.stalls;
        out["stalled_seconds"] = thousandths(session.stalled_seconds);
        if (session.buffer_seconds) {
            out["buffer_seconds"] = *session.buffer_seconds;
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
