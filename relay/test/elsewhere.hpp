// Another server on loopback: our RTMP core, that plays to whoever comes and takes what is published.
#pragma once

#include <millrace/crypto/random.hpp>
#include <millrace/exchange/route.hpp>
#include <millrace/flv/body.hpp>
#include <millrace/net/asio.hpp>
#include <millrace/rtmp/muxer.hpp>
#include <millrace/rtmp/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace millrace::relay {

using namespace std::chrono_literals;

// Codecs that need no configuration, so that frames are read back as they were written.
inline const media::Track kVideo{
    .id = 0, .kind = media::Kind::video, .codec = media::Codec::h263, .origin = 0x02};

inline media::Frame video_frame(std::int64_t ms, bool key)
{
    return {.track = 0,
            .kind = media::Kind::video,
            .key = key,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes(10, 1)}};
}

inline bool eventually(const std::function<bool()>& condition)
{
    for (int i = 0; i < 1500 && !condition(); ++i) {
        std::this_thread::sleep_for(10ms);
    }
    return condition();
}

/// Another server: plays some frames to whoever comes and goes on while he stays, or takes what he publishes.
class Elsewhere {
public:
    Elsewhere() : port_{door_.local_endpoint().port()} { run(); }
    ~Elsewhere() { stop(); }
    Elsewhere(const Elsewhere&) = delete;
    Elsewhere& operator=(const Elsewhere&) = delete;

    std::string url(const std::string& path) const
    {
        return "rtmp://me:secret@127.0.0.1:" + std::to_string(port_) + '/' + path;
    }

    std::atomic<int> visits{0};
    std::atomic<int> open{0};
    std::atomic<int> frames{0};   ///< That publishers sent.
    std::atomic<bool> cut{false}; ///< Connections are cut after their next frame.
    std::string comes_through;    ///< Servers that its stream came through; set before anybody comes.
    std::string refuse;           ///< Who plays is refused with these words; set before anybody comes.

    std::string route() const
    {
        const std::scoped_lock lock{mutex_};
        return route_;
    }
    std::string path() const
    {
        const std::scoped_lock lock{mutex_};
        return path_;
    }

private:
    struct Guest {
        explicit Guest(net::tcp::socket with) : socket{std::move(with)} {}
        net::tcp::socket socket;
        rtmp::Server core{Clock::now(), [](std::span<std::uint8_t> bytes) { crypto::random_fill(bytes); }};
        flv::BodyReader bodies;
        std::optional<rtmp::Muxer> muxer;
        Bytes media;
        std::int64_t time = 0;
    };

    void run()
    {
        net::asio::co_spawn(
            context_,
            [this]() -> net::awaitable<void> {
                for (;;) {
                    auto [error, socket] = co_await door_.async_accept(net::kNoThrow);
                    if (error) {
                        co_return;
                    }
                    net::asio::co_spawn(context_, receive(std::make_shared<Guest>(std::move(socket))),
                                        net::kDetached);
                }
            },
            net::kDetached);
        thread_ = std::thread{[this] { context_.run(); }};
    }

    void stop()
    {
        context_.stop();
        thread_.join();
    }

    net::awaitable<void> receive(std::shared_ptr<Guest> guest)
    {
        ++visits;
        ++open;
        Bytes inbox(65536);
        while (!guest->core.closed()) {
            const auto [failed, count] =
                co_await guest->socket.async_read_some(net::asio::buffer(inbox), net::kNoThrow);
            if (failed || !guest->core.feed(ByteView{inbox}.first(count), Clock::now())) {
                break;
            }
            while (auto event = guest->core.next_event()) {
                std::visit([&](auto& what) { on(guest, what); }, *event);
            }
            auto out = guest->core.take_output();
            co_await net::asio::async_write(guest->socket, net::asio::buffer(out), net::kNoThrow);
            if (cut && frames > 0) {
                break;
            }
        }
        net::error_code ignored;
        guest->socket.close(ignored);
        --open;
    }

    /// A picture each 20 ms, each fifth a key frame.
    net::awaitable<void> play(std::shared_ptr<Guest> guest)
    {
        net::asio::steady_timer timer{context_};
        media::Pieces pieces;
        guest->muxer->write(kVideo, MediaTime{}, pieces);
        while (guest->socket.is_open()) {
            guest->muxer->write(video_frame(guest->time, guest->time % 100 == 0), false, pieces);
            guest->time += 20;
            Bytes out;
            for (const auto& piece : pieces) {
                out.insert(out.end(), piece.view().begin(), piece.view().end());
            }
            pieces.clear();
            const auto [error, count] =
                co_await net::asio::async_write(guest->socket, net::asio::buffer(out), net::kNoThrow);
            if (error || (cut && guest->time > 200)) {
                break;
            }
            timer.expires_after(20ms);
            co_await timer.async_wait(net::kNoThrow);
        }
        net::error_code ignored;
        guest->socket.close(ignored);
    }

    void on(const std::shared_ptr<Guest>& guest, rtmp::ConnectRequested& event)
    {
        if (const auto* route = event.properties.find(exchange::kRouteProperty)) {
            const std::scoped_lock lock{mutex_};
            route_ = route->text();
        }
        guest->core.accept_connect();
    }
    void on(const std::shared_ptr<Guest>& guest, rtmp::PublishRequested& event)
    {
        {
            const std::scoped_lock lock{mutex_};
            path_ = event.path;
        }
        guest->core.accept_publish(event.stream);
    }
    void on(const std::shared_ptr<Guest>& guest, rtmp::PlayRequested& event)
    {
        {
            const std::scoped_lock lock{mutex_};
            path_ = event.path;
        }
        if (!refuse.empty()) {
            return guest->core.refuse_play(event.stream, "NetStream.Play.StreamNotFound", refuse);
        }
        if (!comes_through.empty()) {
            guest->core.notify(event.stream, "status", exchange::kRouteStatus, comes_through);
        }
        guest->core.accept_play(event.stream);
        guest->muxer.emplace(event.stream);
        net::asio::co_spawn(
            context_,
            [this, guest]() -> net::awaitable<void> {
                net::asio::steady_timer timer{context_, 10ms}; // So that the answer is out before.
                co_await timer.async_wait(net::kNoThrow);
                co_await play(guest);
            },
            net::kDetached);
    }
    void on(const std::shared_ptr<Guest>& guest, rtmp::MediaReceived& event)
    {
        guest->bodies.feed(static_cast<flv::TagType>(event.type), event.timestamp, std::move(event.payload));
        while (auto item = guest->bodies.next()) {
            frames += std::holds_alternative<media::Frame>(*item) ? 1 : 0;
        }
    }
    template <class Other>
    void on(const std::shared_ptr<Guest>&, const Other&)
    {
    }

    net::asio::io_context context_{1};
    net::tcp::acceptor door_{context_, {net::asio::ip::address_v4::loopback(), 0}};
    std::uint16_t port_;
    std::thread thread_;
    mutable std::mutex mutex_;
    std::string route_;
    std::string path_;
};

} // namespace millrace::relay
