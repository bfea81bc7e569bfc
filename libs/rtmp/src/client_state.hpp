// What a client session knows, and its functions, one a message or command.
#pragma once

#include "acknowledger.hpp"
#include "client_output.hpp"
#include "command.hpp"
#include "encryption.hpp"
#include "event_queue.hpp"
#include <millrace/rtmp/client.hpp>

#include <map>
#include <memory>
#include <string_view>

namespace millrace::rtmp {

struct Client::State {
    enum class Phase : std::uint8_t {
        handshake,
        connect, ///< Waits for the answer to connect.
        create,  ///< To createStream.
        start,   ///< To publish or play.
        running,
        closed,
    };

    State(Options with, Clock::time_point now, RandomFill random, Limits limits);

    // client.cpp: bytes, time, end
    void take(ByteView bytes);
    void take_chunks(ByteView bytes);
    bool shake_hands(ByteView& bytes);
    void say_handshake();
    void enter(Phase next);
    void push(ClientEvent event);
    void fail(Error error);
    void end(std::string_view code);
    void say_farewell();
    Clock::time_point deadline() const;

    // client_messages.cpp: one function a kind of message
    void receive(Message message);
    void on_control(const Message& message);
    void on_stream_event(const StreamEvent& event);
    void on_aggregate(Message message);
    void on_media(MessageType type, std::uint32_t timestamp, SharedBytes payload);
    void on_data(std::uint32_t timestamp, SharedBytes values);

    // client_objects.cpp: shared objects
    void on_shared_object(const Message& message);
    void say_of_object(const std::string& name, ObjectEvent event);

    // client_commands.cpp: what we ask, and what the server says
    void connect();
    void create();
    void start();
    void on_command(const Message& message);
    void on_result(const Command& command);
    void on_error(const Command& command);
    void on_status(const Command& command);
    void learn_capabilities(const Command& command);
    void on_bandwidth_done(const Command& command);
    void on_close(const Command& command);
    void started();
    void refused(std::string_view code, std::string_view description,
                 std::optional<std::string> redirect = std::nullopt);

    Options options;
    Limits limits;
    Clock::time_point now;
    Clock::time_point since;                    ///< When this phase began.
    std::unique_ptr<ClientHandshake> handshake; ///< Gone once it is done.
    std::unique_ptr<Encryption> encryption;     ///< Of RTMPE.
    SwfChallenge swf_challenge{};
    ChunkReader reader;
    ClientOutput out;
    EventQueue<ClientEvent> events;
    Acknowledger acks;
    OutputWindow output_window;
    Capabilities server;
    std::optional<Error> failure;
    std::uint64_t bytes_in = 0;
    std::uint32_t transactions = 0; ///< The newest; connect has 1.
    std::uint32_t asked = 0;        ///< The transaction whose answer this phase waits for.
    std::uint32_t stream = 0;       ///< Our message stream.
    Phase phase = Phase::handshake;
    bool bandwidth_checked = false;
    bool amf3 = false;                                ///< The server said objectEncoding 3.
    std::map<std::string, bool, std::less<>> objects; ///< That we use, and whether they are persistent.
};

} // namespace millrace::rtmp
