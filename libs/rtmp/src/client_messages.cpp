// Messages as they come from a server.
#include "aggregate.hpp"
#include "client_state.hpp"
#include "data_message.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/base/reader.hpp>

namespace millrace::rtmp {

void Client::State::receive(Message message)
{
    using enum MessageType;
    switch (message.type) {
    case window_acknowledgement_size:
        return on_window(message.payload);
    case set_peer_bandwidth:
        return on_peer_bandwidth(message.payload);
    case user_control:
        return on_user_control(message.payload);
    case audio:
    case video:
    case data:
    case data_amf3:
        return on_media(message.type, message.timestamp, SharedBytes{std::move(message.payload)});
    case aggregate:
        return on_aggregate(std::move(message));
    case command:
    case command_amf3:
        return on_command(message);
    default: // Set Chunk Size and Abort, which the reader has obeyed; Acknowledgement; what we do not know.
        return;
    }
}

// window := bytes:u32    RTMP 1.0 §5.4.4
void Client::State::on_window(ByteView payload)
{
    ByteReader fields{payload};
    if (const auto bytes = fields.u32(); fields.ok()) {
        acks.set_window(bytes);
    }
}

// peer-bandwidth := window:u32 limit:u8    RTMP 1.0 §5.4.5
void Client::State::on_peer_bandwidth(ByteView payload)
{
    ByteReader fields{payload};
    const auto bytes = fields.u32();
    const auto limit = fields.at_end() ? OutputWindow::Limit::hard : OutputWindow::Limit{fields.u8()};
    if (!fields.ok()) {
        return;
    }
    if (const auto window = output_window.set(bytes, limit)) {
        out.control().window(*window);
    }
}

// user-control := event:u16 value:u32*     RTMP 1.0 §7.1.7
void Client::State::on_user_control(ByteView payload)
{
    ByteReader fields{payload};
    const auto event = UserControl{fields.u16()};
    const auto value = fields.u32();
    if (!fields.ok()) {
        return;
    }
    if (event == UserControl::ping_request) {
        out.control().user_control(UserControl::ping_response, {value});
    }
    if (event == UserControl::stream_eof && value == stream && phase == Phase::running &&
        options.role == Role::play) {
        end("StreamEOF");
    }
}

void Client::State::on_aggregate(Message message)
{
    AggregateReader parts{message.timestamp, SharedBytes{std::move(message.payload)}};
    while (auto part = parts.next()) {
        using enum MessageType;
        if (part->type == audio || part->type == video || part->type == data || part->type == data_amf3) {
            on_media(part->type, part->timestamp, std::move(part->payload));
        }
    }
}

void Client::State::on_media(MessageType type, std::uint32_t timestamp, SharedBytes payload)
{
    if (options.role != Role::play || (phase != Phase::start && phase != Phase::running)) {
        return;
    }
    if (type == MessageType::data || type == MessageType::data_amf3) {
        if (auto values = read_data(type, std::move(payload))) {
            on_data(timestamp, std::move(*values));
        }
        return;
    }
    // Quirk: some servers begin with media before they say Play.Start.
    started();
    push(MediaArrived{type, timestamp, std::move(payload)});
}

/// Some data is said to us, the rest belongs to the stream.
void Client::State::on_data(std::uint32_t timestamp, SharedBytes values)
{
    const auto name = data_name(values);
    if (name == "onPlayStatus") {
        const auto read = amf::read_amf0(values);
        for (const auto& value : read.value_or({})) {
            const auto* code = value.find("code");
            if (code != nullptr && code->text() == "NetStream.Play.Complete" && phase == Phase::running) {
                return end(code->text());
            }
        }
    }
    const bool ours = name == "onPlayStatus" || name == "onStatus" || name == "|RtmpSampleAccess";
    if (!ours && phase == Phase::running) {
        push(MediaArrived{MessageType::data, timestamp, std::move(values)});
    }
}

} // namespace millrace::rtmp
