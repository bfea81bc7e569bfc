// The promise of bodies: what was read is written as the same bytes.
#pragma once

#include "bodies.hpp"

#include <map>

namespace millrace::flv {

/// Feeds bodies of any kind. What each of them gives is written, and must be read as the same by a second
/// reader; what has one track and nothing unknown in it is written as the same bytes.
class RoundTrip {
public:
    /// False when the promise is broken.
    bool feed(TagType type, std::uint32_t timestamp, ByteView body)
    {
        const auto repaired = count("annex_b_payload");
        reader_.feed(type, timestamp, SharedBytes::copy_of(body));
        bool good = true;
        while (const auto item = reader_.next()) {
            if (const auto* track = std::get_if<media::Track>(&*item)) {
                tracks_[track->id] = *track;
                good = good && tells_again(*track);
            } else if (const auto* frame = std::get_if<media::Frame>(&*item)) {
                good =
                    good && gives_back(*frame, type, timestamp, body, count("annex_b_payload") != repaired);
            }
        }
        return good;
    }

private:
    std::uint64_t count(std::string_view name) const
    {
        const auto found = reader_.counters().find(name);
        return found != reader_.counters().end() ? found->second : 0;
    }

    static std::optional<media::Track> read_track(const std::vector<std::optional<Body>>& bodies)
    {
        BodyReader other;
        std::optional<media::Track> told;
        for (const auto& body : bodies) {
            if (body) {
                other.feed(body->type, 0, SharedBytes{joined(*body)});
            }
            while (const auto item = other.next()) {
                if (const auto* again = std::get_if<media::Track>(&*item)) {
                    told = *again;
                }
            }
        }
        return told;
    }

    /// A track that was told can be told to another reader in the same words.
    static bool tells_again(const media::Track& track)
    {
        const auto form = whole_form(track);
        const auto config = write_config(track, form);
        if (!config) {
            return true;
        }
        const auto again = read_track({config, write_colour(track, form), write_layout(track, form)});
        const bool whole = form.origin == track.origin; // else an old form, which has no number
        return again && again->config == track.config && again->codec == track.codec &&
               (!whole || (again->origin == track.origin && again->id == track.id)) &&
               (form.origin <= 0xff || (again->colour == track.colour && again->layout == track.layout));
    }

    /// Whether a frame is written as what gives it again.
    static bool reads_again(const media::Track& track, const media::Frame& frame)
    {
        BodyReader other;
        if (const auto config = write_config(track)) {
            other.feed(config->type, 0, SharedBytes{joined(*config)});
        }
        const auto body = write_body(track, frame);
        if (frame.payload.empty() && !track.config.data()) {
            return true; // silence tells no track by itself
        }
        other.feed(body.type, static_cast<std::uint32_t>(to_ms(frame.dts)), SharedBytes{joined(body)});
        while (const auto item = other.next()) {
            if (const auto* again = std::get_if<media::Frame>(&*item)) {
                return *again == frame;
            }
        }
        return false;
    }

    bool gives_back(const media::Frame& frame, TagType type, std::uint32_t timestamp, ByteView body,
                    bool repaired)
    {
        const auto found = tracks_.find(frame.track);
        if (found == tracks_.end() || frame.dts != media_ms(timestamp)) {
            return false;
        }
        const auto& track = found->second;
        const auto written = write_body(track, frame);
        if (written.type != type || (type != TagType::script && !reads_again(track, frame))) {
            return false;
        }
        const auto bytes = joined(written);
        if (repaired || std::ranges::equal(bytes, body)) {
            return true;
        }
        if (type == TagType::script) { // @setDataFrame was taken off
            return std::ranges::equal(bytes, body.last(std::min(bytes.size(), body.size())));
        }
        const unsigned packet = body[0] & 15U;
        if (type == TagType::audio) { // an end of sequence is written as silence; several tracks, ModEx
            return body[0] >> 4U == 9 && (packet == 2 || packet == 5 || packet == 7);
        }
        // A composition offset of zero was left out; several tracks, ModEx.
        const bool shortened = packet == 1 && frame.composition.count() == 0 && (bytes[0] & 0x8fU) == 0x83 &&
                               bytes.size() + 3 == body.size();
        return (body[0] & 0x80U) != 0 && (shortened || packet == 6 || packet == 7);
    }

    BodyReader reader_;
    std::map<media::TrackId, media::Track> tracks_;
};

} // namespace millrace::flv
