// What an RTSP session does: it plays something or publishes something.
#pragma once

#include <millrace/exchange/session.hpp>
#include <millrace/exchange/viewer_socket.hpp>
#include <millrace/net/asio.hpp>
#include <millrace/rtsp/server.hpp>

#include <memory>

namespace millrace::doors {

class RtspRoom;

/// The connection that asks, as a part needs to know it.
struct RtspCaller {
    std::string protocol; ///< "rtsp", "rtsps", …
    std::string remote;   ///< With port.
    net::asio::ip::address peer;
    net::asio::ip::address local; ///< Ours, as the client reached it.
    /// What interleaved packets go through; none: they cannot.
    std::shared_ptr<exchange::ViewerSocket> wire;
    std::uint64_t connection = 0;
};

/// What became of a request.
struct RtspReply {
    int status = 200;
    std::string why;
    std::optional<rtsp::TimeRange> range = {};
    std::vector<rtsp::RtpInfo> infos = {};
    double scale = 1;
    double speed = 1;
};

/// Lives on its room's worker, as long as its session is in the book.
class RtspPart : public exchange::Session, public std::enable_shared_from_this<RtspPart> {
public:
    RtspPart(RtspRoom& room, const RtspCaller& caller, std::string path);
    ~RtspPart() override;

    const std::string& session() const { return session_; } ///< Empty before the first stream is set up.
    const std::string& path() const { return path_; }

    /// Finds a way for one stream's packets; `transport` becomes what is answered. `track`: of the URL.
    virtual RtspReply set_up(int track, const std::string& url, const RtspCaller& caller,
                             rtsp::Transport& transport) = 0;
    /// The session is in the book now.
    void enrol(std::string session) { session_ = std::move(session); }
    /// What was answered: interleaved packets have their channels.
    virtual void agreed(int track, const rtsp::Transport& transport) = 0;
    virtual net::awaitable<RtspReply> play(const rtsp::Ask& ask);
    virtual net::awaitable<RtspReply> record(const rtsp::Ask& ask);
    virtual RtspReply pause(const rtsp::Ask& ask) = 0;
    /// One stream, or all.
    virtual void tear_down(std::optional<int> track) = 0;
    /// The answer to the request is on its way: media may follow it.
    virtual void go() {}
    /// An interleaved packet of the client's.
    virtual void feed(int track, SharedBytes packet) = 0;
    /// "position", "packets_received", "jitter"; none when that is not known here.
    virtual std::optional<std::string> parameter(std::string_view name) const;

    void tick(Clock::time_point now) override;
    void disconnect(std::string_view reason) override;

    /// Over: everything is let go, and the session leaves the book.
    void end(std::string_view reason);
    bool over() const { return over_; }

    /// Tells the connection that the session is over for a reason of ours; set by the connection.
    std::function<void(const std::string& session, std::string_view reason)> on_end;
    /// Asks the connection to send REDIRECT; set by the connection.
    std::function<bool(std::string_view server)> on_move;
    bool ask_to_move(std::string_view server, std::string_view reason) override;

protected:
    /// Lets go of what the part holds.
    virtual void release() = 0;
    /// Shows that the client is there.
    void heard(Clock::time_point now);
    void fill(exchange::SessionInfo& info) const;
    std::string label() const;

    RtspRoom& room_;
    std::string protocol_;
    std::string remote_;
    net::asio::ip::address peer_;
    std::string session_;
    std::string path_;
    WallTime since_;
    std::uint64_t number_ = 0;
    std::string reason_;
    bool interleaved_ = false;
    bool over_ = false;
};

} // namespace millrace::doors
