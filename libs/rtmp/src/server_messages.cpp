// Messages as they come, before anyone asks what they mean for a stream.
#include "aggregate.hpp"
#include "data_message.hpp"
#include "server_state.hpp"

namespace millrace::rtmp {

void Server::State::receive(Message message)
{
    using enum MessageType;
    if (is_control(message.type)) {
        return on_control(message);
    }
    if (lacks_format_byte(message.type, message.payload)) {
        count("no_format_byte");
    }
    switch (message.type) {
    case audio:
    case video:
    case data:
    case data_amf3:
        return on_media(message.type, message.stream, message.timestamp,
                        SharedBytes{std::move(message.payload)});
    case aggregate: return on_aggregate(std::move(message));
    case command:
    case command_amf3: return on_command(message);
    case shared_object:
    case shared_object_amf3: return on_shared_object(message);
    default: return count("unknown_message_type");
    }
}

/// Set Chunk Size and Abort were obeyed by the reader. An Acknowledgement is a hint only: output is never
/// held back for want of one.
void Server::State::on_control(const Message& message)
{
    const auto control = read_control(message.type, message.payload);
    if (!control) {
        return count("bad_control_message");
    }
    if (const auto* window = std::get_if<WindowAcknowledgementSize>(&*control)) {
        acks.set_window(window->bytes);
    } else if (const auto* bandwidth = std::get_if<SetPeerBandwidth>(&*control)) {
        if (const auto changed = output_window.set(*bandwidth)) {
            out.control(WindowAcknowledgementSize{*changed});
        }
    } else if (const auto* buffer = std::get_if<SetBufferLength>(&*control)) {
        if (find(buffer->stream) != nullptr && events.size() < limits.events) {
            events.push(BufferLengthSet{buffer->stream, buffer->ms});
        }
    } else if (const auto* ping = std::get_if<PingRequest>(&*control)) {
        out.control(PingResponse{ping->time});
    } else if (const auto* response = std::get_if<SwfVerifyResponse>(&*control)) {
        on_swf_response(*response);
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
        auto read = read_data(type, payload);
        if (!read.refusal.empty()) {
            return count(read.refusal);
        }
        payload = std::move(read.values);
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
    for (const auto& [name, times] : command->tolerated) {
        count(name, times);
    }
    for (const auto& rule : rules()) {
        if (rule.name == command->name) {
            return run(rule, *command);
        }
    }
    on_unknown(*command);
}

} // namespace millrace::rtmp
