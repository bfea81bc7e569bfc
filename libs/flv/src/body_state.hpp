// What a reader of bodies knows of its source.
#pragma once

#include "part.hpp"
#include "script.hpp"
#include <millrace/flv/body.hpp>

namespace millrace::flv {

struct BodyReader::State {
    /// A track as it was told, and without what others than its configuration add to it.
    struct Known {
        media::Track own;
        media::Track told;
    };
    /// What comes in packets of its own, also ahead of the track.
    struct Extras {
        std::optional<media::Colour> colour;
        std::optional<media::ChannelLayout> layout;
    };

    explicit State(Limits with) : limits{with} {}

    // body_reader.cpp: one function a kind of part
    void take(media::Kind kind, std::uint32_t timestamp, Part part);
    void take_config(media::Kind kind, Part part);
    void take_frame(media::Kind kind, std::uint32_t timestamp, Part part);
    void take_script(std::uint32_t timestamp, const SharedBytes& body);
    void take_metadata(Script script);
    void take_silence(std::uint32_t timestamp, std::uint8_t number);
    void repair_config(Part& part);
    void repair_payload(const media::Track& track, Part& part);

    // body_tracks.cpp: tracks, and what tells about them
    void take_colour(const Part& part);
    void take_layout(const Part& part);
    Known* find(media::TrackId id);
    Extras* extras_of(media::TrackId id);
    bool has_room(media::TrackId id);
    bool knows_track_of(media::Kind kind, const Part& part);
    void tell(media::Track own);
    void tell_again(media::TrackId id);

    void count(std::string_view name) { ++counters[name]; }

    Limits limits;
    std::map<media::TrackId, Known> known;
    std::map<media::TrackId, Extras> extras;
    bool data = false; ///< Whether the data track was told.
    std::optional<media::Metadata> metadata;
    HintsByTrack hints;
    Counters counters;
    Parts parts; ///< Of the body at hand.
    std::deque<media::Item> items;
};

} // namespace millrace::flv
