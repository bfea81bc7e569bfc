// From messages to a chunk stream (RTMP 1.0 §5.3).
#pragma once

#include <millrace/base/shared_bytes.hpp>
#include <millrace/rtmp/message.hpp>

#include <span>
#include <vector>

namespace millrace::rtmp {

/// The header of a message without its payload, which may stand in several pieces.
struct MessageHead {
    std::uint32_t csid = 0;
    std::uint32_t stream = 0;
    std::uint32_t timestamp = 0; ///< Milliseconds, modulo 2^32.
    MessageType type = {};
};

/// Writes an RTMP chunk stream: whole messages in, bytes out (RTMP 1.0 §5.3).
///
/// The first message of a chunk stream has a full header (fmt 0), as has one whose time goes backwards or
/// whose message stream differs; others have fmt 1 or 2, never fmt 3, which readers disagree on.
class ChunkWriter {
public:
    /// Expects: a chunk size of 1 to 16777215, here and below.
    explicit ChunkWriter(std::uint32_t chunk_size = 128) : chunk_size_{chunk_size} {}

    /// Takes effect from the next message on. The caller sends the Set Chunk Size message.
    void set_chunk_size(std::uint32_t bytes) { chunk_size_ = bytes; }
    std::uint32_t chunk_size() const { return chunk_size_; }

    /// Appends the message, copying its payload. Expects: csid 2 to 65599, a payload of at most 16777215
    /// bytes.
    void write(Bytes& out, const MessageHead& head, ByteView payload);
    void write(Bytes& out, const Message& message);

    /// Appends the message as pieces: heads that are made here, and the payload's own bytes, shared. `lead`
    /// stands at the front of the payload (an FLV tag body's head, usually under 64 bytes) and is copied. All
    /// that is copied stands in one allocation.
    void write(std::vector<SharedBytes>& out, const MessageHead& head, ByteView lead,
               const SharedBytes& payload);

    /// Forgets all header state, so that the next message of each chunk stream has a full header.
    void restart() { streams_.clear(); }
    /// The same for one chunk stream.
    void restart(std::uint32_t csid);

private:
    struct Previous {
        std::uint32_t csid = 0;
        std::uint32_t stream = 0;
        std::uint32_t timestamp = 0;
        std::uint32_t length = 0;
        MessageType type = {};
    };

    struct Heads;

    Heads begin(const MessageHead& head, std::size_t length);

    std::uint32_t chunk_size_;
    std::vector<Previous> streams_;
};

} // namespace millrace::rtmp
