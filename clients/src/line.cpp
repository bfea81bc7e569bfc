#include "line.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace millrace::clients {

using net::asio::buffer;

Line::Line(const net::asio::any_io_executor& executor)
    : resolver_{executor}, socket_{executor}, reading_{executor, [this] { hang_up(); }},
      writing_{executor, [this] { hang_up(); }}
{
}

void Line::hang_up()
{
    resolver_.cancel();
    net::error_code ignored;
    socket_.close(ignored);
}

void Line::cancel()
{
    if (!connected_) {
        return hang_up();
    }
    net::error_code ignored;
    socket_.cancel(ignored);
}

net::awaitable<Outcome> Line::connect(const Url& url, Clock::time_point due)
{
    reading_.set(due);
    const auto host = url.host;
    const auto port = std::to_string(url.port);
    const auto where = url.authority();
    const auto [not_found, places] =
        co_await resolver_.async_resolve(host, port, net::tcp::resolver::numeric_service, net::kNoThrow);
    if (not_found) {
        co_return Outcome{fmt::format("cannot find the host {}: {}", host, describe(not_found))};
    }
    const auto [error, place] = co_await net::asio::async_connect(socket_, places, net::kNoThrow);
    const bool late = reading_.bitten();
    reading_.rest();
    if (error || late) {
        co_return Outcome{
            fmt::format("cannot connect to {}: {}", where, late ? "no answer in time" : describe(error))};
    }
    connected_ = true;
    net::prepare_for_media(socket_);
    co_return Outcome{};
}

net::awaitable<net::Attempt> Line::read(std::span<std::uint8_t> into, Clock::time_point due)
{
    reading_.set(due);
    const auto [error, count] =
        co_await socket_.async_read_some(buffer(into.data(), into.size()), net::kNoThrow);
    net::Attempt got{.bytes = count, .error = error};
    if (reading_.bitten()) {
        got.error = net::asio::error::timed_out;
    }
    reading_.rest();
    co_return got;
}

net::awaitable<net::error_code> Line::write(ByteView bytes, Clock::time_point due)
{
    writing_.set(due);
    const auto [error, count] =
        co_await net::asio::async_write(socket_, buffer(bytes.data(), bytes.size()), net::kNoThrow);
    const bool late = writing_.bitten();
    writing_.rest();
    if (late) {
        co_return net::asio::error::timed_out;
    }
    co_return error;
}

void Line::shut()
{
    net::error_code ignored;
    socket_.shutdown(net::tcp::socket::shutdown_send, ignored);
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
