// RTMP over TCP: one coroutine a connection.
#pragma once

#include <millrace/exchange/desk.hpp>
#include <millrace/net/listener.hpp>
#include <millrace/vod/shelf.hpp>

namespace millrace::doors {

/// Speaks RTMP with a client until either side is done. Returns at once.
void serve_rtmp(exchange::Desk& desk, net::Caller caller, vod::Shelf& shelf);

} // namespace millrace::doors
