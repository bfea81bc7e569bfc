#include "connection.hpp"
#include "flv_session.hpp"
#include "live_form.hpp"
#include <millrace/exchange/route.hpp>
#include <millrace/exchange/viewer_options.hpp>
#include <millrace/exchange/viewer_socket.hpp>
#include <millrace/net/notice.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

namespace websocket = beast::websocket;
using Socket = websocket::stream<net::ChannelStream&>;

constexpr std::chrono::seconds kGoodbye{5};
constexpr std::size_t kMostAtOnce = std::size_t{256} * 1024;

/// Rings when the stream has something new; the viewer's ladder is stepped before each sending.
struct Bell : hub::Outlet {
    explicit Bell(const net::asio::any_io_executor& executor) : notice{executor} {}
    void flush(Clock::time_point now) override
    {
        if (viewer != nullptr) {
            viewer->step(now);
        }
        notice.notify();
    }
    void ended() override
    {
        over = true;
        notice.notify();
    }

    net::Notice notice;
    hub::Viewer* viewer = nullptr;
    bool over = false; ///< The stream has ended.
    bool left = false; ///< The client has said goodbye or is gone.
};

net::awaitable<void> send_media(Socket& socket, Bell& bell)
{
    std::vector<net::asio::const_buffer> buffers;
    while (!bell.left && !bell.over && bell.viewer->state() != hub::Viewer::State::closed) {
        const auto pieces = bell.viewer->take(kMostAtOnce, Clock::now());
        if (pieces.empty()) {
            co_await bell.notice.wait();
            continue;
        }
        buffers.clear();
        for (const auto& piece : pieces) {
            buffers.emplace_back(piece.data(), piece.size());
        }
        const auto [error, count] = co_await socket.async_write(buffers, net::kNoThrow);
        if (error) {
            break;
        }
    }
    if (bell.over && !bell.left) {
        const websocket::close_reason reason{websocket::close_code::going_away, "the stream is over"};
        co_await socket.async_close(reason, net::kNoThrow);
    } else if (!bell.left) {
        socket.next_layer().cancel(); // Too slow, or broken: the other side of the session ends too.
    }
}

/// Reads away what the client says; pings and its close are answered by Beast.
net::awaitable<void> hear(Socket& socket, Bell& bell)
{
    beast::flat_buffer said{std::size_t{64} * 1024};
    for (;;) {
        const auto [error, count] = co_await socket.async_read_some(said, 4096, net::kNoThrow);
        if (error) {
            break;
        }
        said.clear();
    }
    bell.left = true;
    bell.notice.notify();
}

} // namespace

net::awaitable<void> play_websocket(Connection& connection, const RequestParser& request, Target target)
{
    using namespace net::asio::experimental::awaitable_operators;
    auto& desk = connection.desk;
    auto source = co_await desk.exchange().watch(desk, target.stream);
    if (!source) {
        co_return;
    }
    const auto route = co_await route_for(connection, request, target);
    connection.stream.expires_never();
    Socket socket{connection.stream};
    auto patience = websocket::stream_base::timeout::suggested(beast::role_type::server);
    patience.handshake_timeout = kGoodbye;
    socket.set_option(patience);
    socket.set_option(websocket::stream_base::decorator([&route](websocket::response_type& response) {
        response.set(http::field::server, "Millrace");
        if (!route.empty()) {
            response.set(exchange::kRouteHeader, route);
        }
    }));
    socket.auto_fragment(false);
    socket.binary(true);
    const auto [error] = co_await socket.async_accept(request.get(), net::kNoThrow);
    if (error) {
        desk.count("http_errors", error.message());
        co_return;
    }

    const auto form = live_form(target);
    std::optional<FlvSession> session{std::in_place,          desk,          "ws-" + form.protocol,
                                      exchange::Role::viewer, target.stream, connection.remote};
    Bell bell{connection.stream.get_executor()};
    std::optional<hub::Viewer> viewer{std::in_place, bell,
                                      exchange::viewer_options(desk.settings(), target.query), Clock::now()};
    bell.viewer = &*viewer;
    (*source)->stream().attach(*viewer, form.packaging);
    session->describe = [&viewer, &form, &source](exchange::SessionInfo& info) {
        info.bytes_out = viewer->record().bytes;
        exchange::describe(*viewer, info);
        form.describe((*source)->stream(), info);
    };
    session->on_disconnect = [&connection] { connection.stream.cancel(); };
    const auto label = session->label();
    // A client that says goodbye is no viewer any more, however long it takes to hang up.
    socket.control_callback([&](websocket::frame_type kind, std::string_view) {
        if (kind == websocket::frame_type::close) {
            session.reset();
            bell.left = true;
            bell.viewer = nullptr;
            viewer.reset();
            bell.notice.notify();
        }
    });
    spdlog::info("{}: plays {}", label, target.stream);
    bell.flush(Clock::now());
    co_await (send_media(socket, bell) && hear(socket, bell));
    spdlog::info("{}: left {}", label, target.stream);
}

} // namespace millrace::doors
