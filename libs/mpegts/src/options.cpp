#include "sound.hpp"
#include <millrace/mpegts/muxer.hpp>

#include <charconv>

namespace millrace::mpegts {
namespace {

using media::Codec;
using media::Kind;

std::optional<std::uint8_t> number_of(std::string_view text)
{
    std::uint8_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

void apply(Options& options, std::string_view name, std::string_view value)
{
    if (name == "tracks" && (value == "all" || value == "default")) {
        options.multitrack = value == "all";
    } else if (name == "video_track") {
        options.video = number_of(value);
    } else if (name == "audio_track") {
        options.audio = number_of(value);
    }
}

/// Why no program can have it; empty when one can.
std::string_view unfit(const media::Track& track)
{
    switch (track.codec) {
    case Codec::h264:
    case Codec::h265: return track.config.empty() ? "its parameter sets are not known" : "";
    case Codec::aac: return adts_head(track.config) ? "" : "ADTS cannot say this AAC configuration";
    case Codec::mp3:
    case Codec::ac3:
    case Codec::eac3:
    case Codec::opus:
    case Codec::script: return "";
    default: return "MPEG-TS has no room for this codec";
    }
}

} // namespace

std::string Options::key() const
{
    const Options plain;
    std::string key = multitrack ? "/all" : "";
    if (video) {
        key += "/v" + std::to_string(*video);
    }
    if (audio) {
        key += "/a" + std::to_string(*audio);
    }
    key += id3 ? "/id3" : "";
    if (audio_span != plain.audio_span || tables_every != plain.tables_every ||
        pcr_every != plain.pcr_every) {
        for (const auto span : {audio_span, tables_every, pcr_every}) {
            key += "/" + std::to_string(span.count());
        }
    }
    return key;
}

Options with_query(Options options, std::string_view query)
{
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (const auto equals = pair.find('='); equals != std::string_view::npos) {
            apply(options, pair.substr(0, equals), pair.substr(equals + 1));
        }
    }
    return options;
}

std::string_view left_out(const media::Track& track, const Options& options)
{
    const auto chosen = track.kind == Kind::video ? options.video : options.audio;
    if (track.kind != Kind::data && track.number != chosen.value_or(0) && (chosen || !options.multitrack)) {
        return "not asked for";
    }
    if (track.kind == Kind::data && (track.codec != Codec::script || track.number != 0)) {
        return "MPEG-TS has no room for this codec";
    }
    return unfit(track);
}

} // namespace millrace::mpegts
