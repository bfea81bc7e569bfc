#include "outbox.hpp"

#include "acknowledger.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/rtmp/chunk_writer.hpp>

#include <utility>

namespace millrace::rtmp {

namespace {

/// Values as a message of that type carries them: the AMF3 flavours begin with a format byte.
Bytes body(MessageType type, std::initializer_list<amf::Value> values)
{
    Bytes bytes = amf::write_amf0(values);
    if (type == MessageType::command_amf3 || type == MessageType::data_amf3) {
        bytes.insert(bytes.begin(), 0);
    }
    return bytes;
}

} // namespace

void Outbox::control(const Control& control)
{
    ChunkWriter{chunk_size_}.write(bytes_, control_message(control));
}

void Outbox::set_chunk_size(std::uint32_t bytes)
{
    control(SetChunkSize{bytes});
    chunk_size_ = bytes;
}

void Outbox::command(std::initializer_list<amf::Value> values, MessageType type)
{
    write(csid::kConnection, 0, type, body(type, values));
}

void Outbox::stream_command(std::uint32_t stream, std::initializer_list<amf::Value> values, MessageType type)
{
    write(csid::kStream, stream, type, body(type, values));
}

void Outbox::message(MessageType type, ByteView payload)
{
    write(csid::kConnection, 0, type, payload);
}

Bytes Outbox::take()
{
    return std::exchange(bytes_, {});
}

void Outbox::write(std::uint32_t csid, std::uint32_t stream, MessageType type, ByteView payload)
{
    // A writer without memory gives full headers (fmt 0) only.
    ChunkWriter{chunk_size_}.write(bytes_, {.csid = csid, .stream = stream, .type = type}, payload);
}

} // namespace millrace::rtmp
