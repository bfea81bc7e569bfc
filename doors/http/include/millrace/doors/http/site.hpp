// What an HTTP port answers besides media: asked of whoever runs the house.
#pragma once

#include <millrace/exchange/desk.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::doors {

/// A request that is not for media.
struct SiteRequest {
    std::string method; ///< "GET", "DELETE", …
    std::string path;   ///< Decoded, without the query.
    std::string query;
    std::map<std::string, std::string, std::less<>> headers; ///< Names in lower case.
    std::string remote;
    std::string body = {}; ///< At most 1 MiB.
};

struct SiteReply {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::map<std::string, std::string, std::less<>> headers;
};

/// Answers a request on the worker of its connection.
using Site = std::function<net::awaitable<SiteReply>(exchange::Desk&, SiteRequest)>;

/// Asked before a stream is played or published over HTTP.
struct MediaRequest {
    std::string_view stream; ///< APP/NAME.
    bool publishes = false;
    std::string_view authorization; ///< The header's value (RFC 9110 §11.6.2); may be empty.
};
/// Says why not; none when it may be. Asked on any worker, also at the same time.
using HttpAccess = std::function<std::optional<SiteReply>(const MediaRequest&)>;

} // namespace millrace::doors
