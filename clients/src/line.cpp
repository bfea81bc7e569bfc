#include "line.hpp"

#include "tunnel.hpp"
#include <millrace/net/tls.hpp>

#include <boost/asio/connect.hpp>
#include <fmt/format.h>

namespace millrace::clients {

Line::Line(const net::asio::any_io_executor& executor)
    : resolver_{executor}, dialled_{executor}, reading_{executor, [this] { hang_up(); }},
      writing_{executor, [this] { hang_up(); }}
{
}

void Line::hang_up()
{
    resolver_.cancel();
    net::error_code ignored;
    dialled_.close(ignored);
    if (channel_) {
        channel_->close();
    }
}

void Line::cancel()
{
    if (!connected_) {
        return hang_up();
    }
    channel_->cancel();
}

net::awaitable<Outcome> Line::connect(const Url& url, Clock::time_point due)
{
    reading_.set(due);
    auto outcome = co_await dial(url);
    if (outcome && url.tls()) {
        outcome = co_await secure(url);
    } else if (outcome) {
        channel_ = std::make_shared<net::TcpChannel>(std::move(dialled_));
    }
    const bool late = reading_.bitten();
    reading_.rest();
    if (late) {
        co_return Outcome{fmt::format("cannot connect to {}: no answer in time", url.authority())};
    }
    if (!outcome) {
        co_return outcome;
    }
    channel_->prepare();
    if (url.tunnelled()) {
        channel_ = open_tunnel(channel_, url);
    }
    connected_ = true;
    co_return Outcome{};
}

net::awaitable<Outcome> Line::dial(const Url& url)
{
    const auto host = url.host;
    const auto port = std::to_string(url.port);
    const auto where = url.authority();
    const auto [not_found, places] =
        co_await resolver_.async_resolve(host, port, net::tcp::resolver::numeric_service, net::kNoThrow);
    if (not_found) {
        co_return Outcome{fmt::format("cannot find the host {}: {}", host, describe(not_found))};
    }
    const auto [error, place] = co_await net::asio::async_connect(dialled_, places, net::kNoThrow);
    if (error) {
        co_return Outcome{fmt::format("cannot connect to {}: {}", where, describe(error))};
    }
    dialled_.non_blocking(true);
    co_return Outcome{};
}

net::awaitable<Outcome> Line::secure(const Url& url)
{
    auto channel = std::make_shared<net::TlsChannel>(std::move(dialled_), net::tls_client_context(), false);
    channel->expect(url.host, url.verify);
    channel_ = channel;
    const auto where = url.authority();
    const auto why = co_await channel->handshake();
    if (!why.empty()) {
        const bool distrust = why.find("certificate") != std::string::npos;
        co_return Outcome{fmt::format("cannot speak TLS with {}: {}{}", where, why,
                                      distrust ? "; --insecure takes any certificate" : "")};
    }
    co_return Outcome{};
}

net::awaitable<net::Attempt> Line::read(std::span<std::uint8_t> into, Clock::time_point due)
{
    reading_.set(due);
    const auto channel = channel_;
    auto got = co_await net::read_some(*channel, into);
    if (reading_.bitten()) {
        got.error = net::asio::error::timed_out;
    }
    reading_.rest();
    co_return got;
}

net::awaitable<net::error_code> Line::write(ByteView bytes, Clock::time_point due)
{
    writing_.set(due);
    const auto channel = channel_;
    const auto error = co_await net::write_all(*channel, bytes);
    const bool late = writing_.bitten();
    writing_.rest();
    if (late) {
        co_return net::asio::error::timed_out;
    }
    co_return error;
}

void Line::shut()
{
    channel_->shut();
}

net::awaitable<void> Line::close(Clock::time_point due)
{
    shut();
    Bytes unheard(4096);
    for (;;) {
        const auto got = co_await read(unheard, due);
        if (got.error) {
            break;
        }
    }
    hang_up();
}

std::string describe(const net::error_code& error)
{
    if (error == net::asio::error::eof) {
        return "the server closed the connection";
    }
    if (error == net::asio::error::timed_out) {
        return "no answer in time";
    }
    if (error == net::asio::error::operation_aborted) {
        return "interrupted";
    }
    return error.message();
}

std::string describe_loss(const net::error_code& error)
{
    const bool system = error.category() == boost::system::system_category();
    return system && error != net::asio::error::timed_out && error != net::asio::error::operation_aborted
               ? "the connection is lost: " + error.message()
               : describe(error);
}

} // namespace millrace::clients
