#include "play_form.hpp"

#include <millrace/rtmp/muxer.hpp>

#include <algorithm>

namespace millrace::doors {

PlayForm play_form(const rtmp::Capabilities& capabilities, const rtmp::PlayRequested& request,
                   const exchange::Settings& settings, const hub::Stream& stream)
{
    PlayForm form{.options = rtmp::options_for(capabilities)};
    if (settings.refuse_unannounced && !capabilities.codecs) {
        form.options.takes = flv::FourCcs::none();
    }
    form.options = flv::with_query(form.options, request.query);
    form.packaging = {.key = "rtmp/" + std::to_string(request.stream) + form.options.key(),
                      .make = [id = request.stream, options = form.options] {
                          return std::make_unique<rtmp::Muxer>(id, options);
                      }};
    if (const auto why = flv::refusal(stream.head().tracks, form.options); !why.empty()) {
        form.refusal_code = "NetStream.Play.NoSupportedTrackFound";
        form.refusal = request.path + ": " + why;
    } else if (!stream.has_room(form.packaging)) {
        form.refusal_code = "NetStream.Play.Failed";
        form.refusal = request.path +
                       ": too many players want this stream in forms of their own; ask for the "
                       "default tracks";
    }
    return form;
}

bool asks_for_aggregates(std::string_view query)
{
    bool asks = false;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        asks = asks || query.substr(0, end) == "aggregate=1";
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return asks;
}

void describe_tracks(const flv::Options& options, const hub::Stream& stream, exchange::SessionInfo& info)
{
    for (const auto& choice : flv::choose(stream.head().tracks, options)) {
        if (choice.track.kind != media::Kind::data) {
            info.tracks.push_back(
                {choice.track.kind, choice.track.number, choice.track.codec, choice.left_out});
        }
    }
}

} // namespace millrace::doors
