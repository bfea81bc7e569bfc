#include "connection.hpp"
#include <millrace/rtmp/tunnel.hpp>

#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

namespace millrace::doors {
namespace {

constexpr std::chrono::seconds kBodyTime{10};
constexpr std::chrono::seconds kAnswerTime{30};

using TunnelAnswer = http::response<http::vector_body<std::uint8_t>>;

/// The length is spelled Content-Length, as Beast does: librtmp understands no other spelling, and no chunks.
TunnelAnswer ok(const RequestParser& request, Bytes body)
{
    TunnelAnswer answer{http::status::ok, request.get().version()};
    answer.set(http::field::server, "Millrace");
    answer.set(http::field::content_type, rtmp::kTunnelType);
    answer.set(http::field::cache_control, "no-cache");
    answer.keep_alive(request.keep_alive());
    answer.body() = std::move(body);
    answer.prepare_payload();
    return answer;
}

} // namespace

net::awaitable<std::optional<Bytes>> read_body(Connection& connection, RequestParser& request,
                                               std::size_t most)
{
    Bytes body;
    std::array<std::uint8_t, 16384> part;
    connection.stream.expires_after(kBodyTime);
    while (!request.is_done()) {
        request.get().body() = {part.data(), part.size(), true};
        const auto [error, count] =
            co_await http::async_read(connection.stream, connection.buffer, request, net::kNoThrow);
        const auto got = part.size() - request.get().body().size;
        if ((error && error != http::error::need_buffer) || body.size() + got > most) {
            co_return std::nullopt;
        }
        body.insert(body.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
    }
    connection.stream.expires_never();
    co_return body;
}

net::awaitable<bool> serve_tunnel(Connection& connection, RequestParser& request, Tunnels& tunnels,
                                  std::string path)
{
    auto body = co_await read_body(connection, request, tunnels.limits().body_bytes);
    if (!body) {
        auto bad =
            make_answer(request.get(), false,
                        problem(413, "the body broke off, or is longer than a request of RTMPT may be"));
        co_return co_await send(connection, std::move(bad));
    }
    auto reply = co_await tunnels.take(connection.desk, std::move(path), std::move(*body), connection.remote,
                                       connection.tls);
    if (reply.status != 200) {
        auto refused = make_answer(request.get(), request.keep_alive(), problem(reply.status, reply.why));
        co_return co_await send(connection, std::move(refused));
    }
    const bool keep_alive = request.keep_alive();
    auto answer = ok(request, std::move(reply.body));
    connection.stream.expires_after(kAnswerTime);
    http::response_serializer<http::vector_body<std::uint8_t>> serializer{answer};
    const auto [error, count] = co_await http::async_write(connection.stream, serializer, net::kNoThrow);
    co_return !error && keep_alive;
}

} // namespace millrace::doors
