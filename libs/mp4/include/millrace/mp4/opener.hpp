// How an MP4 file is opened without a file: it says which bytes it wants.
#pragma once

#include <millrace/mp4/movie.hpp>

namespace millrace::mp4 {

/// Ranges of a file in, a Movie out: progressive files with their tables before or behind the media, and
/// fragmented ones.
///
/// As long as wants() gives a range, feed() must be called with just these bytes. What a box says of its own
/// size is never believed beyond the file and the limits.
class Opener {
public:
    struct Range {
        std::uint64_t offset = 0;
        std::size_t bytes = 0;
    };

    explicit Opener(std::uint64_t file_bytes) : Opener{file_bytes, Limits{}} {}
    Opener(std::uint64_t file_bytes, Limits limits);
    ~Opener();
    Opener(const Opener&) = delete;
    Opener& operator=(const Opener&) = delete;

    /// What must be read next, within the file; none when all is known.
    std::optional<Range> wants() const;
    /// Takes the range that was wanted. An error is final and repeats.
    /// Errors: not_mp4, bad_box, too_big, too_many_boxes.
    Result<> feed(ByteView bytes);
    /// What was found. Expects: wants() gives none, feed() gave no error. Errors: no_movie, no_tracks,
    /// bad_box.
    Result<Movie> finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace millrace::mp4
