// A server on loopback for one visitor, so that clients can be tried: our RTMP core, or bytes by script.
#pragma once

#include <millrace/crypto/random.hpp>
#include <millrace/flv/body.hpp>
#include <millrace/net/asio.hpp>
#include <millrace/rtmp/muxer.hpp>
#include <millrace/rtmp/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

#include <functional>
#include <string>
#include <vector>

namespace millrace::clients {

// Codecs that need no configuration, so that frames are read back as they were written.
inline const media::Track kVideo{
    .id = 0, .kind = media::Kind::video, .codec = media::Codec::h263, .origin = 0x02};
inline const media::Track kAudio{
    .id = 1, .kind = media::Kind::audio, .codec = media::Codec::mp3, .origin = 0x2F};

inline media::Frame video_frame(std::int64_t ms, bool key, std::size_t size = 10)
{
    return {.track = 0,
            .kind = media::Kind::video,
            .key = key,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes(size, 1)}};
}

inline media::Frame audio_frame(std::int64_t ms)
{
    return {.track = 1,
            .kind = media::Kind::audio,
            .key = true,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes(10, 2)}};
}

/// An event loop and a listening socket.
struct House {
    net::asio::io_context context{1};
    net::tcp::acceptor door{context, {net::asio::ip::address_v4::loopback(), 0}};

    std::string place() const { return "127.0.0.1:" + std::to_string(door.local_endpoint().port()); }

    /// Runs a visitor beside whatever serves him, to his end.
    template <class Visit>
    void receive(Visit visit)
    {
        net::asio::co_spawn(context, visit(), [this](const std::exception_ptr& thrown) {
            context.stop();
            if (thrown) {
                std::rethrow_exception(thrown);
            }
        });
        context.run();
    }

    template <class Serve>
    void serve(Serve serve)
    {
        net::asio::co_spawn(context, std::move(serve), net::kDetached);
    }
};

/// Serves one RTMP client by rule, and remembers what he sent.
struct RtmpHost {
    std::string refuse_play;       ///< A description; empty: he may play.
    std::string refuse_publish;    ///< The same.
    bool end_play = false;         ///< The stream ends behind its frames.
    bool hang_up = false;          ///< The connection is cut behind them.
    std::size_t hang_up_after = 0; ///< Messages of a publisher; 0: never.
    std::function<bool()>
        hang_up_when;                ///< Nothing is read once he may publish, and then the connection is cut.
    bool deaf = false;               ///< Reads nothing once he publishes.
    std::string move_to;             ///< Where a publisher is asked to go with his first message.
    std::vector<media::Item> stream; ///< What there is to play.

    std::string path;
    std::string query;
    std::vector<media::Item> received;
    bool unpublished = false;

    net::awaitable<void> serve(net::tcp::acceptor& door)
    {
        auto [error, socket] = co_await door.async_accept(net::kNoThrow);
        if (deaf) {
            socket.set_option(net::asio::socket_base::receive_buffer_size{4096});
        }
        rtmp::Server core{Clock::now(), [](std::span<std::uint8_t> bytes) { crypto::random_fill(bytes); }};
        Bytes inbox(65536);
        while (!core.closed() && !over) {
            const auto [failed, count] =
                co_await socket.async_read_some(net::asio::buffer(inbox), net::kNoThrow);
            if (failed || !core.feed(ByteView{inbox}.first(count), Clock::now())) {
                break;
            }
            Bytes media;
            while (auto event = core.next_event()) {
                std::visit([&](auto& what) { on(core, what, media); }, *event);
            }
            const auto rest = core.take_output();
            media.insert(media.end(), rest.begin(), rest.end());
            co_await net::asio::async_write(socket, net::asio::buffer(media), net::kNoThrow);
            if (deaf && !path.empty()) {
                net::asio::steady_timer long_time{co_await net::asio::this_coro::executor,
                                                  std::chrono::hours{1}};
                co_await long_time.async_wait(net::kNoThrow);
            }
        }
        net::asio::steady_timer pause{co_await net::asio::this_coro::executor};
        while (hang_up_when && !hang_up_when()) {
            pause.expires_after(std::chrono::milliseconds{1});
            co_await pause.async_wait(net::kNoThrow);
        }
    }

    void on(rtmp::Server& core, const rtmp::ConnectRequested&, Bytes&) { core.accept_connect(); }

    void on(rtmp::Server& core, const rtmp::PublishRequested& event, Bytes&)
    {
        path = event.path;
        query = event.query;
        refuse_publish.empty()
            ? core.accept_publish(event.stream)
            : core.refuse_publish(event.stream, "NetStream.Publish.BadName", refuse_publish);
        over = static_cast<bool>(hang_up_when);
    }

    void on(rtmp::Server& core, const rtmp::PlayRequested& event, Bytes& media)
    {
        path = event.path;
        query = event.query;
        if (!refuse_play.empty()) {
            return core.refuse_play(event.stream, "NetStream.Play.StreamNotFound", refuse_play);
        }
        core.accept_play(event.stream);
        media = core.take_output();
        rtmp::Muxer muxer{event.stream};
        media::Pieces pieces;
        for (const auto& item : stream) {
            if (const auto* track = std::get_if<media::Track>(&item)) {
                muxer.write(*track, MediaTime{}, pieces);
            } else if (const auto* frame = std::get_if<media::Frame>(&item)) {
                muxer.write(*frame, false, pieces);
            }
        }
        for (const auto& piece : pieces) {
            media.insert(media.end(), piece.view().begin(), piece.view().end());
        }
        if (end_play) {
            core.end_play(event.stream);
        }
        over = hang_up;
    }

    void on(rtmp::Server& core, rtmp::MediaReceived& event, Bytes&)
    {
        if (messages == 0 && !move_to.empty()) {
            core.request_reconnect(move_to, "moving");
        }
        bodies.feed(static_cast<flv::TagType>(event.type), event.timestamp, std::move(event.payload));
        while (auto item = bodies.next()) {
            received.push_back(std::move(*item));
        }
        ++messages;
        over = hang_up_after > 0 && messages >= hang_up_after;
    }

    void on(rtmp::Server&, const rtmp::PublishStopped&, Bytes&) { unpublished = true; }

    template <class Other>
    void on(rtmp::Server&, const Other&, Bytes&)
    {
    }

    flv::BodyReader bodies = {};
    std::size_t messages = 0;
    bool over = false;
};

} // namespace millrace::clients
