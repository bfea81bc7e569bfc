// Messages as they come, before anyone asks what they mean for a stream.
#include "aggregate.hpp"
#include "data_message.hpp"
#include "server_state.hpp"
#include <millrace/base/reader.hpp>

namespace millrace::rtmp {

void Server::State::receive(Message message)
{
    using enum MessageType;
    switch (message.type) {
    case set_chunk_size:
    case abort:           // The reader has obeyed both.
    case acknowledgement: // A hint only: output is never held back for want of one.
        return;
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
        return on_media(message.type, message.stream, message.timestamp,
                        SharedBytes{std::move(message.payload)});
    case aggregate:
        return on_aggregate(std::move(message));
    case command:
    case command_amf3:
        return on_command(message);
    default:
        return count("unknown_message_type");
    }
}

// window := bytes:u32    RTMP 1.0 §5.4.4
void Server::State::on_window(ByteView payload)
{
    ByteReader reader_{payload};
    const auto bytes = reader_.u32();
    if (!reader_.ok()) {
        return count("short_control_message");
    }
    acks.set_window(bytes);
}

// peer-bandwidth := window:u32 limit:u8    RTMP 1.0 §5.4.5
void Server::State::on_peer_bandwidth(ByteView payload)
{
    ByteReader reader_{payload};
    const auto bytes = reader_.u32();
    if (!reader_.ok()) {
        return count("short_control_message");
    }
    // Quirk: some senders leave out the limit type; hard is what they mean.
    const auto limit = reader_.at_end() ? OutputWindow::Limit::hard : OutputWindow::Limit{reader_.u8()};
    if (const auto window = output_window.set(bytes, limit)) {
        out.window(*window);
    }
}

// user-control := event:u16 value:u32*    RTMP 1.0 §7.1.7
void Server::State::on_user_control(ByteView payload)
{
    ByteReader reader_{payload};
    const auto event = UserControl{reader_.u16()};
    const auto value = reader_.u32();
    if (event == UserControl::ping_request && reader_.ok()) {
        out.user_control(UserControl::ping_response, {value});
    }
}

void Server::State::on_aggregate(Message message)
{
    const auto stream = message.stream; // It overrides the parts' own.
    AggregateReader parts{message.timestamp, SharedBytes{std::move(message.payload)}};
    while (auto part = parts.next()) {
        using enum MessageType;
        if (part->type == audio || part->type == video || part->type == data || part->type == data_amf3) {
            on_media(part->type, stream, part->timestamp, std::move(part->payload));
        } else {
            count("unknown_message_type");
        }
    }
    if (parts.truncated()) {
        count("truncated_aggregate");
    }
}

void Server::State::on_media(MessageType type, StreamId id, std::uint32_t timestamp, SharedBytes payload)
{
    auto* stream = find(id);
    if (type == MessageType::data || type == MessageType::data_amf3) {
        auto values = read_data(type, std::move(payload));
        if (!values) {
            return count("unreadable_data");
        }
        payload = std::move(*values);
        type = MessageType::data;
    }
    if (stream == nullptr && id == 0 && type == MessageType::data) {
        // Quirk: old encoders send their metadata on message stream 0; it is the only publication's.
        stream = only_publisher();
        count("metadata_on_stream_0");
    }
    if (stream == nullptr || stream->use != Use::publishing) {
        return count("media_without_publication");
    }
    if (events.size() >= limits.events) {
        return count("event_queue_full");
    }
    events.push(MediaReceived{stream->id, type, timestamp, std::move(payload)});
}

void Server::State::on_command(const Message& message)
{
    if (message.payload.size() > limits.command_bytes) {
        return fail({Errc::message_too_big, "a command"});
    }
    auto command = read_command(message);
    if (!command) {
        return fail(command.error());
    }
    for (const auto& rule : rules()) {
        if (rule.name == command->name) {
            return run(rule, *command);
        }
    }
    on_unknown(*command);
}

} // namespace millrace::rtmp
