// The server's side of an RTMP connection, from the first handshake byte to the last.
#pragma once

#include <millrace/amf/value.hpp>
#include <millrace/base/clock.hpp>
#include <millrace/base/result.hpp>
#include <millrace/base/shared_bytes.hpp>
#include <millrace/rtmp/capabilities.hpp>
#include <millrace/rtmp/chunk_reader.hpp>
#include <millrace/rtmp/cipher.hpp>
#include <millrace/rtmp/handshake.hpp>
#include <millrace/rtmp/message.hpp>
#include <millrace/rtmp/shared_object.hpp>
#include <millrace/rtmp/swf.hpp>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace millrace::rtmp {

using StreamId = std::uint32_t; ///< Message stream id, from 1.

/// The client introduced itself. Answer with accept_connect or reject_connect.
struct ConnectRequested {
    std::string app;   ///< Without query, without slashes at its ends.
    std::string query; ///< Of app and tcUrl together: "user=…&token=…"; empty when there is none.
    std::string tc_url;
    std::string flash_ver;
    bool publisher = false; ///< type = "nonprivate".
    Capabilities capabilities;
    amf::Value properties; ///< The whole command object.
};

/// Wants to publish. Answer with accept_publish or refuse_publish; media that comes before that is dropped.
struct PublishRequested {
    StreamId stream = 0;
    std::string path;  ///< APP/NAME.
    std::string query; ///< All credentials of the connection and of the name.
    std::string kind;  ///< "live", "record" or "append".
};

/// Wants to play. Answer with accept_play or refuse_play.
struct PlayRequested {
    StreamId stream = 0;
    std::string path; ///< APP/NAME.
    std::string query;
    double start_ms = -2000;    ///< -2000 live or recorded, -1000 live only, else the place in a recording.
    double duration_ms = -1000; ///< Negative: to the end.
    bool reset = true;
    bool queued = false; ///< To be played behind what plays (reset = false); nothing is to be accepted.
    std::string form;    ///< "mp4", "mp3" or "flv" when the client named a file so: `mp4:NAME`.
};

/// Wants another version of what plays, or more to play behind it (play2). Answer with begin_transition and
/// end_transition, or refuse with notify NetStream.Play.Failed.
struct TransitionRequested {
    StreamId stream = 0;
    std::string transition; ///< "switch", "swap", "append", "stop", "reset", …
    PlayRequested wanted;
    std::string old_path; ///< APP/NAME of what it replaces; empty: what plays.
};

/// Asks how long a recording is. Answer with answer_stream_length.
struct StreamLengthRequested {
    std::string path; ///< APP/NAME.
    std::string query;
    std::string form; ///< As in PlayRequested.
    double transaction = 0;
    MessageType type = MessageType::command; ///< Of the question: the answer has the same.
};

/// How much the player wants to have in its buffer (user control event 3).
struct BufferLengthSet {
    StreamId stream = 0;
    std::uint32_t ms = 0;
};

/// Audio, video or data (its @setDataFrame wrapper removed) of an accepted publication.
struct MediaReceived {
    StreamId stream = 0;
    MessageType type = {};
    std::uint32_t timestamp = 0; ///< Milliseconds, modulo 2^32.
    SharedBytes payload;
};

/// The publication, or the request for one, ended: by FCUnpublish, closeStream, deleteStream or
/// publish(false).
struct PublishStopped {
    StreamId stream = 0;
};
struct PlayStopped {
    StreamId stream = 0;
};
/// The core has answered; who sends the media stops or starts it.
struct PauseRequested {
    StreamId stream = 0;
    bool paused = false;
    double position_ms = 0;
};
/// In a recording: answer with accept_seek or refuse_seek. In a live stream it was refused already.
struct SeekRequested {
    StreamId stream = 0;
    double position_ms = 0;
};
struct ReceiveChanged {
    StreamId stream = 0;
    bool audio = true;
    bool video = true;
};

/// A client asks something of a shared object of its application. Answer with send_shared_object, to it and
/// to others: see SharedObjects.
struct SharedObjectReceived {
    ObjectMessage message;
};

using ServerEvent =
    std::variant<ConnectRequested, PublishRequested, PlayRequested, MediaReceived, PublishStopped,
                 PlayStopped, PauseRequested, SeekRequested, ReceiveChanged, TransitionRequested,
                 StreamLengthRequested, BufferLengthSet, SharedObjectReceived>;

/// One RTMP connection as the server sees it: bytes in, events out; commands in, bytes out.
///
/// Never speaks out of turn to a client that could choke on it: the flow is that of RTMP 1.0 §7.2 as real
/// clients need it. Media for players is not made here: see `Muxer`, whose bytes may stand between any two
/// outputs of this session.
class Server {
public:
    struct Limits {
        ChunkReader::Limits chunks;
        std::size_t command_bytes = std::size_t{64} << 10U;      ///< One command message.
        std::size_t shared_object_bytes = std::size_t{1} << 20U; ///< One shared object message.
        std::size_t streams = 16;                                ///< Message streams on one connection.
        std::size_t events = 4096; ///< Undrained; media past it is dropped and counted.
        std::size_t output_bytes = std::size_t{1} << 20U; ///< Answers that were not taken.
        std::chrono::milliseconds first_byte{5000};
        std::chrono::milliseconds handshake{10000};
        std::chrono::milliseconds connect{10000}; ///< From the end of the handshake to connect.
        std::chrono::milliseconds request{
            30000};                            ///< From connect to publish or play, and between two of them.
        std::chrono::milliseconds ping{60000}; ///< Silence after which we ping; three times and we give up.
        std::chrono::milliseconds swf{10000};  ///< For the answer to demand_swf.
    };

