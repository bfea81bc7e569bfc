#include "connection.hpp"
#include "http2.hpp"
#include "live_form.hpp"
#include <millrace/doors/http/serve.hpp>
#include <millrace/exchange/route.hpp>
#include <millrace/rtmp/tunnel.hpp>

#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr std::chrono::seconds kRequestTime{10};
constexpr std::chrono::seconds kIdleTime{75};
constexpr std::uint32_t kMostHeader = 16 * 1024;
constexpr std::size_t kMostBuffered = std::size_t{64} * 1024;
constexpr std::size_t kMostBody =
    std::size_t{1024} * 1024; ///< Of requests to the site; publications have no end.

SiteRequest site_request(const http::request_header<>& request, const Target& target,
                         const std::string& remote)
{
    SiteRequest asked{.method = std::string{request.method_string()},
                      .path = target.path,
                      .query = target.query,
                      .headers = {},
                      .remote = remote};
    for (const auto& field : request) {
        std::string name{field.name_string()};
        std::ranges::transform(name, name.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; });
        asked.headers.emplace(std::move(name), field.value());
    }
    return asked;
}

SiteReply preflight()
{
    return {.status = 204,
            .content_type = "text/plain",
            .body = {},
            .headers = {{"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, OPTIONS"},
                        {"Access-Control-Allow-Headers", "*"},
                        {"Access-Control-Max-Age", "86400"}}};
}

SiteReply stream_exists(const Target& target)
{
    return {.content_type = std::string{live_form(target).content_type},
            .body = {},
            .headers = {{"Cache-Control", "no-store"}}};
}

/// RFC 9110 §15.6.3; RFC 5842 §7.2 for the loop.
SiteReply stream_missing(const Target& target, const Error& error, const std::string& why)
{
    if (error == exchange::make_error_code(exchange::Errc::relay_failed)) {
        return problem(502, target.stream + ": " + why);
    }
    const bool loop = error == exchange::make_error_code(exchange::Errc::relay_loop);
    return problem(loop ? 508 : 404, target.stream + ": " + error.message());
}

net::awaitable<Result<std::shared_ptr<exchange::LocalStream>>>
watch(Connection& connection, const RequestParser& request, const Target& target, std::string& why)
{
    connection.stream.expires_never(); // A relay may need some time.
    std::string route{request.get()[exchange::kRouteHeader]};
    co_return co_await connection.desk.exchange().watch(connection.desk, target.stream, std::move(route),
                                                        &why);
}

/// Reads what is left of a request, so that the next one can be read; false when it is too much, or broken
/// off.
net::awaitable<bool> read_body(Connection& connection, RequestParser& request, std::string& body)
{
    std::size_t total = 0;
    std::array<char, 4096> scratch;
    while (!request.is_done()) {
        request.get().body() = {scratch.data(), scratch.size(), true};
        connection.stream.expires_after(kRequestTime);
        const auto [error, count] =
            co_await http::async_read(connection.stream, connection.buffer, request, net::kNoThrow);
        total += count;
        body.append(scratch.data(), scratch.size() - request.get().body().size);
        if ((error && error != http::error::need_buffer) || total > kMostBody) {
            co_return false;
        }
    }
    co_return true;
}

/// Says that the operator does not want this protocol here.
net::awaitable<bool> refuse_protocol(Connection& connection, RequestParser& request, std::string protocol)
{
    spdlog::warn("http {}: {} is not spoken on this port: refused", connection.remote, protocol);
    connection.desk.count("protocol_refused", protocol);
    auto refused = make_answer(request.get(), false,
                               problem(403, protocol + " is not spoken on this port; see listen.protocols"));
    co_return co_await send(connection, std::move(refused));
}

net::awaitable<std::optional<bool>> try_file(Connection& connection, const RequestParser& request,
                                             const Target& target, const HttpOffer& offer)
{
    // A body behind GET is read by nobody: the connection would be out of step.
    if (offer.shelf == nullptr || !request.is_done()) {
        co_return std::nullopt;
    }
    auto wanted = target;
    co_return co_await serve_file(connection, request, std::move(wanted), *offer.shelf);
}

/// What is asked for: a stream, or a recording.
const std::string& name_of(const Target& target, const std::optional<HlsTarget>& hls)
{
    return hls ? hls->stream : target.stream.empty() ? target.file : target.stream;
}

/// Why a stream or a file may not be played or published; none when it may, or when neither is asked for.
std::optional<SiteReply> refusal_of(const RequestParser::value_type& request, const std::string& stream,
                                    const HttpOffer& offer)
{
    const bool publishes = request.method() == http::verb::post || request.method() == http::verb::put;
    const bool plays = request.method() == http::verb::get || request.method() == http::verb::head;
    if (!offer.access || stream.empty() || !(publishes || plays)) {
        return std::nullopt;
    }
    const auto authorization = request[http::field::authorization];
    return offer.access({stream, publishes, {authorization.data(), authorization.size()}});
}

