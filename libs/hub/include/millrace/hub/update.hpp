// What travels from a publisher to its stream and on to the stream's replicas.
#pragma once

#include <millrace/media/container.hpp>

#include <variant>

namespace millrace::hub {

/// A new publisher did not bring this track again.
struct TrackGone {
    media::TrackId id = 0;

    friend bool operator==(const TrackGone&, const TrackGone&) = default;
};

/// One step of a timeline, its times being the stream's.
using Update = std::variant<media::Track, media::Metadata, media::Frame, TrackGone>;

} // namespace millrace::hub
