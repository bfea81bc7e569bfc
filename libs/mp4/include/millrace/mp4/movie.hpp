// What an MP4 or QuickTime file holds, and where: tracks and samples (ISO/IEC 14496-12).
#pragma once

#include <millrace/media/frame.hpp>
#include <millrace/mp4/error.hpp>

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace millrace::mp4 {

/// How much one file may make us hold or loop over.
struct Limits {
    std::size_t head_bytes = std::size_t{64} << 20U; ///< `moov` and all `moof` together.
    std::size_t boxes = 1000000;                     ///< At the top of the file.
    std::size_t tracks = 32;                         ///< Of known codecs; more are left out.
    std::uint32_t samples = 1U << 24U;               ///< Of one track's tables, or of one fragment.
    std::uint32_t sample_bytes = 16U << 20U;         ///< Of one sample; bigger ones are left out.
};

/// Where one access unit stands in the file, and when it is due.
struct Sample {
    std::size_t track = 0; ///< Place in Movie::tracks().
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    MediaTime dts;
    std::chrono::nanoseconds composition{0};
    bool key = true;

    friend bool operator==(const Sample&, const Sample&) = default;
};

/// What was left out, by name: "unknown_codec", "encrypted_track", "unreadable_config", …
using Counters = std::map<std::string_view, std::uint64_t>;

/// The tracks of a file and the way to its samples. Holds the file's own tables and nothing unpacked, so that
/// it costs as many bytes as they have. Immutable: any number of walkers, on any threads, may read it.
class Movie {
public:
    struct Parts;

    explicit Movie(std::shared_ptr<const Parts> parts) : parts_{std::move(parts)} {}

    /// In the order of the file, with ids from 0.
    const std::vector<media::Track>& tracks() const;
    /// From the first sample of any track to the end of the last.
    std::chrono::nanoseconds duration() const;
    /// Decode time of the last sample of all.
    MediaTime last() const;
    bool fragmented() const;
    const Counters& counters() const;

    /// Walks through the samples of some tracks, in the order of their decode times.
    class Walker {
    public:
        /// Begins at the first samples. Expects: `tracks` are places in Movie::tracks(), each once.
        Walker(const Movie& movie, const std::vector<std::size_t>& tracks);
        ~Walker();
        Walker(Walker&&) noexcept;
        Walker& operator=(Walker&&) noexcept;

        /// The next sample; none at the end of all tracks.
        std::optional<Sample> next();

        /// Goes to the last key frame whose decode time is not after `at` of the first video track, or of the
        /// first track when there is no video; to the beginning when there is none. Other tracks go on with
        /// their first sample at or after that key frame's time. Gives its decode time.
        /// Cost: a look at each table entry before it.
        MediaTime seek(MediaTime at);

    private:
        struct State;
        std::unique_ptr<State> state_;
    };

private:
    std::shared_ptr<const Parts> parts_;
};

} // namespace millrace::mp4
