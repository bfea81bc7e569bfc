#include "codec_ids.hpp"
#include "colour_info.hpp"
#include "enhanced.hpp"
#include "legacy.hpp"
#include <millrace/base/reader.hpp>
#include <millrace/flv/body.hpp>

namespace millrace::flv {

using media::Kind;

namespace {

TagType type_of(const media::Track& track)
{
    return track.kind == Kind::video ? TagType::video : TagType::audio;
}

} // namespace

Form whole_form(const media::Track& track)
{
    const auto origin = origin_of(track);
    if (is_enhanced(origin)) {
        return {.origin = origin, .numbered = track.number > 0, .nanoseconds = true};
    }
    if (const auto code = four_cc_of(track); track.number > 0 && code != 0) {
        return {.origin = code, .numbered = true, .nanoseconds = true}; // a number takes a FourCC
    }
    return {.origin = origin};
}

Body write_body(const media::Track& track, const media::Frame& frame, const Form& form)
{
    if (frame.kind == Kind::data) {
        return {.type = TagType::script, .payload = frame.payload};
    }
    if (frame.kind == Kind::audio && frame.payload.empty() && !form.numbered) {
        return {.type = TagType::audio}; // silence
    }
    auto lead = is_enhanced(form.origin)    ? enhanced::frame_lead(track, frame, form)
                : frame.kind == Kind::video ? legacy::video_lead(form.origin, frame)
                                            : legacy::audio_lead(form.origin);
    return {.type = type_of(track), .lead = std::move(lead), .payload = frame.payload};
}

Body write_body(const media::Track& track, const media::Frame& frame)
{
    return write_body(track, frame, whole_form(track));
}

std::optional<Body> write_config(const media::Track& track, const Form& form)
{
    if (track.config.empty() || track.kind == Kind::data) {
        return std::nullopt;
    }
    auto lead = is_enhanced(form.origin) ? enhanced::config_lead(track, form)
                                         : legacy::config_lead(track.kind, form.origin);
    if (lead.empty()) {
        return std::nullopt;
    }
    return Body{.type = type_of(track), .lead = std::move(lead), .payload = track.config};
}

std::optional<Body> write_config(const media::Track& track)
{
    return write_config(track, whole_form(track));
}

std::optional<Body> write_colour(const media::Track& track, const Form& form)
{
    if (track.kind != Kind::video || !is_enhanced(form.origin)) {
        return std::nullopt;
    }
    return Body{.type = TagType::video,
                .lead = enhanced::colour_lead(track, form),
                .payload = SharedBytes{write_colour_info(track.colour)}};
}

std::optional<Body> write_layout(const media::Track& track, const Form& form)
{
    if (track.kind != Kind::audio || !track.layout || !is_enhanced(form.origin)) {
        return std::nullopt;
    }
    Body body{.type = TagType::audio, .lead = enhanced::layout_lead(track, form)};
    ByteWriter out{body.lead};
    enhanced::write(out, *track.layout);
    return body;
}

} // namespace millrace::flv
