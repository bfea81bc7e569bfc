// What a session says to its peer: control messages, commands and status, as chunks.
#pragma once

#include <millrace/amf/value.hpp>
#include <millrace/rtmp/control.hpp>
#include <millrace/rtmp/message.hpp>

#include <initializer_list>

namespace millrace::rtmp {

/// Writes what a session says: messages in, chunks out, each with a full header, so that nothing written
/// elsewhere on the connection changes how it reads.
class Outbox {
public:
    void control(const Control& control);
    /// Announces the chunk size and uses it from the next message on.
    void set_chunk_size(std::uint32_t bytes);
    /// Uses a chunk size that was announced elsewhere.
    void use_chunk_size(std::uint32_t bytes) { chunk_size_ = bytes; }
    std::uint32_t chunk_size() const { return chunk_size_; }

    /// The type of commands for which none is given.
    void use_commands(MessageType type) { commands_ = type; }

    /// A command of the connection, on message stream 0.
    void command(std::initializer_list<amf::Value> values) { command(values, commands_); }
    void command(std::initializer_list<amf::Value> values, MessageType type);
    /// A command or data message of a stream.
    void stream_command(std::uint32_t stream, std::initializer_list<amf::Value> values)
    {
        stream_command(stream, values, commands_);
    }
    void stream_command(std::uint32_t stream, std::initializer_list<amf::Value> values, MessageType type);

    /// Any message of the connection, its payload written already.
    void message(MessageType type, ByteView payload);

    /// Bytes that are chunks already, or stand before the chunk stream.
    void append(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

    std::size_t size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }
    Bytes take();

private:
    void write(std::uint32_t csid, std::uint32_t stream, MessageType type, ByteView payload);

    Bytes bytes_;
    std::uint32_t chunk_size_ = 128;
    MessageType commands_ = MessageType::command;
};

} // namespace millrace::rtmp
