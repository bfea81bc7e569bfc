// The tracks of a source: what tells them, and when they are told.
#include "body_state.hpp"
#include "codec_ids.hpp"
#include "colour_info.hpp"
#include "enhanced.hpp"
#include "legacy.hpp"
#include <millrace/media/describe.hpp>

namespace millrace::flv {

using media::Kind;
using media::Track;

BodyReader::State::Known* BodyReader::State::find(media::TrackId id)
{
    const auto at = known.find(id);
    return at != known.end() ? &at->second : nullptr;
}

bool BodyReader::State::has_room(media::TrackId id)
{
    if (find(id) != nullptr || known.size() < limits.tracks) {
        return true;
    }
    count("too_many_tracks");
    return false;
}

/// Tells a track when it is new or has changed. Expects: there is room for it.
void BodyReader::State::tell(Track own)
{
    auto told = own;
    if (const auto hint = hints.find(own.id); hint != hints.end()) {
        const auto& [width, height, fps, sample_rate, channels] = hint->second;
        told.width = own.width > 0 ? own.width : width;
        told.height = own.height > 0 ? own.height : height;
        told.fps = own.fps > 0 ? own.fps : fps;
        told.sample_rate = own.sample_rate > 0 ? own.sample_rate : sample_rate;
        told.channels = own.channels > 0 ? own.channels : channels;
    }
    if (const auto extra = extras.find(own.id); extra != extras.end()) {
        told.colour = extra->second.colour;
        told.layout = extra->second.layout;
        if (told.layout && told.channels == 0) {
            told.channels = told.layout->channels;
        }
    }
    const auto* before = find(own.id);
    if (before == nullptr || before->told != told) {
        items.emplace_back(told);
    }
    const auto id = own.id;
    known.insert_or_assign(id, Known{std::move(own), std::move(told)});
}

void BodyReader::State::tell_again(media::TrackId id)
{
    if (const auto* before = find(id)) {
        tell(Track{before->own});
    }
}

BodyReader::State::Extras* BodyReader::State::extras_of(media::TrackId id)
{
    if (const auto at = extras.find(id); at != extras.end()) {
        return &at->second;
    }
    if (extras.size() >= limits.tracks) {
        count("too_many_tracks");
        return nullptr;
    }
    return &extras[id];
}

void BodyReader::State::take_colour(const Part& part)
{
    const auto id = media::track_id(Kind::video, part.number);
    auto info = read_colour_info(part.payload);
    switch (info.what) {
    case ColourInfo::What::broken: return count("bad_colour_info");
    case ColourInfo::What::unknown: return count("unknown_video_metadata");
    case ColourInfo::What::told:
    case ColourInfo::What::reset: break;
    }
    if (auto* extra = extras_of(id)) {
        extra->colour.reset();
        if (info.what == ColourInfo::What::told) {
            extra->colour = info.colour;
        }
        tell_again(id);
    }
}

void BodyReader::State::take_layout(const Part& part)
{
    const auto id = media::track_id(Kind::audio, part.number);
    auto layout = enhanced::read_layout(part.payload);
    if (!layout) {
        return count("bad_multichannel_config");
    }
    if (auto* extra = extras_of(id)) {
        extra->layout = std::move(layout);
        tell_again(id);
    }
}

/// Whether a frame has its track; tells the track when the frame is enough to know it.
bool BodyReader::State::knows_track_of(Kind kind, const Part& part)
{
    const auto id = media::track_id(kind, part.number);
    const auto* before = find(id);
    if (before != nullptr && before->own.codec == part.codec && before->own.origin == part.origin) {
        return true;
    }
    Track track{.id = id, .kind = kind, .number = part.number, .codec = part.codec, .origin = part.origin};
    if (media::needs_config(part.codec)) {
        if (before == nullptr || before->own.codec != part.codec) {
            count("frame_before_config");
            return false;
        }
        track = before->own; // only named otherwise than before
        track.origin = part.origin;
    } else {
        media::describe(track);
        if (kind == Kind::audio && !is_enhanced(track.origin)) {
            legacy::describe_audio(track);
        }
        media::describe_by_frame(track, part.payload);
    }
    if (!has_room(id)) {
        return false;
    }
    tell(std::move(track));
    return true;
}

} // namespace millrace::flv
