// The two interfaces that every container implements: bytes to frames, and frames to bytes.
#pragma once

#include <millrace/base/result.hpp>
#include <millrace/media/frame.hpp>

#include <optional>
#include <variant>
#include <vector>

namespace millrace::media {

/// Stream-wide information that a source gives, such as FLV's onMetaData: the newest of each name is given
/// to whoever joins late.
struct Metadata {
    std::string name;   ///< "onMetaData".
    SharedBytes values; ///< The AMF0 values that follow the name.

    friend bool operator==(const Metadata&, const Metadata&) = default;
};

/// What a demuxer finds, in the order of the file or stream. A Track stands before the first frame that needs
/// it; the same track again means that its configuration changed.
using Item = std::variant<Track, Metadata, Frame>;

/// Bytes of one container in, tracks and frames out. The bytes may be cut anywhere.
class Demuxer {
public:
    virtual ~Demuxer() = default;

    /// Takes the next bytes. An error is final and repeats.
    virtual Result<> feed(ByteView bytes) = 0;

    /// The next track or frame; none when more bytes are needed.
    virtual std::optional<Item> next() = 0;
};

/// Bytes in pieces, to be read as one: small heads made by a muxer, and payloads shared with the frames.
using Pieces = std::vector<SharedBytes>;

/// All that a reader must know before its first frame.
struct Head {
    std::vector<Track> tracks;
    std::vector<Metadata> metadata;
};

/// Tracks and frames in, bytes of one container out, payloads never copied.
///
/// What is written after a frame with `join` set depends on nothing written before it, so that
/// `prologue` and then the bytes from such a frame on are a whole stream.
class Muxer {
public:
    virtual ~Muxer() = default;

    /// What stands before the first frame of a reader that begins at time `at`. Changes nothing in this
    /// muxer.
    virtual void prologue(const Head& head, MediaTime at, Pieces& out) const = 0;

    /// A track that appeared or whose configuration changed in mid-stream.
    virtual void write(const Track& track, MediaTime at, Pieces& out) = 0;
    /// Metadata that changed in mid-stream.
    virtual void write(const Metadata& metadata, MediaTime at, Pieces& out) = 0;
    virtual void write(const Frame& frame, bool join, Pieces& out) = 0;

    /// A track that will not come again; another may take its place among those that are written.
    virtual void forget(TrackId track, MediaTime at, Pieces& out)
    {
        static_cast<void>(track);
        static_cast<void>(at);
        static_cast<void>(out);
    }
    /// Writes what was held back, to be written together with what would have come.
    virtual void flush(Pieces& out) { static_cast<void>(out); }
    /// The video track with whose key frames a reader of what is written begins, where the muxer chooses
    /// among several; none where the caller decides.
    virtual std::optional<TrackId> picture() const { return std::nullopt; }
};

} // namespace millrace::media
