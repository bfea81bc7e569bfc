// What an HTTP port answers besides media: asked of whoever runs the house.
#pragma once

#include <millrace/exchange/desk.hpp>

#include <functional>
#include <map>
#include <string>

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

} // namespace millrace::doors
