// HTTP/1.1 over TCP: live FLV out and in, over HTTP and WebSocket, and the site.
#pragma once

#include <millrace/doors/http/site.hpp>
#include <millrace/net/listener.hpp>

#include <memory>

namespace millrace::doors {

/// Answers one client's requests, one after the other, until it leaves or a stream takes the connection over.
net::awaitable<void> serve_http(exchange::Desk& desk, net::Caller caller, std::shared_ptr<const Site> site);

} // namespace millrace::doors
