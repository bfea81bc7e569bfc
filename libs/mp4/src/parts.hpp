// What a Movie is made of.
#pragma once

#include "fragment.hpp"
#include "track_header.hpp"

namespace millrace::mp4 {

struct Movie::Parts {
    struct Track {
        TrackHeader header;
        SampleTables tables; ///< Views of `moov`.
        FragmentDefaults defaults;
        std::vector<std::int64_t> begins; ///< Of each fragment, in the track's units.
        std::chrono::nanoseconds shift{
            0}; ///< Added to all times: edit list, and no track begins before zero.
    };

    Limits limits;
    std::uint64_t file_bytes = 0;
    SharedBytes moov; ///< Without its head.
    std::vector<Fragment> fragments;
    std::vector<media::Track> media;
    std::vector<Track> tracks; ///< Beside `media`.
    std::chrono::nanoseconds duration{0};
    MediaTime last{};
    Counters counters;
};

/// A time of a track on the movie's timeline.
std::chrono::nanoseconds to_time(std::int64_t units, std::uint32_t timescale);

/// All samples of one track: those of the tables, then those of the fragments.
class TrackCursor {
public:
    TrackCursor(const Movie::Parts& parts, std::size_t track);

    /// The next sample, which stays until take(); null at the end.
    const Sample* peek();
    void take() { ready_ = false; }

private:
    std::optional<RawSample> next_raw();

    const Movie::Parts* parts_;
    std::size_t track_;
    TableCursor tables_;
    std::size_t fragment_ = 0;
    std::shared_ptr<const std::vector<RawSample>> samples_; ///< Of the fragment before that one.
    std::size_t at_ = 0;
    Sample sample_;
    bool ready_ = false;
};

} // namespace millrace::mp4
