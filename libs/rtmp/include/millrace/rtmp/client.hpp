// The client's side of an RTMP connection: publishes one stream or plays one, or none; uses shared objects.
#pragma once

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

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace millrace::rtmp {

/// The server let us publish or play: media may be sent, or will come. Without a stream: it let us connect.
struct Started {};

/// The server refused; the session closes.
struct Refused {
    std::string code;                    ///< "NetStream.Play.StreamNotFound".
    std::string description;             ///< The server's own words; may be empty.
    std::optional<std::string> redirect; ///< Where to go instead, as a tcUrl: "rtmp://other:1935/live".
};

/// The server asks us to connect anew; this session goes on until we close it (E-RTMP, reconnect request).
struct ReconnectRequested {
    std::string tc_url;      ///< Absolute, made so from what the server said; our own when it said none.
    std::string description; ///< May be empty.
};

/// A media or data message of the stream that we play.
struct MediaArrived {
    MessageType type = {};
    std::uint32_t timestamp = 0; ///< Milliseconds, modulo 2^32.
    SharedBytes payload;
};

/// The stream that we play ended in good order; the session closes.
struct Ended {
    std::string code; ///< "StreamEOF", or NetStream.Play.Stop, .UnpublishNotify or .Complete.
};

/// A status of the server's own making, outside of NetStream and NetConnection, that changes nothing for us.
struct Noticed {
    std::string code;
    std::string description;
};

/// The server tells of a shared object.
struct SharedObjectArrived {
    ObjectMessage message;
};

/// What the server says of the recording that a publisher asked for. The publication goes on.
struct RecordNews {
    std::string code; ///< "NetStream.Record.Start", .Stop, .NoAccess or .Failed.
    std::string description;
};

using ClientEvent = std::variant<Started, Refused, MediaArrived, Ended, ReconnectRequested,
                                 SharedObjectArrived, Noticed, RecordNews>;

/// One RTMP connection as a client has it: bytes in, events out; media in, bytes out.
///
/// When the connection is short of room, control goes before audio and audio before video: bytes that were
/// not yet taken with take_output are ordered so, at chunk boundaries.
class Client {
public:
    enum class Role : std::uint8_t {
        publish,
        play,
        connect ///< No stream: shared objects alone.
    };

    struct Options {
        Role role = Role::play;
        std::string app;           ///< "live", with its query if it has one.
        std::string tc_url;        ///< "rtmp://host:1935/live".
        std::string name;          ///< "cam?token=…".
        std::string kind = "live"; ///< Of a publication: "live", "record" or "append".
        std::string flash_ver = "FMLE/3.0 (compatible; Millrace)";
        DigestLayout digest = DigestLayout::d8;
        HandshakeVersion version = HandshakeVersion::plain; ///< Others: RTMPE.
        std::optional<SwfFile> swf;                         ///< What to say that we are when the server asks.
        std::uint32_t chunk_size = 4096;
        /// Further members of connect's command object, by name.
        std::vector<std::pair<std::string, std::string>> properties = {};
        bool amf3 = false; ///< Ask for objectEncoding 3; what the server answers is then used.
    };

    struct Limits {
        ChunkReader::Limits chunks;
        std::size_t command_bytes = std::size_t{64} << 10U; ///< One command message.
        std::size_t events = 4096;                          ///< Undrained; media past it is dropped.
        std::size_t output_bytes = std::size_t{1} << 20U;   ///< Answers that were not taken.
        std::chrono::milliseconds handshake{10000};
        std::chrono::milliseconds answer{15000}; ///< To connect, createStream, publish, play.
    };

    Client(Options options, Clock::time_point now, RandomFill random);
    Client(Options options, Clock::time_point now, RandomFill random, Limits limits);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Result<> feed(ByteView bytes, Clock::time_point now);
    std::optional<ClientEvent> next_event();

    /// At most about `most` bytes for the server, in order of priority: plain, also when the connection is
    /// encrypted(). As long as an output cipher waits to be taken, only handshake bytes come, which go out in
    /// the clear.
    Bytes take_output(std::size_t most = SIZE_MAX);
    bool has_output() const;
    /// What the server announced when it let us connect.
    const Capabilities& server_capabilities() const;

    /// Whether we asked for RTMPE. What is fed is always what came from the wire.
    bool encrypted() const;
    /// Yields the cipher of everything that is sent behind C2, exactly once: in the very feed() that ends an
    /// RTMPE handshake. So, after each feed(): send take_output() as it is; when a cipher comes here, keep it
    /// and encipher each byte that is sent from then on, in the order of sending.
    std::optional<OutputCipher> take_output_cipher();
    /// Media bytes that wait for take_output.
    std::size_t backlog() const;

    Clock::time_point deadline() const;
    Result<> tick(Clock::time_point now);

    /// Publishing: sends one audio, video or data message. `lead` stands before the payload. Data messages
    /// named onMetaData get their @setDataFrame wrapper here. Expects: Started was seen.
    void send(MessageType type, std::uint32_t timestamp, ByteView lead, SharedBytes payload);

    /// Takes part in a shared object of the application; its state comes as events. Expects, as do all that
    /// follow: Started was seen.
    void use_object(std::string name, bool persistent);
    void release_object(const std::string& name);
    /// Asks for a slot's new value; null or undefined removes it. Expects: use_object was called.
    void change_object(const std::string& name, std::string slot, const amf::Value& value);
    void remove_from_object(const std::string& name, std::string slot);
    /// Asks for the removal of all slots.
    void clear_object(const std::string& name);
    /// Calls a method of all that take part, ourselves included.
    void call_object(const std::string& name, std::string_view method,
                     const std::vector<amf::Value>& arguments);

    /// Drops queued video up to the next key frame that is sent later; gives the number of messages dropped.
    std::size_t drop_video();

    /// Ends in good order: FCUnpublish and deleteStream, then closed.
    void close();
    bool closed() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace millrace::rtmp
