// The server's side of an RTSP conversation (RFC 2326), whatever carries it.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/base/result.hpp>
#include <millrace/rtsp/message_reader.hpp>
#include <millrace/rtsp/range.hpp>
#include <millrace/rtsp/session.hpp>
#include <millrace/rtsp/url.hpp>

#include <array>
#include <deque>
#include <map>
#include <variant>

namespace millrace::rtsp {

/// A request that somebody must decide upon; those behind it wait until it is answered. What could be told
/// without that (OPTIONS, pings, what is malformed or not allowed now) was answered already.
struct Ask {
    Method method = Method::unknown;
    std::string uri;
    Url url;
    Target target;         ///< Of a session: its path and query, whatever the URL says.
    std::string session;   ///< The id; empty: none.
    std::string elsewhere; ///< Of an id that is not in this book: the id. Nothing else was looked at.
    Request request;
    /// The track: by the announced description's place, else the number in the URL; none: all.
    std::optional<int> track;
    std::vector<Transport> transports;     ///< Of SETUP.
    std::optional<TimeRange> range;        ///< Of PLAY, PAUSE, RECORD.
    std::optional<double> scale;           ///< Of PLAY; not 0.
    std::optional<double> speed;           ///< Of PLAY; more than 0.
    std::vector<std::string> parameters{}; ///< Of GET_PARAMETER: names; of SET_PARAMETER: whole lines.
};

/// An interleaved packet of a stream that was set up.
struct FrameReceived {
    std::string session;
    int track = 0;
    bool rtcp = false; ///< It came on the second channel.
    SharedBytes payload;
};

/// The client answered a request of ours.
struct Replied {
    Method method = Method::unknown;
    int status = 0;
};

using ServerEvent = std::variant<Ask, FrameReceived, Replied>;

/// One conversation: bytes in, events out; commands in, bytes out. Each request is answered once, in the
/// order in which they came, and one at a time.
///
/// Sessions stand in a book of their own: they may outlive the conversation, and others may go on with them.
class Server {
public:
    struct Limits {
        MessageReader::Limits messages;
        std::size_t pending = 64;                         ///< Requests that wait for the one before them.
        std::size_t sessions = 16;                        ///< Made on one connection.
        Clock::duration first = std::chrono::seconds{10}; ///< Until the first request.
        Clock::duration idle = std::chrono::seconds{90};  ///< Without a session, between two requests.
    };
    struct Options {
        std::string name = "Millrace"; ///< Of the Server header.
        std::uint64_t connection = 1;  ///< Unlike any other's at the time; not 0.
        bool persistent = true;        ///< Else datagrams: nothing is interleaved, nobody is idle.
        bool strict = false;           ///< Requests without a CSeq are refused.
    };

    Server(Options options, SessionBook& book, Clock::time_point now);
    Server(Options options, SessionBook& book, Clock::time_point now, Limits limits);

    Result<> feed(ByteView bytes, Clock::time_point now);
    std::optional<ServerEvent> next_event();
    Bytes take_output();
    bool has_output() const { return !out_.empty(); }
    Clock::time_point deadline() const;
    Result<> tick(Clock::time_point now);
    void close() { closed_ = true; }
    /// Nothing more is read; what is in the output is the last.
    bool closed() const { return closed_; }

    // Answers to the newest Ask; each is ignored when nothing was asked.
    /// `controls`: none of ours, which end with trackID=N.
    void describe(std::string_view sdp, std::string_view content_base);
    /// `controls`: the announced media's, in their order.
    void accept_announce(std::vector<std::string> controls);
    /// Sets the stream up, in the session that was asked for or a new one, which it gives; null when there
    /// are too many: then it was refused. Interleaved channels are chosen here. Expects: `transport` is one
    /// that the client named, as choose() gave it.
    /// `number`: of the track, when it is another one than the URL tells.
    Session* accept_setup(Transport transport, std::optional<int> number = {});
    void accept_play(const std::optional<TimeRange>& range, double scale, double speed,
                     const std::vector<RtpInfo>& infos);
    void accept_record(int status = 200, std::string_view location = {});
    void accept_pause(const std::optional<TimeRange>& range);
    /// Lets go of the stream, or of all: then the session is gone from the book.
    void accept_teardown();
    void accept_parameters(std::string_view body = {});
    /// Unknown or read-only parameters: 451 or 458, their names in the body.
    void refuse_parameters(int status, std::string_view names);
    /// `why`: a sentence for people.
    void refuse(int status, std::string_view why, Headers more = {});
    void challenge(const std::vector<std::string>& challenges);
    void redirect(std::string_view location, int status = 302);
    /// An answer that another conversation's core has made, all but the CSeq.
    void relay(Response response);

    // Requests of ours; only on persistent connections.
    void request(Method method, std::string_view uri, Headers headers = {}, std::string_view body = {});

    /// Frees the channels of a session that is gone.
    void forget(std::string_view session);
    /// The sessions that were made or used here.
    const std::map<std::string, bool, std::less<>>& sessions() const { return sessions_; }
    /// A presentation that was described or announced here: for URLs that lost their last part.
    const std::string& described() const { return described_; }

    std::uint64_t requests() const { return requests_; }
    std::uint64_t bytes_in() const { return bytes_in_; }
    const std::map<std::string_view, std::uint64_t>& counters();

private:
    struct Channel {
        std::string session; ///< Empty: nobody's.
        int track = 0;
        bool rtcp = false;
    };

    void next_request();
    void take(Request request);
    void take(const Response& response);
    void take(Frame frame);
    bool check(Ask& ask);
    bool check_session(Ask& ask);
    bool check_state(Ask& ask);
    bool check_setup(Ask& ask);
    bool check_times(Ask& ask);
    void locate(Ask& ask);
    bool answer_alone(const Ask& ask);
    bool check_body(Ask& ask);
    void answer(Response response);
    void fail(const Error& error);
    Session* current();
    void apply(Method method);
    Ports choose_channels(const std::optional<Ports>& wanted) const;
    std::string public_methods() const;
    void count(std::string_view name) { ++counters_[name]; }

    Options options_;
    Limits limits_;
    SessionBook& book_;
    MessageReader reader_;
    std::deque<Request> waiting_;
    std::deque<ServerEvent> events_;
    std::optional<Ask> ask_; ///< That waits for its answer.
    Bytes out_;
    std::array<Channel, 256> channels_;
    std::map<std::string, bool, std::less<>> sessions_;
    std::vector<std::string> controls_;
    std::string described_;
    std::map<std::uint32_t, Method> asked_; ///< Our requests, by CSeq.
    std::uint32_t cseq_ = 0;
    Clock::time_point now_;
    Clock::time_point active_;
    std::uint64_t requests_ = 0;
    std::uint64_t bytes_in_ = 0;
    bool pumping_ = false; ///< next_request() is at work.
    bool closed_ = false;
    bool closing_ = false; ///< After the answer to a request that said so.
    std::map<std::string_view, std::uint64_t> counters_;
};

} // namespace millrace::rtsp
