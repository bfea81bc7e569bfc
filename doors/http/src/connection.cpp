#include "connection.hpp"

#include <millrace/exchange/route.hpp>

#include <boost/beast/http/write.hpp>

namespace millrace::doors {
namespace {

constexpr std::chrono::seconds kAnswerTime{30};

} // namespace

net::awaitable<std::string> route_for(Connection& connection, const RequestParser& request,
                                      const Target& target)
{
    if (request.get()[exchange::kRouteHeader].empty()) {
        co_return "";
    }
    co_return co_await connection.desk.exchange().route_of(target.stream);
}

net::awaitable<bool> send(Connection& connection, Answer answer)
{
    const bool keep_alive = answer.keep_alive();
    connection.stream.expires_after(kAnswerTime);
    http::response_serializer<http::string_body> serializer{answer};
    const auto [error, count] = co_await http::async_write(connection.stream, serializer, net::kNoThrow);
    co_return !error && keep_alive;
}

} // namespace millrace::doors
