#include "live_form.hpp"

#include "flv_packaging.hpp"
#include <millrace/mpegts/muxer.hpp>

#include <algorithm>

namespace millrace::doors {
namespace {

LiveForm flv_form(std::string_view query)
{
    const auto options = flv_options(query);
    return {
        .protocol = "flv",
        .content_type = kFlvType,
        .packaging = flv_packaging(options),
        .refusal =
            [options](const std::vector<media::Track>& tracks) { return flv::refusal(tracks, options); },
        .describe = [options](const hub::Stream& stream,
                              exchange::SessionInfo& info) { describe_flv_tracks(options, stream, info); }};
}

std::string ts_refusal(const std::vector<media::Track>& tracks, const mpegts::Options& options)
{
    std::string why;
    for (const auto& track : tracks) {
        if (track.kind == media::Kind::data) {
            continue;
        }
        const auto reason = mpegts::left_out(track, options);
        if (reason.empty()) {
            return {};
        }
        why += (why.empty() ? "" : "; ") + std::string{name(track.kind)} + " " +
               std::to_string(track.number) + " (" + std::string{name(track.codec)} +
               "): " + std::string{reason};
    }
    return why.empty() ? why : "no track of this stream can go out as MPEG-TS: " + why;
}

LiveForm ts_form(std::string_view query)
{
    const auto options = mpegts::with_query({}, query);
    return {
        .protocol = "ts",
        .content_type = kTsType,
        .packaging = {.key = "ts" + options.key(),
                      .make = [options] { return std::make_unique<mpegts::Muxer>(options); }},
        .refusal = [options](const std::vector<media::Track>& tracks) { return ts_refusal(tracks, options); },
        .describe =
            [options](const hub::Stream& stream, exchange::SessionInfo& info) {
                for (const auto& track : stream.head().tracks) {
                    if (track.kind != media::Kind::data) {
                        info.tracks.push_back({track.kind, track.number, track.codec,
                                               std::string{mpegts::left_out(track, options)}});
                    }
                }
            }};
}

} // namespace

LiveForm live_form(const Target& target)
{
    return target.ending == kTsEnding ? ts_form(target.query) : flv_form(target.query);
}

std::optional<SiteReply> refuse(const std::string& name, const LiveForm& form, const hub::Stream& stream)
{
    if (const auto why = form.refusal(stream.head().tracks); !why.empty()) {
        return problem(404, name + ": " + why);
    }
    if (!stream.has_room(form.packaging)) {
        return problem(503, name + ": too many players want this stream in forms of their own; ask for the "
                                   "default tracks");
    }
    return std::nullopt;
}

} // namespace millrace::doors
