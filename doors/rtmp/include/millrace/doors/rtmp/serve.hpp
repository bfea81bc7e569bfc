// RTMP over TCP: one coroutine a connection.
#pragma once

#include <millrace/exchange/desk.hpp>

namespace millrace::doors {

/// Speaks RTMP with a client until either side is done. The socket's first bytes were not taken.
net::awaitable<void> serve_rtmp(exchange::Desk& desk, net::tcp::socket socket, std::string remote);

} // namespace millrace::doors
