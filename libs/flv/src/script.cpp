#include "script.hpp"

#include <millrace/amf/amf0.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace millrace::flv {
namespace {

constexpr std::string_view kSetDataFrame = "@setDataFrame";
constexpr std::string_view kClearDataFrame = "@clearDataFrame";
constexpr std::string_view kMetadata = "onMetaData";
constexpr std::string_view kSampleAccess = "|RtmpSampleAccess";

/// Room for the key frame index of a file of many hours.
constexpr amf::Limits kLimits{.items = 32768, .values = 70000};

constexpr double kMaxPixels = 65536; ///< In one direction.
constexpr double kMaxFps = 1000;
constexpr double kMaxRate = 1e6; ///< Hertz.
constexpr double kMaxChannels = 255;

Script refused(std::string_view reason)
{
    return {.reason = reason};
}

double number_of(const amf::Value& values, std::string_view name, double most)
{
    const auto* value = values.find(name);
    const double number = value != nullptr ? value->number_or(0) : 0;
    return std::isfinite(number) && number > 0 && number <= most ? number : 0;
}

Hints video_hints(const amf::Value& values)
{
    return {.width = static_cast<std::uint32_t>(number_of(values, "width", kMaxPixels)),
            .height = static_cast<std::uint32_t>(number_of(values, "height", kMaxPixels)),
            .fps = number_of(values, "framerate", kMaxFps)};
}

bool only_zeros(ByteView bytes)
{
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

Hints audio_hints(const amf::Value& values)
{
    return {.sample_rate = static_cast<std::uint32_t>(number_of(values, "audiosamplerate", kMaxRate)),
            .channels = static_cast<std::uint32_t>(number_of(values, "audiochannels", kMaxChannels))};
}

/// More than any encoder sends; what is beyond is not looked at.
constexpr std::size_t kMostTracks = 16;

void add_tracks(HintsByTrack& hints, const amf::Value* map, media::Kind kind)
{
    if (map == nullptr) {
        return;
    }
    for (const auto& [name, values] : map->members()) {
        const auto number = track_number(name);
        if (number && *number > 0 && hints.size() < 2 * kMostTracks) {
            hints[media::track_id(kind, *number)] =
                kind == media::Kind::video ? video_hints(values) : audio_hints(values);
        }
    }
}

HintsByTrack hints_of(const amf::Value& values)
{
    HintsByTrack hints;
    hints[media::track_id(media::Kind::video, 0)] = video_hints(values);
    hints[media::track_id(media::Kind::audio, 0)] = audio_hints(values);
    add_tracks(hints, values.find(kVideoTracks), media::Kind::video);
    add_tracks(hints, values.find(kAudioTracks), media::Kind::audio);
    return hints;
}

/// Its values, all of them read once, so that nothing broken is passed on to players.
Script read_metadata(amf::Amf0Reader& in, const SharedBytes& body)
{
    Script script{.what = Script::What::metadata};
    script.metadata = {.name = std::string{kMetadata}, .values = body.slice(in.position())};
    const auto begin = in.position();
    bool first = true;
    while (!in.at_end()) {
        const auto value = in.next();
        if (!value) {
            return refused("bad_script");
        }
        if (first) {
            script.hints = hints_of(*value);
            if (only_zeros(body.view().subspan(in.position()))) {
                // Quirk: recorders leave room behind the values, to write an index there at the end.
                script.metadata.values = body.slice(begin, in.position() - begin);
                return script;
            }
        }
        first = false;
    }
    return first ? refused("bad_script") : script;
}

// script := ["@setDataFrame"] name value*
Script read_with(amf::Amf0Reader& in, const SharedBytes& body)
{
    auto name = in.next();
    std::size_t begin = 0;
    if (name && name->text() == kSetDataFrame) {
        begin = in.position();
        name = in.next();
    }
    if (!name || name->as<std::string>() == nullptr) {
        return refused("bad_script");
    }
    const auto text = name->text();
    if (text == kMetadata) {
        return read_metadata(in, body);
    }
    if (text == kSampleAccess) {
        return refused("sample_access");
    }
    if (text == kClearDataFrame) {
        return {.what = Script::What::cleared};
    }
    return {.what = Script::What::data, .body = body.slice(begin)};
}

} // namespace

std::optional<std::uint8_t> track_number(std::string_view name)
{
    std::uint8_t number = 0;
    const auto* const end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data(), end, number);
    return error == std::errc{} && at == end ? std::optional{number} : std::nullopt;
}

Script read_script(const SharedBytes& body)
{
    amf::Amf0Reader in{body, kLimits};
    auto script = read_with(in, body);
    script.tolerated = in.counters();
    return script;
}

} // namespace millrace::flv
