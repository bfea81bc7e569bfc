// Frames as the bytes that RTMP players get.
#pragma once

#include <millrace/flv/delivery.hpp>
#include <millrace/media/container.hpp>
#include <millrace/rtmp/chunk_writer.hpp>

namespace millrace::rtmp {

/// Tracks and frames in, a chunk stream out, with messages of audio, video and data for one message stream
/// (RTMP 1.0 §5.3, §7.1).
///
/// What is fixed for all players is fixed here: chunks of kPlayChunkSize (the session has to announce that),
/// the message stream, and chunk streams that no session uses for anything else. The prologue has full
/// headers only, and each chunk stream begins again with one after a frame with `join`, so that the two fit
/// together at every join point.
class Muxer : public media::Muxer {
public:
    /// `stream`: the message stream id that players were given by createStream. `options`: which tracks they
    /// get and how; without any, all of them as they came.
    explicit Muxer(std::uint32_t stream = 1, flv::Options options = {}) : stream_{stream}, delivery_{options}
    {
    }

    /// onMetaData (made from the tracks when the source gave none), other metadata, then the sequence
    /// headers.
    void prologue(const media::Head& head, MediaTime at, media::Pieces& out) const override;

    /// The sequence header, if the codec has one. The output may be thrown away, to make the track known.
    void write(const media::Track& track, MediaTime at, media::Pieces& out) override;
    void write(const media::Metadata& metadata, MediaTime at, media::Pieces& out) override;
    /// Writes nothing for a frame whose track was never written, or which is longer than a message can be (16
    /// MiB).
    void write(const media::Frame& frame, bool join, media::Pieces& out) override;
    void forget(media::TrackId track, MediaTime at, media::Pieces& out) override;
    std::optional<media::TrackId> picture() const override { return delivery_.picture(); }

private:
    void put_all(std::vector<flv::Body> bodies, MediaTime at, media::Pieces& out);

    std::uint32_t stream_;
    ChunkWriter writer_{kPlayChunkSize};
    flv::Delivery delivery_;
};

} // namespace millrace::rtmp
