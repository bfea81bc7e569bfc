// The client's side of an RTSP conversation: plays a presentation or publishes one.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/base/result.hpp>
#include <millrace/rtsp/auth.hpp>
#include <millrace/rtsp/message_reader.hpp>
#include <millrace/rtsp/range.hpp>
#include <millrace/rtsp/session.hpp>
#include <millrace/rtsp/url.hpp>

#include <deque>
#include <map>
#include <variant>

namespace millrace::rtsp {

/// What there is to play, or that the description was taken. Answer with setup().
struct Described {
    std::string sdp;  ///< Of the server; empty when publishing.
    std::string base; ///< What controls are relative to.
};
/// One stream is set up, as the server says.
struct StreamSetUp {
    std::size_t stream = 0; ///< Its place in what was given to setup().
    Transport transport;
};
/// The server cannot do these transports (461). Nothing is set up; answer with setup(), with others.
struct TransportRefused {};
/// Media comes, or may be sent.
struct Started {
    std::optional<TimeRange> range;
    std::vector<RtpInfo> infos;
    double scale = 1;
};
struct Paused {};
/// An interleaved packet of a stream that was set up.
struct PacketArrived {
    std::size_t stream = 0;
    SharedBytes packet;
};
/// The server refused; the conversation is over.
struct Refused {
    int status = 0;
    std::string reason;
};
/// What we ask for is elsewhere; the conversation is over.
struct Redirected {
    std::string url;
};
/// The server ended it.
struct Ended {
    std::string why;
};

using ClientEvent = std::variant<Described, StreamSetUp, TransportRefused, Started, Paused, PacketArrived,
                                 Refused, Redirected, Ended>;

/// One conversation: OPTIONS, DESCRIBE or ANNOUNCE, SETUP for each stream, PLAY or RECORD; and then what
/// keeps it alive. Bytes in, events out; commands in, bytes out.
class Client {
public:
    enum class Role : std::uint8_t { play, publish };
    struct Options {
        Url url; ///< User and password answer challenges.
        Role role = Role::play;
        std::string sdp; ///< When publishing.
        std::string agent = "Millrace";
        std::optional<TimeRange> range = {}; ///< Of the first PLAY; none: npt=0.000-, as everybody asks.
    };
    struct Limits {
        MessageReader::Limits messages;
        std::size_t streams = 32;
        std::size_t unanswered = 32;
        Clock::duration answer = std::chrono::seconds{15};
        Clock::duration keep_alive = std::chrono::seconds{30}; ///< At least so often.
    };
    struct Wanted {
        std::string url; ///< See resolve_control().
        Transport transport;
    };

    Client(Options options, Clock::time_point now, RandomFill random);
    Client(Options options, Clock::time_point now, RandomFill random, Limits limits);

    Result<> feed(ByteView bytes, Clock::time_point now);
    std::optional<ClientEvent> next_event();
    Bytes take_output();
    bool has_output() const { return !out_.empty(); }
    /// Bytes that wait for take_output().
    std::size_t backlog() const { return out_.size(); }
    Clock::time_point deadline() const;
    Result<> tick(Clock::time_point now);
    /// Says TEARDOWN, if there is a session; nothing is waited for.
    void close();
    bool closed() const { return closed_; }

    /// Sets the streams up, one after the other, and then plays or records. Expects: Described or
    /// TransportRefused was the newest event.
    void setup(std::vector<Wanted> wanted);
    /// Plays from another place, or goes on. Expects: Started.
    void play(const std::optional<TimeRange>& range, double scale = 1);
    void pause();
    /// Puts a packet into the output, framed for the stream's channel. Expects: Started, interleaved.
    void send(std::size_t stream, bool rtcp, ByteView packet);
    /// Whether the stream's packets are interleaved.
    bool interleaved() const;

    const std::string& session() const { return session_; }
    const std::map<std::string_view, std::uint64_t>& counters();

private:
    enum class Step : std::uint8_t { greeting, describing, described, setting_up, starting, running, closed };
    struct Asked {
        std::uint32_t cseq = 0;
        Request request;
        bool authorized = false;
        bool awaited = true; ///< Else a ping, to which some never answer.
        Clock::time_point at;
    };

    void send(Method method, std::string_view uri, Headers headers = {}, std::string_view body = {},
              bool awaited = true);
    void send(Request request, bool authorized, bool awaited);
    Result<> take(const Response& response);
    void take(const Request& request);
    void take(Frame frame);
    bool authorize_again(const Asked& asked, const Response& response);
    Result<> answered(Method method, const Asked& asked, const Response& response);
    Result<> refuse(const Response& response);
    void take_setup(const Response& response);
    void set_up_next();
    void drop_session();
    void remember_channels(std::size_t stream, const Transport& transport);
    std::string aggregate() const;
    void count(std::string_view name) { ++counters_[name]; }

    Options options_;
    Limits limits_;
    RandomFill random_;
    MessageReader reader_;
    Step step_ = Step::greeting;
    std::deque<ClientEvent> events_;
    std::deque<Asked> asked_;
    Bytes out_;
    std::uint32_t cseq_ = 0;
    std::vector<Challenge> challenges_;
    unsigned nonce_uses_ = 0;
    std::string base_;
    std::string session_;
    bool can_get_parameter_ = false;
    Clock::duration timeout_ = std::chrono::seconds{60};
    std::vector<Wanted> wanted_;
    std::size_t next_ = 0; ///< Stream to be set up.
    std::map<std::uint8_t, std::size_t> channels_;
    Clock::time_point now_;
    Clock::time_point pinged_;
    bool closed_ = false;
    std::map<std::string_view, std::uint64_t> counters_;
};

} // namespace millrace::rtsp
