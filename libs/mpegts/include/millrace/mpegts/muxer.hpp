// MPEG-2 transport streams, written (ISO/IEC 13818-1).
#pragma once

#include <millrace/media/container.hpp>
#include <millrace/mpegts/time.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace millrace::mpegts {

/// What a stream is when it goes out as MPEG-TS.
struct Options {
    bool multitrack = false;           ///< All tracks; else one picture and one sound.
    std::optional<std::uint8_t> video; ///< The number of the only picture; 0 when not set.
    std::optional<std::uint8_t> audio; ///< The same for sound.
    bool id3 = false; ///< Announces timed metadata from the beginning, not only when its track is told.

    std::chrono::nanoseconds audio_span =
        std::chrono::milliseconds{40}; ///< Sound gathered in one PES packet.
    std::chrono::nanoseconds tables_every =
        std::chrono::milliseconds{400};    ///< At most between tables; zero: where a reader may begin only.
    std::chrono::nanoseconds pcr_every{0}; ///< At least between clock references; zero: in each picture.

    /// Names it among packagings: "/" and a few characters; empty for the default.
    std::string key() const;

    friend bool operator==(const Options&, const Options&) = default;
};

/// The same, with what a reader asks for in its URL's query: `tracks=all`, `tracks=default`, `video_track=N`,
/// `audio_track=N` (0 to 255). Anything else is left to others.
Options with_query(Options options, std::string_view query);

/// Why a track is not among those that are written; empty when it is.
std::string_view left_out(const media::Track& track, const Options& options);

/// Writes one program: tracks and frames in, whole transport packets out, one copy of each payload.
///
/// Tables, and the clock with its first picture, stand at the beginning of what is written for a frame with
/// `join` set. Continuity counters go on for ever. To begin a segment: flush(), which gives what still
/// belongs to the one before, then a frame with `join` set. A track must be told by `write(track)` before its
/// frames.
class Muxer final : public media::Muxer {
public:
    explicit Muxer(Options options = {});
    ~Muxer() override;
    Muxer(const Muxer&) = delete;
    Muxer& operator=(const Muxer&) = delete;

    /// Nothing: a reader begins with the tables that stand at its join point.
    void prologue(const media::Head& head, MediaTime at, media::Pieces& out) const override;
    /// Nothing at once: the tables say it before the next frame.
    void write(const media::Track& track, MediaTime at, media::Pieces& out) override;
    void write(const media::Metadata& metadata, MediaTime at, media::Pieces& out) override;
    /// Sound may be held back for at most `audio_span`. Nothing is written of a track that was not told or is
    /// left out, of an empty frame, or of one that its format cannot hold.
    void write(const media::Frame& frame, bool join, media::Pieces& out) override;
    void forget(media::TrackId track, MediaTime at, media::Pieces& out) override;
    std::optional<media::TrackId> picture() const override;

    /// Writes the sound that is held back.
    void flush(media::Pieces& out);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace millrace::mpegts