    /// What the session may do.
    struct Options {
        bool encryption = false; ///< RTMPE is spoken with those who ask for it.
    };

    /// What was tolerated or dropped, by name: "unknown_message_type", "metadata_on_stream_0", …
    using Counters = std::map<std::string_view, std::uint64_t>;

    Server(Clock::time_point now, RandomFill random);
    Server(Clock::time_point now, RandomFill random, Limits limits);
    Server(Clock::time_point now, RandomFill random, Limits limits, Options options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Bytes from the peer, cut anywhere. An error closes the session: its last words are in its output.
    Result<> feed(ByteView bytes, Clock::time_point now);

    std::optional<ServerEvent> next_event();

    /// Bytes for the peer, moved out: plain, also when the connection is encrypted(). As long as an output
    /// cipher waits to be taken, only handshake bytes come, which go out in the clear.
    Bytes take_output();
    bool has_output() const;

    /// True from the peer's first byte on when it speaks RTMPE. What is fed is always what came from the
    /// wire.
    bool encrypted() const;
    /// Yields the cipher of everything that is sent behind S2, exactly once: in the very feed() that ends an
    /// RTMPE handshake. So, after each feed(): send take_output() as it is; when a cipher comes here, keep
    /// it; from then on each byte that is sent, of take_output() and of media, is enciphered, in the order of
    /// sending.
    std::optional<OutputCipher> take_output_cipher();

    /// When tick() must be called at the latest.
    Clock::time_point deadline() const;
    /// Errors: handshake_timeout, connect_timeout, idle_timeout, ping_timeout; the session is then closed.
    Result<> tick(Clock::time_point now);

    void accept_connect();
    /// `_error` with NetConnection.Connect.Rejected and the description; the session then closes.
    void reject_connect(std::string_view description);
    /// As reject_connect, and says where to go instead: "rtmp://HOST[:PORT]/APP" (code 302).
    void redirect(std::string_view tc_url);

    /// From accept_connect on the client must first prove that it is one of these files; its requests come
    /// when it has. Errors, from feed and tick: swf_not_verified. Expects: an unanswered connect.
    void demand_swf(std::vector<SwfFile> allowed);

    /// Asks the client to connect anew, there or, with an empty URL, where it is connected now (E-RTMP,
    /// reconnect request). The session goes on until the client leaves. False when the client has not said
    /// that it understands (capsEx): nothing is sent then.
    bool request_reconnect(std::string_view tc_url, std::string_view description);

    void accept_publish(StreamId stream);
    /// onStatus with `code`, such as NetStream.Publish.BadName; the stream object stays.
    void refuse_publish(StreamId stream, std::string_view code, std::string_view description);

    /// StreamIsRecorded (of a recording), StreamBegin, Play.Reset, Play.Start, RtmpSampleAccess: all that
    /// stands before the media.
    void accept_play(StreamId stream, bool recorded = false);
    void refuse_play(StreamId stream, std::string_view code, std::string_view description);
    /// The stream that is played has ended: StreamEOF, Play.UnpublishNotify, Play.Stop.
    void end_play(StreamId stream);
    /// A recording goes on elsewhere: StreamEOF, StreamIsRecorded, StreamBegin, Seek.Notify, Play.Start.
    void accept_seek(StreamId stream);
    void refuse_seek(StreamId stream, std::string_view description);
    /// What is queued begins: onPlayStatus NetStream.Play.Switch; then, when the kind is another, the control
    /// messages of the new one.
    void switch_play(StreamId stream, bool recorded);
    /// All of a recording was sent: onPlayStatus NetStream.Play.Complete, StreamEOF, Play.Stop.
    void complete_play(StreamId stream, double seconds, double bytes);
    /// play2 is granted, and has taken place.
    void begin_transition(StreamId stream, std::string_view name);
    void end_transition(StreamId stream, std::string_view name);
    /// Seconds; 0 for a live stream and for what is not there.
    void answer_stream_length(const StreamLengthRequested& question, double seconds);
    /// onStatus on the stream, such as NetStream.Play.PublishNotify.
    void notify(StreamId stream, std::string_view level, std::string_view code, std::string_view description);

    /// Tells of a shared object, as type 16 when the client has asked for AMF3, else as type 19.
    void send_shared_object(const ObjectMessage& message);

    /// Says why to the client (onStatus NetConnection.Connect.Closed) and closes.
    void disconnect(std::string_view description);
    void close();

    /// The application that the client named; empty before connect.
    const std::string& app() const;
    /// True when nothing more will come; output may be left to send.
    bool closed() const;
    Counters counters() const;
    std::uint64_t bytes_in() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace millrace::rtmp
