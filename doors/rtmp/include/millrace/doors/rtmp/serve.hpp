// RTMP over TCP: one coroutine a connection.
#pragma once

#include <millrace/exchange/desk.hpp>
#include <millrace/net/listener.hpp>
#include <millrace/objects/shelf.hpp>

namespace millrace::doors {

/// Speaks RTMP with a client until either side is done. Returns at once.
void serve_rtmp(exchange::Desk& desk, objects::Shelf& shelf, net::Caller caller);

} // namespace millrace::doors
