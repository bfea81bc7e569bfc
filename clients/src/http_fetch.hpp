// One thing fetched over HTTP or HTTPS.
#pragma once

#include "http_body.hpp"
#include "line.hpp"
#include <millrace/hls/client.hpp>

#include <variant>

namespace millrace::clients {

/// A whole answer, and where it came from in the end.
struct Fetched {
    std::string url;
    Bytes body;
};
/// There is no good answer.
struct NotFetched {
    std::string why;
    bool gone = false; ///< 404, 410: there will not be one.
};

/// Fetches with GET, one thing after the other, each over a connection of its own; follows redirections.
/// `origin`: its user and password are told to its host and port alone, its demands on certificates hold
/// everywhere.
class HttpFetcher {
public:
    HttpFetcher(const net::asio::any_io_executor& executor, Url origin)
        : executor_{executor}, origin_{std::move(origin)}
    {
    }

    net::awaitable<std::variant<Fetched, NotFetched>> get(hls::Fetch wanted,
                                                          std::chrono::milliseconds connect);
    /// Ends what is on the way.
    void cancel();

    std::uint64_t bytes() const { return bytes_; }

private:
    net::awaitable<std::variant<Fetched, NotFetched>> get_once(const Url& url, const hls::Fetch& wanted,
                                                               Clock::time_point connect_due,
                                                               std::string& redirection);

    net::asio::any_io_executor executor_;
    Url origin_;
    std::shared_ptr<Line> line_;
    bool cancelled_ = false;
    std::uint64_t bytes_ = 0;
};

} // namespace millrace::clients
