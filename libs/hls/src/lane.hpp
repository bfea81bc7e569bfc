// What a packager knows of a track and of a rendition.
#pragma once

#include <millrace/hls/packager.hpp>

namespace millrace::hls {

/// A track of the source.
struct Packager::Lane {
    media::Track track;
    std::deque<media::Frame> held; ///< Waiting for the leader to come as far.
    std::vector<Seat*> seats;      ///< Those that have it; the one that is measured by it first.
    std::string why_not;           ///< Why no rendition can have it; empty when one can.
    bool present = true;

    bool carried() const { return why_not.empty(); }
    bool is_picture() const { return track.kind == media::Kind::video; }
};

/// A rendition and how far it has come.
struct Packager::Seat {
    explicit Seat(std::unique_ptr<Rendition> made, std::uint64_t msn) : rendition{std::move(made)}, next{msn}
    {
    }

    std::unique_ptr<Rendition> rendition;
    std::uint64_t next; ///< The boundary that it has not yet come to.
};

} // namespace millrace::hls
