// What a packager knows of a track and of a rendition.
#pragma once

#include <millrace/hls/packager.hpp>

namespace millrace::hls {

/// A track of the source.
struct Packager::Lane {
    media::Track track;
    std::deque<media::Frame> held; ///< Waiting for the leader to come as far.
    Seat* seat = nullptr;          ///< None: no rendition has it.
    std::string why_not;
    bool present = true;
    bool fresh = false; ///< Its configuration changed: its frames wait for the next segment.
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
