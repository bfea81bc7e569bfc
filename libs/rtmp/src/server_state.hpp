// What a server session knows, and its functions, one a message or command.
#pragma once

#include "acknowledger.hpp"
#include "command.hpp"
#include "encryption.hpp"
#include "event_queue.hpp"
#include "outbox.hpp"
#include "swf_check.hpp"
#include <millrace/rtmp/server.hpp>

#include <memory>
#include <set>
#include <span>
#include <vector>

namespace millrace::rtmp {

struct Server::State {
    enum class Phase : std::uint8_t {
        handshake,
        connect,  ///< Waits for connect.
        deciding, ///< Connect has come; our owner has not yet answered. What comes meanwhile waits in the
                  ///< reader.
        open,
        closed,
    };

    enum class Use : std::uint8_t { idle, publish_asked, publishing, play_asked, playing };

    /// One message stream: what createStream makes and deleteStream ends (RTMP 1.0 §7.2.1.3).
    struct Stream {
        StreamId id = 0;
        Use use = Use::idle;
        bool reset = true;
        bool audio = true;
        bool video = true;
        bool recorded = false; ///< What plays.
        MessageType commands =
            MessageType::command; ///< The type of its newest command, and so of our answers.
        std::string name;         ///< As the client gave it, for FCUnpublish.

        bool publishes() const { return use == Use::publishing || use == Use::publish_asked; }
        bool plays() const { return use == Use::playing || use == Use::play_asked; }
    };

    /// What the answer to connect needs; gone once it is given.
    struct PendingConnect {
        double transaction = 0;
        MessageType type = MessageType::command;
        int object_encoding = 0; ///< 3 when AMF3 was asked for, else 0.
    };

    /// When a command is allowed.
    enum class Needs : std::uint8_t {
        fresh,      ///< Before connect.
        connection, ///< After connect.
        stream,     ///< On a stream that exists.
        playing,    ///< On a stream that plays.
    };

    using Handler = void (State::*)(Command&, Stream*);
    struct Rule {
        std::string_view name;
        Needs needs = Needs::connection;
        Handler handler = nullptr;
        std::string_view refusal; ///< The status code when there is no such stream.
    };
    static std::span<const Rule> rules();

    State(Clock::time_point at, RandomFill random, Limits with, Options options);

    // server.cpp: bytes, time, end
    void take(ByteView bytes);
    void take_chunks(ByteView bytes);
    bool shake_hands(ByteView& bytes);
    void pump();
    void expire();
    void open();
    void push(ServerEvent event);
    void fail(Error error);
    void count(std::string_view name, std::uint64_t times = 1);
    Clock::time_point deadline() const;

    // server_messages.cpp: one function a kind of message
    void receive(Message message);
    void on_control(const Message& message);
    void on_aggregate(Message message);
    void on_media(MessageType type, StreamId id, std::uint32_t timestamp, SharedBytes payload);
    void on_command(const Message& message);

    // server_objects.cpp: shared objects
    void on_shared_object(const Message& message);

    // server_commands.cpp: the table and what it says
    void run(const Rule& rule, Command& command);
    void on_unknown(const Command& command);
    void refuse(const Command& command, std::string_view code, std::string_view description);
    void result(const Command& command, amf::Value value);
    void status(StreamId stream, std::string_view level, std::string_view code, std::string_view description);

    // server_connection.cpp: commands of the connection (RTMP 1.0 §7.2.1)
    void on_connect(Command& command, Stream*);
    void on_create_stream(Command& command, Stream*);
    void on_release_stream(Command& command, Stream*);
    void on_fc_publish(Command& command, Stream*);
    void on_fc_unpublish(Command& command, Stream*);
    void on_fc_subscribe(Command& command, Stream*);
    void on_check_bandwidth(Command& command, Stream*);
    void on_get_stream_length(Command& command, Stream*);
    void on_delete_stream(Command& command, Stream*);
    void on_close_stream(Command& command, Stream*);
    void on_answer(Command& command, Stream*);
    void answer_connect();
    void reject(std::string_view code, std::string_view description, std::string_view redirect = {});

    // server_access.cpp: who may be here, and who should be elsewhere
    void ask_for_swf();
    void on_swf_response(const SwfVerifyResponse& response);

    // server_streams.cpp: commands of a stream (RTMP 1.0 §7.2.2)
    void on_publish(Command& command, Stream* stream);
    void on_play(Command& command, Stream* stream);
    void on_play2(Command& command, Stream* stream);
    void on_seek(Command& command, Stream* stream);
    void on_pause(Command& command, Stream* stream);
    void on_receive_audio(Command& command, Stream* stream);
    void on_receive_video(Command& command, Stream* stream);
    void announce(const Stream& stream);
    void play_status(const Stream& stream, std::string_view code, amf::Members more);
    std::optional<PlayRequested> read_target(const Command& command, std::string_view given);
    double read_start(const amf::Value& value);
    std::string_view read_name(std::string_view given);
    void receive_changed(const Stream& stream, bool resumed);
    Stream* find(StreamId id);
    Stream* only_stream();
    Stream* only_publisher();
    Stream* stream_of(const Command& command);
    Stream* asked(StreamId id, Use use);
    void stop(Stream& stream);
    bool active() const;

    Limits limits;
    Clock::time_point now;         ///< The newest that we were told.
    Clock::time_point since;       ///< When this phase, or this time without publish and play, began.
    Clock::time_point quiet_since; ///< The last byte or our last ping.
    std::unique_ptr<ServerHandshake> handshake; ///< Gone once it is done.
    std::unique_ptr<Encryption> encryption;     ///< Of RTMPE.
    SwfChallenge swf_challenge{};
    std::unique_ptr<SwfCheck> swf; ///< From demand_swf until the client has proved itself.
    ChunkReader reader;
    Outbox out;
    EventQueue<ServerEvent> events;
    Acknowledger acks;
    OutputWindow output_window;
    std::unique_ptr<PendingConnect> pending;
    Capabilities capabilities; ///< Of the client.
    std::unique_ptr<Counters> counters;
    std::vector<Stream> streams;
    std::set<std::string, std::less<>> objects; ///< Shared objects that it takes part in.
    std::string app;
    std::string query;
    std::optional<Error> failure;
    std::uint64_t bytes_in = 0;
    std::size_t held = 0; ///< Bytes that came while our owner was deciding.
    Phase phase = Phase::handshake;
    std::uint8_t pings = 0; ///< Unanswered.
    bool publisher = false;
    int object_encoding = 0; ///< As answered to connect.
};

} // namespace millrace::rtmp
