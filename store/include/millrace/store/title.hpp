// A file as somebody plays it: items from any place on.
#pragma once

#include <millrace/media/container.hpp>
#include <millrace/store/folder.hpp>

namespace millrace::store {

/// One reader of one FLV or MP4 file. Times are the file's own and never negative. Its calls block as reading
/// of files does, so they belong on a thread that nobody waits for; one at a time.
class Title {
public:
    Title() = default;
    virtual ~Title() = default;
    Title(const Title&) = delete;
    Title& operator=(const Title&) = delete;

    /// What a player must know at the present place. onMetaData tells the duration, and nothing that is only
    /// right for the file as it stands.
    virtual const media::Head& head() const = 0;
    virtual std::chrono::milliseconds duration() const = 0;

    /// Goes to the last key frame at or before `at`, or to the begin when there is none; gives its time.
    /// Where there is no picture, to a place of the sound within the second before. Errors: what the system
    /// says.
    virtual Result<MediaTime> seek(MediaTime at) = 0;

    /// Reads about so many bytes (at least one frame, however big) and appends what is in them. False at the
    /// end. Errors: what the system says.
    virtual Result<bool> read(std::size_t bytes, std::vector<media::Item>& out) = 0;

    /// Of the present place in an FLV file; none in other files.
    virtual std::optional<std::uint64_t> position() const { return std::nullopt; }
};

} // namespace millrace::store
