#include <millrace/rtsp/message.hpp>
#include <millrace/rtsp/tunnel.hpp>

#include <algorithm>

namespace millrace::rtsp {
namespace {

constexpr std::string_view kType = "application/x-rtsp-tunnelled";
/// Of the POST, which never ends: what is written there is fiction, and the same everywhere.
constexpr std::string_view kFiction = "32767";

std::string request(std::string_view method, std::string_view target, std::string_view authority,
                    std::string_view cookie)
{
    std::string text{method};
    text.append(" ").append(target.empty() ? "/" : target).append(" HTTP/1.0\r\nHost: ").append(authority);
    text.append("\r\nUser-Agent: Millrace\r\nx-sessioncookie: ").append(cookie).append("\r\n");
    text.append(method == "GET" ? "Accept: " : "Content-Type: ").append(kType);
    return text.append("\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n");
}

} // namespace

Result<std::optional<TunnelOpening>> read_tunnel_opening(ByteView so_far)
{
    const auto text = as_text(so_far.first(std::min(so_far.size(), kMostTunnelHead)));
    const bool get = text.starts_with("GET ");
    if (text.size() >= 5 && !get && !text.starts_with("POST ")) {
        return Unexpected{Errc::bad_message, "RTSP over HTTP"};
    }
    const auto end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (so_far.size() >= kMostTunnelHead) {
            return Unexpected{Errc::head_too_big, "RTSP over HTTP"};
        }
        return std::optional<TunnelOpening>{};
    }
    TunnelOpening opening{.post = !get, .head_bytes = end + 4};
    auto lines = text.substr(0, end);
    while (!lines.empty()) {
        const auto stop = std::min(lines.find("\r\n"), lines.size());
        const auto line = lines.substr(0, stop);
        lines.remove_prefix(std::min(stop + 2, lines.size()));
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && same_name(trim(line.substr(0, colon)), "x-sessioncookie")) {
            opening.cookie = trim(line.substr(colon + 1));
        }
    }
    if (opening.cookie.empty() || opening.cookie.size() > kMostCookie) {
        return Unexpected{Errc::bad_message, "RTSP over HTTP"};
    }
    return std::optional{std::move(opening)};
}

std::string_view tunnel_answer()
{
    return "HTTP/1.0 200 OK\r\nServer: Millrace\r\nConnection: close\r\nCache-Control: no-store\r\n"
           "Pragma: no-cache\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n";
}

std::string_view tunnel_refusal()
{
    return "HTTP/1.1 404 Not Found\r\nServer: Millrace\r\nConnection: close\r\nContent-Type: text/plain\r\n"
           "Content-Length: 60\r\n\r\nHTTP is spoken here for RTSP tunnels (x-sessioncookie) only\n";
}

std::string tunnel_get(std::string_view target, std::string_view authority, std::string_view cookie)
{
    return request("GET", target, authority, cookie) + "\r\n";
}

std::string tunnel_post(std::string_view target, std::string_view authority, std::string_view cookie)
{
    return request("POST", target, authority, cookie) + "Content-Length: " + std::string{kFiction} +
           "\r\nExpires: Sun, 9 Jan 1972 00:00:00 GMT\r\n\r\n";
}

} // namespace millrace::rtsp
