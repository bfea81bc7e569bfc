// Messages as they come from a server.
#include "aggregate.hpp"
#include "client_state.hpp"
#include "data_message.hpp"
#include <millrace/amf/amf0.hpp>

namespace millrace::rtmp {

void Client::State::receive(Message message)
{
    using enum MessageType;
    if (is_control(message.type)) {
        return on_control(message);
    }
    switch (message.type) {
    case audio:
    case video:
    case data:
    case data_amf3: return on_media(message.type, message.timestamp, SharedBytes{std::move(message.payload)});
    case aggregate: return on_aggregate(std::move(message));
    case command:
    case command_amf3: return on_command(message);
    case shared_object:
    case shared_object_amf3: return on_shared_object(message);
    default: return;
    }
}

/// Set Chunk Size and Abort were obeyed by the reader. An Acknowledgement is a hint only: output is never
/// held back for want of one.
void Client::State::on_control(const Message& message)
{
    const auto control = read_control(message.type, message.payload);
    if (!control) {
        return;
    }
    if (const auto* window = std::get_if<WindowAcknowledgementSize>(&*control)) {
        acks.set_window(window->bytes);
    } else if (const auto* bandwidth = std::get_if<SetPeerBandwidth>(&*control)) {
        if (const auto changed = output_window.set(*bandwidth)) {
            out.control().control(WindowAcknowledgementSize{*changed});
        }
    } else if (const auto* ping = std::get_if<PingRequest>(&*control)) {
        out.control().control(PingResponse{ping->time});
    } else if (const auto* event = std::get_if<StreamEvent>(&*control)) {
        on_stream_event(*event);
    } else if (std::holds_alternative<SwfVerifyRequest>(*control) && options.swf) {
        out.control().control(swf_response(*options.swf, swf_challenge));
    }
}

void Client::State::on_stream_event(const StreamEvent& event)
{
    const bool ours = event.stream == stream && options.role == Role::play;
    if (event.news == StreamNews::eof && ours && phase == Phase::running) {
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
        if (auto read = read_data(type, payload); read.refusal.empty()) {
            on_data(timestamp, std::move(read.values));
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
