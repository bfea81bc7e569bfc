#include "visit.hpp"
#include <millrace/doors/rtmp/serve.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace millrace::doors {

net::awaitable<void> serve_rtmp(exchange::Desk& desk, net::tcp::socket socket, std::string remote)
{
    using namespace net::asio::experimental::awaitable_operators;
    const auto visit = std::make_shared<Visit>(desk, std::move(socket), std::move(remote));
    co_await ((visit->listen() && visit->speak()) || visit->watch());
}

} // namespace millrace::doors