/// Answers one request; false when the connection is used up.
net::awaitable<bool> answer(Connection& connection, RequestParser& request, const HttpOffer& offer)
{
    const auto method = request.get().method();
    const bool keep_alive = request.keep_alive();
    auto target = parse_target(request.get().target());
    if (!target) {
        auto bad = make_answer(request.get(), false, problem(400, "the request's target is no valid path"));
        co_return co_await send(connection, std::move(bad));
    }
    if (method == http::verb::post && rtmp::read_tunnel_path(target->path)) {
        if (offer.tunnels) {
            co_return co_await serve_tunnel(connection, request, *offer.tunnels, std::move(target->path));
        }
        co_return co_await refuse_protocol(connection, request, connection.tls ? "rtmpts" : "rtmpt");
    }
    if (!offer.site) {
        co_return co_await refuse_protocol(connection, request, connection.tls ? "https" : "http");
    }
    const bool reads = method == http::verb::get || method == http::verb::head;
    const auto hls =
        offer.hls != nullptr && reads && request.is_done() ? parse_hls_target(target->path) : std::nullopt;
    if (auto refusal = refusal_of(request.get(), name_of(*target, hls), offer)) {
        connection.desk.count("http_refused", std::to_string(refusal->status));
        auto refused = make_answer(request.get(), false, std::move(*refusal));
        co_return co_await send(connection, std::move(refused));
    }
    if (hls) {
        co_return co_await serve_hls(connection, request, *target, *hls, *offer.hls);
    }
    SiteReply reply;
    if (method == http::verb::options) {
        reply = preflight();
    } else if (!target->stream.empty() && method == http::verb::get) {
        std::string why;
        auto source = co_await watch(connection, request, *target, why);
        auto refused =
            source ? refuse(target->stream, live_form(*target), (*source)->stream()) : std::nullopt;
        if (source && !refused && beast::websocket::is_upgrade(request.get())) {
            co_await play_websocket(connection, request, std::move(*target));
            co_return false;
        }
        if (source && !refused) {
            co_await play_live(connection, request, std::move(*target));
            co_return false;
        }
        if (!source) {
            const auto served = co_await try_file(connection, request, *target, offer);
            if (served) {
                co_return *served;
            }
        }
        connection.desk.count("play_refused",
                              source ? "no such track, or no room" : source.error().message());
        reply = refused ? std::move(*refused) : stream_missing(*target, source.error(), why);
    } else if (!target->stream.empty() && method == http::verb::head) {
        std::string why;
        auto source = co_await watch(connection, request, *target, why);
        if (!source) {
            const auto served = co_await try_file(connection, request, *target, offer);
            if (served) {
                co_return *served;
            }
        }
        reply = source ? stream_exists(*target) : stream_missing(*target, source.error(), why);
    } else if (!target->stream.empty() && (method == http::verb::post || method == http::verb::put)) {
        reply = co_await publish_body(connection, request, std::move(*target));
        auto done = make_answer(request.get(), false, std::move(reply));
        co_return co_await send(connection, std::move(done));
    } else if (!target->stream.empty()) {
        reply = problem(405, "a stream is played with GET and published with POST or PUT");
        reply.headers["Allow"] = "GET, HEAD, POST, PUT, OPTIONS";
    } else {
        if (reads && !target->file.empty()) {
            const auto served = co_await try_file(connection, request, *target, offer);
            if (served) {
                co_return *served;
            }
        }
        auto asked = site_request(request.get(), *target, connection.remote);
        if (!co_await read_body(connection, request, asked.body)) {
            auto bad =
                make_answer(request.get(), false, problem(413, "the body broke off, or has more than 1 MiB"));
            co_return co_await send(connection, std::move(bad));
        }
        reply = co_await (*offer.site)(connection.desk, std::move(asked));
    }
    std::string unread;
    const bool rest_read = co_await read_body(connection, request, unread);
    auto made = make_answer(request.get(), keep_alive && rest_read, std::move(reply));
    co_return co_await send(connection, std::move(made));
}

} // namespace

net::awaitable<void> serve_http(exchange::Desk& desk, net::Caller caller, HttpOffer offer)
{
    auto& channel = *caller.channel;
    channel.prepare();
    Connection connection{
        desk,       std::move(caller.channel),        net::ChannelStream{channel}, std::move(caller.remote),
        caller.tls, beast::flat_buffer{kMostBuffered}};
    auto patience = kRequestTime;
    connection.stream.expires_after(patience);
    const bool http2 = co_await begins_http2(connection);
    if (http2) {
        co_await serve_http2(connection, std::move(offer));
        co_return;
    }
    for (;;) {
        RequestParser request;
        request.header_limit(kMostHeader);
        request.body_limit(boost::none);
        connection.stream.expires_after(patience);
        const auto [error, count] =
            co_await http::async_read_header(connection.stream, connection.buffer, request, net::kNoThrow);
        if (error) {
            if (error != http::error::end_of_stream && error != net::asio::error::timed_out &&
                error.category() == http::make_error_code(http::error::bad_method).category()) {
                desk.count("http_errors", error.message());
                spdlog::info("http {}: bad request: {}", connection.remote, error.message());
                auto bad = make_answer(request.get(), false,
                                       problem(400, "not a valid HTTP request: " + error.message()));
                co_await send(connection, std::move(bad));
            }
            break;
        }
        if (!co_await answer(connection, request, offer)) {
            break;
        }
        patience = kIdleTime;
    }
    connection.channel->shut();
}

} // namespace millrace::doors
