// The newest GOP of a source that is not on air.
#pragma once

#include <millrace/media/container.hpp>

#include <vector>

namespace millrace::hub {

/// Keeps what a source needs to go on air at once: its tracks, its metadata and its frames from the newest
/// key frame on, with its own times. Where there is no picture, it keeps at most the newest second of sound.
class Reserve {
public:
    struct Limits {
        std::size_t bytes = std::size_t{64} << 20U; ///< Of frames; a longer GOP is let go.
        std::size_t frames = 20000;
        std::size_t tracks = 32;
        std::size_t metadata = 16; ///< By name.
    };

    Reserve() : Reserve{Limits{}} {}
    explicit Reserve(Limits limits) : limits_{limits} {}

    /// Learns tracks and metadata, and forgets what was held: of a source that is on air.
    void know(const media::Item& item);
    /// Keeps an item of a source that is not.
    void take(media::Item item);

    /// Whether what is held begins with a key frame.
    bool ready() const { return !held_.empty(); }
    /// Whether take() has just begun anew at a key frame.
    bool begins() const { return held_.size() == 1; }
    std::size_t bytes() const { return bytes_; }

    /// Metadata, tracks, then what is held; nothing is held afterwards. Sound that belongs before the key
    /// frame is left out.
    std::vector<media::Item> release();

private:
    void learn(const media::Item& item);
    bool is_join(const media::Frame& frame) const;
    void let_go();

    Limits limits_;
    media::Head head_;
    media::Head held_head_; ///< As it stood before the first of what is held.
    std::vector<media::Item> held_;
    std::size_t bytes_ = 0;
};

} // namespace millrace::hub
