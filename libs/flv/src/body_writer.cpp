#include "codec_ids.hpp"
#include "enhanced.hpp"
#include "legacy.hpp"
#include <millrace/flv/body.hpp>

namespace millrace::flv {

using media::Kind;

Body write_body(const media::Track& track, const media::Frame& frame)
{
    switch (frame.kind) {
    case Kind::data:
        return {.type = TagType::script, .payload = frame.payload};
    case Kind::video: {
        const auto origin = origin_of(track);
        return {.type = TagType::video,
                .lead = is_enhanced(origin) ? enhanced::video_lead(origin, frame)
                                            : legacy::video_lead(origin, frame),
                .payload = frame.payload};
    }
    case Kind::audio:
        break;
    }
    if (frame.payload.empty()) {
        return {.type = TagType::audio}; // silence
    }
    const auto origin = origin_of(track);
    return {.type = TagType::audio,
            .lead = is_enhanced(origin) ? enhanced::audio_lead(origin) : legacy::audio_lead(origin),
            .payload = frame.payload};
}

std::optional<Body> write_config(const media::Track& track)
{
    if (track.config.empty() || track.kind == Kind::data) {
        return std::nullopt;
    }
    const auto origin = origin_of(track);
    auto lead = is_enhanced(origin) ? enhanced::config_lead(track.kind, origin)
                                    : legacy::config_lead(track.kind, origin);
    if (lead.empty()) {
        return std::nullopt;
    }
    return Body{.type = track.kind == Kind::video ? TagType::video : TagType::audio,
                .lead = std::move(lead),
                .payload = track.config};
}

} // namespace millrace::flv
