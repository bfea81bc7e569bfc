#include "flv_packaging.hpp"

#include <millrace/flv/muxer.hpp>

namespace millrace::doors {

flv::Options flv_options(std::string_view query)
{
    return flv::with_query(flv::Options::plain(), query);
}

hub::Packaging flv_packaging(const flv::Options& options)
{
    return {.key = "flv" + options.key(),
            .make = [options] { return std::make_unique<flv::Muxer>(options); }};
}

void describe_flv_tracks(const flv::Options& options, const hub::Stream& stream, exchange::SessionInfo& info)
{
    for (const auto& choice : flv::choose(stream.head().tracks, options)) {
        if (choice.track.kind != media::Kind::data) {
            info.tracks.push_back(
                {choice.track.kind, choice.track.number, choice.track.codec, choice.left_out});
        }
    }
}

} // namespace millrace::doors
