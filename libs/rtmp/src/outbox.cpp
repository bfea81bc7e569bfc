#include "outbox.hpp"

#include "acknowledger.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/base/reader.hpp>
#include <millrace/rtmp/chunk_writer.hpp>

#include <utility>

namespace millrace::rtmp {

namespace {

Bytes be32(std::uint32_t value)
{
    Bytes bytes;
    ByteWriter{bytes}.u32(value);
    return bytes;
}

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

void Outbox::acknowledgement(std::uint32_t total)
{
    control(MessageType::acknowledgement, be32(total));
}

void Outbox::window(std::uint32_t bytes)
{
    control(MessageType::window_acknowledgement_size, be32(bytes));
}

// peer-bandwidth := window:u32 limit:u8    RTMP 1.0 §5.4.5
void Outbox::peer_bandwidth(std::uint32_t bytes)
{
    auto payload = be32(bytes);
    payload.push_back(static_cast<std::uint8_t>(OutputWindow::Limit::dynamic));
    control(MessageType::set_peer_bandwidth, payload);
}

// user-control := event:u16 value:u32*     RTMP 1.0 §7.1.7
void Outbox::user_control(UserControl event, std::initializer_list<std::uint32_t> values)
{
    Bytes payload;
    ByteWriter writer{payload};
    writer.u16(static_cast<std::uint16_t>(event));
    for (const auto value : values) {
        writer.u32(value);
    }
    control(MessageType::user_control, payload);
}

void Outbox::set_chunk_size(std::uint32_t bytes)
{
    control(MessageType::set_chunk_size, be32(bytes));
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

Bytes Outbox::take()
{
    return std::exchange(bytes_, {});
}

void Outbox::control(MessageType type, ByteView payload)
{
    write(csid::kControl, 0, type, payload);
}

void Outbox::write(std::uint32_t csid, std::uint32_t stream, MessageType type, ByteView payload)
{
    // A writer without memory gives full headers (fmt 0) only.
    ChunkWriter{chunk_size_}.write(bytes_, {.csid = csid, .stream = stream, .type = type}, payload);
}

} // namespace millrace::rtmp
