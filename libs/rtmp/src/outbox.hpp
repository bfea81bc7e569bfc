// What a session says to its peer: control messages, commands and status, as chunks.
#pragma once

#include <millrace/amf/value.hpp>
#include <millrace/rtmp/message.hpp>

#include <initializer_list>

namespace millrace::rtmp {

/// User control events (RTMP 1.0 §7.1.7); others occur on the wire and are skipped.
enum class UserControl : std::uint16_t {
    stream_begin = 0,
    stream_eof = 1,
    stream_dry = 2,
    set_buffer_length = 3,
    stream_is_recorded = 4,
    ping_request = 6,
    ping_response = 7,
};

/// Writes what a session says: messages in, chunks out, each with a full header, so that nothing written
/// elsewhere on the connection changes how it reads.
class Outbox {
public:
    void acknowledgement(std::uint32_t total);
    void window(std::uint32_t bytes);
    void peer_bandwidth(std::uint32_t bytes);
    void user_control(UserControl event, std::initializer_list<std::uint32_t> values);
    /// Announces the chunk size and uses it from the next message on.
    void set_chunk_size(std::uint32_t bytes);
    /// Uses a chunk size that was announced elsewhere.
    void use_chunk_size(std::uint32_t bytes) { chunk_size_ = bytes; }
    std::uint32_t chunk_size() const { return chunk_size_; }

    /// A command of the connection, on message stream 0.
    void command(std::initializer_list<amf::Value> values, MessageType type = MessageType::command);
    /// A command or data message of a stream.
    void stream_command(std::uint32_t stream, std::initializer_list<amf::Value> values,
                        MessageType type = MessageType::command);

    /// Bytes that are chunks already, or stand before the chunk stream.
    void append(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

    std::size_t size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }
    Bytes take();

private:
    void control(MessageType type, ByteView payload);
    void write(std::uint32_t csid, std::uint32_t stream, MessageType type, ByteView payload);

    Bytes bytes_;
    std::uint32_t chunk_size_ = 128;
};

} // namespace millrace::rtmp
