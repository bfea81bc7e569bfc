#include "site.hpp"

#include "api.hpp"
#include "hls_api.hpp"
#include "metrics.hpp"
#include "relay_api.hpp"
#include <millrace/console/files.hpp>

#include <boost/json/serialize.hpp>

#include <ctime>

namespace millrace::server {
namespace {

using doors::SiteReply;
using doors::SiteRequest;

constexpr std::string_view kSessions = "/api/v1/sessions/";
constexpr std::string_view kObjects = "/api/v1/shared_objects";

SiteReply json_reply(const boost::json::object& body, unsigned status = 200)
{
    return {.status = status,
            .body = boost::json::serialize(body) + "\n",
            .headers = {{"Cache-Control", "no-store"}}};
}

SiteReply problem(unsigned status, const std::string& sentence)
{
    return json_reply({{"error", sentence}}, status);
}

bool reads(const SiteRequest& request)
{
    return request.method == "GET" || request.method == "HEAD";
}

SiteReply not_allowed(const SiteRequest& request, const std::string& allowed)
{
    auto reply = problem(405, request.path + " does not take " + request.method + ", only " + allowed);
    reply.headers["Allow"] = allowed;
    return reply;
}

/// RFC 9110 §5.6.7.
std::string http_date()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[40];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
}

SiteReply console_file(const SiteRequest& request)
{
    const auto* file = console::find(request.path);
    if (file == nullptr) {
        return problem(404, request.path + ": there is no such page; a stream is /APP/NAME.flv");
    }
    if (!reads(request)) {
        return not_allowed(request, "GET, HEAD");
    }
    SiteReply reply{.content_type = std::string{file->content_type}};
    reply.headers["ETag"] = file->etag;
    reply.headers["Cache-Control"] = file->immutable ? "public, max-age=31536000, immutable" : "no-cache";
    const auto known = request.headers.find("if-none-match");
    if (known != request.headers.end() && known->second == file->etag) {
        reply.status = 304;
        return reply;
    }
    reply.body = as_text(file->bytes);
    return reply;
}

net::awaitable<SiteReply> end_session(const SiteParts& parts, SiteRequest request)
{
    const auto id = request.path.substr(kSessions.size());
    const bool known = co_await parts.exchange.disconnect(id, "disconnected by the operator");
    if (!known) {
        co_return problem(404, "there is no session \"" + id + "\"; GET /api/v1/sessions lists them");
    }
    co_return json_reply({{"disconnected", id}});
}

net::awaitable<SiteReply> answer(const SiteParts& parts, SiteRequest request)
{
    const auto& path = request.path;
    if (path.starts_with(kSessions)) {
        if (request.method != "DELETE") {
            co_return not_allowed(request, "DELETE");
        }
        co_return co_await end_session(parts, std::move(request));
    }
    if (is_relay_path(path)) {
        co_return co_await answer_relays(parts.relays, std::move(request));
    }
    const bool recordings = path == "/api/v1/recordings";
    const bool live = recordings || path == "/api/v1/streams" || path == "/api/v1/sessions" ||
                      path == kObjects || path == "/metrics";
    if (!live && path != "/healthz" && path != "/api/v1/openapi.json") {
        if (path.starts_with("/api/")) {
            co_return problem(404, path + " is no part of the API; /api/v1/openapi.json describes it");
        }
        co_return console_file(request);
    }
    if (!reads(request)) {
        co_return not_allowed(request, "GET, HEAD");
    }
    if (path == "/healthz") {
        co_return SiteReply{
            .content_type = "text/plain", .body = "ok\n", .headers = {{"Cache-Control", "no-store"}}};
    }
    if (path == "/api/v1/openapi.json") {
        co_return SiteReply{.body = std::string{openapi_json()}};
    }
    if (path == kObjects) {
        co_return json_reply(shared_objects_json(co_await parts.objects.report()));
    }
    if (recordings) {
        const auto list = co_await parts.archive->recordings_json();
        co_return json_reply(list);
    }
    auto report = co_await parts.exchange.report();
    if (path == "/metrics") {
        parts.archive->add_to_counters(report.counters);
        const auto relays = co_await parts.relays.report();
        const auto objects = co_await parts.objects.report();
        co_return SiteReply{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                            .body = metrics_text(report, objects, parts.listeners, relays)};
    }
    auto body = path == "/api/v1/streams" ? streams_json(report, parts.ports) : sessions_json(report);
    if (path == "/api/v1/streams") {
        parts.archive->add_to_streams(body);
        add_hls(body, co_await parts.hls->report());
    }
    co_return json_reply(body);
}

} // namespace

doors::Site make_site(const SiteParts& parts)
{
    return [&parts](exchange::Desk&, SiteRequest request) -> net::awaitable<SiteReply> {
        auto reply = co_await answer(parts, std::move(request));
        reply.headers["Date"] = http_date();
        co_return reply;
    };
}

} // namespace millrace::server
