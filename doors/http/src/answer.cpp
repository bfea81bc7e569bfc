#include "answer.hpp"

#include <millrace/exchange/route.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace millrace::doors {

void allow_any_origin(http::fields& fields)
{
    fields.set(http::field::access_control_allow_origin, "*");
    fields.set(http::field::access_control_expose_headers, "*");
}

Answer make_answer(const http::request_header<>& request, bool keep_alive, SiteReply reply)
{
    Answer answer{static_cast<http::status>(reply.status), request.version()};
    answer.set(http::field::server, "Millrace");
    answer.set(http::field::content_type, reply.content_type);
    for (const auto& [name, value] : reply.headers) {
        answer.set(name, value);
    }
    if (request.method() !=
        http::verb::delete_) { // Pages of other origins play and publish; they disconnect nobody.
        allow_any_origin(answer);
    }
    answer.keep_alive(keep_alive);
    const auto length = reply.body.size();
    if (request.method() != http::verb::head) {
        answer.body() = std::move(reply.body);
    }
    answer.content_length(length);
    return answer;
}

SiteReply problem(unsigned status, std::string_view sentence)
{
    const boost::json::value body{{"error", std::string{sentence}}};
    return {.status = status, .body = boost::json::serialize(body) + "\n"};
}

std::string live_head(unsigned version, std::string_view type, std::string_view route)
{
    std::string head = version >= 11 ? "HTTP/1.1" : "HTTP/1.0";
    head.append(" 200 OK\r\nServer: Millrace\r\nContent-Type: ").append(type);
    head.append("\r\n"
                "Cache-Control: no-store\r\n"
                "Connection: close\r\n"
                "Access-Control-Allow-Origin: *\r\n"
                "Access-Control-Expose-Headers: *\r\n"
                "X-Accel-Buffering: no\r\n");
    if (!route.empty()) {
        head.append(exchange::kRouteHeader).append(": ").append(route).append("\r\n");
    }
    return head + "\r\n";
}

} // namespace millrace::doors
