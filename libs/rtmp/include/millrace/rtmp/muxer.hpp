// Frames as the bytes that RTMP players get.
#pragma once

#include <millrace/flv/delivery.hpp>
#include <millrace/media/container.hpp>
#include <millrace/rtmp/chunk_writer.hpp>

#include <memory>

namespace millrace::rtmp {

class AggregateWriter;

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
    explicit Muxer(std::uint32_t stream = 1, flv::Options options = {});
    ~Muxer() override;
    Muxer(Muxer&&) noexcept;
    Muxer& operator=(Muxer&&) noexcept;

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

    /// From here on frames are put together into aggregate messages (RTMP 1.0 §7.1.6), except those with
    /// `join` and those that do not fit one: for players that have had plain messages before, because FFmpeg
    /// cannot begin with an aggregate.
    void gather();
    /// Writes the aggregate message of what was gathered; nothing when there is none.
    void finish(media::Pieces& out);
    std::optional<media::TrackId> picture() const override { return delivery_.picture(); }

private:
    void put_all(std::vector<flv::Body> bodies, MediaTime at, media::Pieces& out);

    std::uint32_t stream_;
    ChunkWriter writer_{kPlayChunkSize};
    flv::Delivery delivery_;
    std::unique_ptr<AggregateWriter> gathered_; ///< From gather() on.
};

} // namespace millrace::rtmp
