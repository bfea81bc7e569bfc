// One RTMP connection between its core and the exchange.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/exchange/viewer_socket.hpp>
#include <millrace/flv/body.hpp>
#include <millrace/rtmp/server.hpp>

namespace millrace::doors {

/// Holds what the three coroutines of a connection share. Lives on its desk's worker.
class Visit : public exchange::Session, public std::enable_shared_from_this<Visit> {
public:
    Visit(exchange::Desk& desk, net::tcp::socket socket, std::string remote);
    ~Visit() override;

    /// Bytes in: the peer speaks, the core decides, the exchange hears of it.
    net::awaitable<void> listen();
    /// Bytes out, when the socket is full.
    net::awaitable<void> speak() { return out_.speak(); }
    /// Tells the core the time, and limits how long a goodbye may take.
    net::awaitable<void> watch();

    exchange::SessionInfo info(Clock::time_point now) const override;
    void disconnect(std::string_view reason) override;

private:
    struct Publishing {
        rtmp::StreamId stream;
        std::unique_ptr<exchange::Publication> publication;
        flv::BodyReader bodies;
    };
    struct Playing {
        rtmp::StreamId stream;
        std::shared_ptr<exchange::LocalStream> source;
    };

    net::awaitable<void> drain();
    net::awaitable<void> on(rtmp::ConnectRequested event);
    net::awaitable<void> on(rtmp::PublishRequested event);
    net::awaitable<void> on(rtmp::PlayRequested event);
    void on(rtmp::MediaReceived& event);
    void on(const rtmp::PublishStopped& event);
    void on(const rtmp::PlayStopped& event);
    void on(const rtmp::PauseRequested& event);
    void on(const rtmp::SeekRequested&) {}
    void on(const rtmp::ReceiveChanged& event);

    void say();
    void begin_goodbye();
    void stop_playing(rtmp::StreamId stream);
    void end_streams();
    void closed_by(std::string_view who, const Error& error);

    exchange::Desk& desk_;
    net::tcp::socket socket_;
    std::string remote_;
    WallTime since_;
    std::uint64_t number_;
    rtmp::Server core_;
    exchange::ViewerSocket out_;
    net::asio::steady_timer timer_;
    bool goodbye_ = false;
    std::string path_; ///< Of the stream that is published or played.
    std::string reason_;
    std::unique_ptr<Publishing> publishing_;
    std::vector<Playing> playing_;
    std::vector<media::Item> items_;
};

} // namespace millrace::doors
