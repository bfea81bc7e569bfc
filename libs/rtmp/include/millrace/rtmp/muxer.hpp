// Frames as the bytes that RTMP players get.
#pragma once

#include <millrace/flv/body.hpp>
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
    /// The message stream id that players were given by createStream.
    explicit Muxer(std::uint32_t stream = 1) : stream_{stream} {}

    /// onMetaData (made from the tracks when the source gave none), other metadata, then the sequence
    /// headers.
    void prologue(const media::Head& head, MediaTime at, media::Pieces& out) const override;

    /// The sequence header, if the codec has one. The output may be thrown away, to make the track known.
    void write(const media::Track& track, MediaTime at, media::Pieces& out) override;
    void write(const media::Metadata& metadata, MediaTime at, media::Pieces& out) override;
    /// Writes nothing for a frame whose track was never written, or which is longer than a message can be (16
    /// MiB).
    void write(const media::Frame& frame, bool join, media::Pieces& out) override;

private:
    std::uint32_t stream_;
    ChunkWriter writer_{kPlayChunkSize};
    std::vector<media::Track> tracks_;
};

} // namespace millrace::rtmp
