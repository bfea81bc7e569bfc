// FLV files and streams, written (FLV 10.1 §E.2 to §E.4).
#pragma once

#include <millrace/flv/delivery.hpp>

namespace millrace::flv {

/// Writes an FLV file or stream: tracks, metadata and frames in, tags out; payloads are shared, never copied.
///
/// A track must be told by `write(track)` before its frames, also when it stood in a prologue, which leaves
/// no trace in the muxer. Which tracks are written, and how, its Options say: without any, all of them as
/// they came. Timestamps are decode times in milliseconds, modulo 2^32.
class Muxer final : public media::Muxer {
public:
    explicit Muxer(Options options = {}) : delivery_{options} {}

    /// The FLV header, onMetaData (made from the tracks when the head has none), other metadata, sequence
    /// headers.
    void prologue(const media::Head& head, MediaTime at, media::Pieces& out) const override;

    /// The track's sequence header, when its codec has one.
    void write(const media::Track& track, MediaTime at, media::Pieces& out) override;
    void write(const media::Metadata& metadata, MediaTime at, media::Pieces& out) override;
    /// Nothing is written of a track that was not told, or of a frame too big for a tag (16 MiB).
    void write(const media::Frame& frame, bool join, media::Pieces& out) override;
    void forget(media::TrackId track, MediaTime at, media::Pieces& out) override;
    std::optional<media::TrackId> picture() const override { return delivery_.picture(); }

private:
    Delivery delivery_;
};

} // namespace millrace::flv
