// A client by script: says exactly what a test tells it to, and puts what the server says into words.
#pragma once

#include <millrace/amf/amf0.hpp>
#include <millrace/rtmp/chunk_reader.hpp>
#include <millrace/rtmp/chunk_writer.hpp>
#include <millrace/rtmp/control.hpp>
#include <millrace/rtmp/server.hpp>

#include <functional>
#include <string>
#include <vector>

namespace millrace::rtmp {

using Lines = std::vector<std::string>;

inline void fill_with_counting(std::span<std::uint8_t> bytes)
{
    std::uint8_t next = 1;
    for (auto& byte : bytes) {
        byte = next++;
    }
}

/// One message as a line: "5/1 onStatus 0 null {…}", chunk stream and message stream first.
inline std::string describe(const Message& message)
{
    const auto where = std::to_string(message.csid) + '/' + std::to_string(message.stream) + ' ';
    if (is_control(message.type)) {
        struct {
            std::string operator()(const SetChunkSize& c) { return "chunk size " + std::to_string(c.bytes); }
            std::string operator()(const Abort& c) { return "abort " + std::to_string(c.csid); }
            std::string operator()(const Acknowledgement& c) { return "ack " + std::to_string(c.sequence); }
            std::string operator()(const WindowAcknowledgementSize& c)
            {
                return "window " + std::to_string(c.bytes);
            }
            std::string operator()(const SetPeerBandwidth& c)
            {
                return "bandwidth " + std::to_string(c.bytes) + ' ' +
                       std::to_string(static_cast<int>(c.limit));
            }
            std::string operator()(const StreamEvent& c)
            {
                return "event " + std::to_string(static_cast<int>(c.news)) + " of " +
                       std::to_string(c.stream);
            }
            std::string operator()(const SetBufferLength& c) { return "buffer " + std::to_string(c.ms); }
            std::string operator()(const PingRequest& c) { return "ping " + std::to_string(c.time); }
            std::string operator()(const PingResponse& c) { return "pong " + std::to_string(c.time); }
            std::string operator()(const SwfVerifyRequest&) { return "swf request"; }
            std::string operator()(const SwfVerifyResponse&) { return "swf response"; }
            std::string operator()(const UnknownEvent&) { return "unknown event"; }
        } words;
        const auto control = read_control(message.type, message.payload);
        return where + (control ? std::visit(words, *control) : "broken control message");
    }
    const auto values = amf::read_amf0(message.payload);
    if (!values) {
        return where + "type " + std::to_string(static_cast<int>(message.type));
    }
    std::string line = where + (message.type == MessageType::data ? "data" : "");
    for (const auto& value : *values) {
        const bool first = &value == values->data() && message.type == MessageType::command;
        line += first ? std::string{value.text()} : ' ' + amf::to_string(value, 400);
    }
    return line;
}

/// "onStatus" of a stream, as describe() puts it.
inline std::string status_line(std::uint32_t stream, std::string_view level, std::string_view code,
                               std::string_view description)
{
    return "5/" + std::to_string(stream) + " onStatus 0 null {level:\"" + std::string{level} + "\",code:\"" +
           std::string{code} + "\",description:\"" + std::string{description} + "\"}";
}

/// A server with a scripted client on its other end, on a clock that stands still unless told.
class Peer {
public:
    explicit Peer(Server::Limits limits = {}) : server{now, fill_with_counting, limits} {}

    /// The simple handshake; what the server says to it is read and must be whole.
    void shake_hands()
    {
        Bytes hello(1 + kHandshakeBlock, 0);
        hello[0] = 3;
        send(hello);
        send(Bytes(kHandshakeBlock, 0));
        skip_ = 1 + 2 * kHandshakeBlock;
    }

    /// False when the session has ended with an error, which is then in `error`.
    bool send(ByteView bytes)
    {
        const auto fed = server.feed(bytes, now);
        error = fed ? std::error_code{} : fed.error().code();
        return fed.has_value();
    }

    bool send(const Message& message)
    {
        Bytes bytes;
        writer.write(bytes, message);
        return send(bytes);
    }

    bool command(std::uint32_t stream, std::initializer_list<amf::Value> values)
    {
        return send(Message{.csid = stream == 0 ? 3U : 8U,
                            .stream = stream,
                            .type = MessageType::command,
                            .payload = amf::write_amf0(values)});
    }

    bool control(const Control& what) { return send(control_message(what)); }

    /// All that the server has said since the last call.
    Lines answers()
    {
        const auto bytes = server.take_output();
        const auto skipped = std::min(skip_, bytes.size());
        skip_ -= skipped;
        Lines lines;
        if (!reader.feed(ByteView{bytes}.subspan(skipped))) {
            lines.emplace_back("broken chunk stream");
        }
        while (const auto message = reader.next()) {
            lines.push_back(describe(*message));
        }
        return lines;
    }

    /// The next event, which must be of that kind.
    template <class Event>
    Event expect()
    {
        auto event = server.next_event();
        return event && std::holds_alternative<Event>(*event) ? std::get<Event>(std::move(*event))
                                                              : throw std::logic_error{"no such event"};
    }

    /// Handshake, connect as a publisher or player, createStream; nothing is left to read.
    void open(bool publisher)
    {
        shake_hands();
        amf::Object object{.members = {{"app", "live"}, {"tcUrl", "rtmp://h/live"}}};
        if (publisher) {
            object.members.emplace_back("type", "nonprivate");
        }
        command(0, {"connect", 1, object});
        expect<ConnectRequested>();
        server.accept_connect();
        command(0, {"createStream", 2, amf::Null{}});
        answers();
    }

    void publish()
    {
        open(true);
        command(1, {"publish", 3, amf::Null{}, "cam", "live"});
        server.accept_publish(expect<PublishRequested>().stream);
        answers();
    }

    void play()
    {
        open(false);
        command(1, {"play", 3, amf::Null{}, "cam"});
        server.accept_play(expect<PlayRequested>().stream);
        answers();
    }

    Clock::time_point now{std::chrono::hours{1}};
    Server server;
    ChunkWriter writer;
    ChunkReader reader;
    std::error_code error;

private:
    std::size_t skip_ = 1 + 2 * kHandshakeBlock;
};

} // namespace millrace::rtmp
