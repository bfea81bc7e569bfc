// What `trak` says of a track besides its samples (ISO/IEC 14496-12 §8.3 to §8.6).
#pragma once

#include "box.hpp"
#include <millrace/media/track.hpp>
#include <millrace/mp4/movie.hpp>

namespace millrace::mp4 {

struct TrackHeader {
    std::uint32_t number = 0;    ///< track_ID, by which fragments name it.
    std::uint32_t timescale = 0; ///< Units a second.
    std::int64_t shift = 0;      ///< By the edit list, in the track's units: added to each time.
};

/// `trak` without its samples; none when it has no clock. `movie_scale`: units a second of the edit list.
std::optional<TrackHeader> read_track_header(ByteView trak, std::uint32_t movie_scale, Counters& counters);

/// The first description of `stsd` that is known, made a track with its id left 0; which one it is (from 1)
/// comes along. None when there is none; why is counted.
struct Described {
    media::Track track;
    std::uint32_t description = 1;
};
std::optional<Described> read_descriptions(ByteView stsd, Counters& counters);

} // namespace millrace::mp4
