// An RTSP conversation that we begin: its connections, its datagrams, its core.
#pragma once

#include "line.hpp"
#include <millrace/clients/source.hpp>
#include <millrace/net/notice.hpp>
#include <millrace/net/udp.hpp>
#include <millrace/rtp/reception.hpp>
#include <millrace/rtsp/client.hpp>

#include <memory>
#include <vector>

namespace millrace::clients {

/// How packets are carried.
enum class RtspWay : std::uint8_t { udp, tcp, http };

/// Runs by itself from open() on: hears, says, keeps the time. Whoever uses it waits at `rung`. Used by one
/// thread.
class RtspCall : public std::enable_shared_from_this<RtspCall> {
public:
    /// One stream to be set up.
    struct Stream {
        std::string url;
        net::DatagramPair sockets = {};
        std::optional<net::udp::endpoint> rtp_to = {}; ///< Where the server takes packets.
        std::optional<net::udp::endpoint> rtcp_to = {};
        Clock::time_point strict_until = {}; ///< Until then only packets from there count.
        bool heard = false;                  ///< Something came from there.
        rtsp::Transport transport = {};
    };

    RtspCall(const net::asio::any_io_executor& executor, Url url, RtspWay way, rtsp::Client::Options options,
             Source::Limits limits);

    /// Connects; what follows are calls of `on_event` and `on_packet`.
    net::awaitable<Outcome> connect();
    /// Sets streams up as `way` says. Gives what went wrong.
    Outcome set_up(std::vector<std::string> urls, bool record);
    /// Sends a packet of a stream.
    void send(std::size_t stream, bool rtcp, ByteView packet);
    /// Says what waits to be said.
    void say() { to_say_.notify(); }
    /// Bytes that wait for the connection.
    std::size_t backlog() const { return waiting_.size() + core_.backlog(); }
    /// Ends it in good order; what waits ends soon.
    void leave();
    void lose(Outcome why);

    std::function<void(const rtsp::ClientEvent&)> on_event;
    std::function<void(std::size_t stream, SharedBytes packet)> on_packet;
    std::function<void(Clock::time_point now)> on_tick;

    rtsp::Client& core() { return core_; }
    RtspWay way() const { return way_; }
    bool over() const { return over_; }
    const Outcome& outcome() const { return outcome_; }
    std::uint64_t bytes_in() const { return bytes_in_; }
    std::uint64_t bytes_out() const { return bytes_out_; }
    net::Notice& rung() { return rung_; }

private:
    bool from_the_server(Stream& stream, const net::udp::endpoint& from);
    static net::awaitable<void> listen(std::shared_ptr<RtspCall> self);
    static net::awaitable<void> speak(std::shared_ptr<RtspCall> self);
    static net::awaitable<void> keep_time(std::shared_ptr<RtspCall> self);
    static net::awaitable<void> receive(std::shared_ptr<RtspCall> self, std::size_t stream,
                                        std::shared_ptr<net::DatagramSocket> socket);
    net::awaitable<Outcome> open_tunnel(Clock::time_point due);
    void take_events();
    void learn(const rtsp::StreamSetUp& event);

    net::asio::any_io_executor executor_;
    Url url_;
    RtspWay way_;
    Source::Limits limits_;
    rtsp::Client core_;
    Line line_;
    Line up_; ///< Of a tunnel: the POST.
    net::Notice to_say_;
    net::Notice rung_;
    net::asio::steady_timer timer_;
    net::asio::ip::address server_;
    std::vector<Stream> streams_;
    Bytes waiting_;
    bool over_ = false;
    Outcome outcome_;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
};

/// The options of a conversation about a URL.
rtsp::Client::Options rtsp_options(const Url& url, rtsp::Client::Role role);
/// "refused: 404 Not Found".
Outcome to_outcome(const rtsp::Refused& refused);
void fill_random(std::span<std::uint8_t> out);

} // namespace millrace::clients
