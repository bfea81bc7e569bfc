#include "ws_source.hpp"

#include "http_source.hpp"
#include <millrace/net/channel_stream.hpp>

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <fmt/format.h>

namespace millrace::clients {

namespace websocket = boost::beast::websocket;

struct WsSource::Socket {
    explicit Socket(net::Channel& channel) : below{channel}, stream{below} {}
    net::ChannelStream below;
    websocket::stream<net::ChannelStream&> stream;
};

WsSource::WsSource(const net::asio::any_io_executor& executor, Url url, Limits limits)
    : url_{std::move(url)}, limits_{limits}, line_{executor}, inbox_(std::size_t{64} << 10U)
{
}

WsSource::~WsSource() = default;

net::awaitable<Outcome> WsSource::open()
{
    auto opened = co_await line_.connect(url_, Clock::now() + limits_.connect);
    if (!opened) {
        co_return opened;
    }
    socket_ = std::make_unique<Socket>(line_.channel());
    auto& stream = socket_->stream;
    stream.set_option(websocket::stream_base::decorator{[this](websocket::request_type& request) {
        request.set(boost::beast::http::field::user_agent, "Millrace");
        if (const auto credentials = basic_credentials(url_); !credentials.empty()) {
            request.set(boost::beast::http::field::authorization, credentials);
        }
        if (!url_.route.empty()) {
            request.set(kRouteHeader, url_.route);
        }
    }});
    websocket::response_type answer;
    const auto host = url_.authority();
    const auto target = url_.target();
    line_.reading().set(Clock::now() + limits_.answer);
    const auto [error] = co_await stream.async_handshake(answer, host, target, net::kNoThrow);
    const bool late = line_.reading().bitten();
    line_.reading().rest();
    if (late) {
        opened.why = "no answer in time";
    } else if (error == websocket::error::upgrade_declined) {
        opened.why = fmt::format("refused: {} {}", answer.result_int(), std::string{answer.reason()});
    } else if (error) {
        opened.why = describe(error);
    } else {
        route_ = std::string{answer[kRouteHeader]};
    }
    co_return opened;
}

net::awaitable<ByteView> WsSource::more()
{
    line_.reading().set(Clock::now() + limits_.silence);
    const auto [error, count] =
        co_await socket_->stream.async_read_some(net::asio::buffer(inbox_), net::kNoThrow);
    const bool late = line_.reading().bitten();
    line_.reading().rest();
    if (!error) {
        co_return ByteView{inbox_}.first(count);
    }
    if (late) {
        fail("nothing came for too long");
    } else if (error != websocket::error::closed) {
        fail(describe_loss(error));
    } else if (const auto& reason = socket_->stream.reason();
               reason.code != websocket::close_code::normal &&
               reason.code != websocket::close_code::going_away) {
        fail(fmt::format("the server closed the stream: {} {}", reason.code, reason.reason.c_str()));
    }
    co_return ByteView{};
}

net::awaitable<void> WsSource::leave()
{
    if (socket_->stream.is_open()) {
        line_.reading().set(Clock::now() + limits_.goodbye);
        co_await socket_->stream.async_close(websocket::close_code::normal, net::kNoThrow);
        line_.reading().rest();
    }
}

} // namespace millrace::clients
