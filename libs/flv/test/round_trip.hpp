// The promise of bodies: what was read is written as the same bytes.
#pragma once

#include "bodies.hpp"

#include <map>

namespace millrace::flv {

/// Feeds bodies of any kind and compares each frame's body with the one that it came from.
class RoundTrip {
public:
    /// False when a body that gave a frame is not given back.
    bool feed(TagType type, std::uint32_t timestamp, ByteView body)
    {
        const auto repaired = count("annex_b_payload");
        reader_.feed(type, timestamp, SharedBytes::copy_of(body));
        bool good = true;
        while (const auto item = reader_.next()) {
            if (const auto* track = std::get_if<media::Track>(&*item)) {
                tracks_[track->id] = *track;
                good = good && has_config_back(*track);
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

    /// A track that was told can be told to another reader in the same words.
    static bool has_config_back(const media::Track& track)
    {
        const auto config = write_config(track);
        if (!config) {
            return true;
        }
        BodyReader other;
        other.feed(config->type, 0, SharedBytes{joined(*config)});
        const auto item = other.next();
        const auto* again = item ? std::get_if<media::Track>(&*item) : nullptr;
        return again != nullptr && again->config == track.config && again->origin == track.origin &&
               again->codec == track.codec;
    }

    bool gives_back(const media::Frame& frame, TagType type, std::uint32_t timestamp, ByteView body,
                    bool repaired)
    {
        const auto track = tracks_.find(frame.track);
        if (track == tracks_.end() || frame.dts != media_ms(timestamp)) {
            return false;
        }
        const auto written = write_body(track->second, frame);
        const auto bytes = joined(written);
        if (written.type != type || repaired) {
            return written.type == type;
        }
        if (std::ranges::equal(bytes, body)) {
            return true;
        }
        if (type == TagType::script) { // @setDataFrame was taken off
            return std::ranges::equal(bytes, body.last(std::min(bytes.size(), body.size())));
        }
        // Enhanced RTMP: a composition offset of zero was left out.
        return type == TagType::video && (body[0] & 0x8fU) == 0x81 && frame.composition.count() == 0 &&
               (bytes[0] & 0x8fU) == 0x83 && bytes.size() + 3 == body.size();
    }

    BodyReader reader_;
    std::map<media::TrackId, media::Track> tracks_;
};

} // namespace millrace::flv
