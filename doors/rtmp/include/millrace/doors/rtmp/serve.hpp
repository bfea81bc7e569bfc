// RTMP over TCP, TLS or a tunnel, plain or with its own cipher: one coroutine a connection.
#pragma once

#include <millrace/exchange/desk.hpp>
#include <millrace/net/listener.hpp>

namespace millrace::doors {

/// What is spoken with a client.
struct RtmpOffer {
    bool encryption = false; ///< RTMPE too, if it asks for it.
};

/// Speaks RTMP with a client until either side is done. Returns at once.
void serve_rtmp(exchange::Desk& desk, net::Caller caller, const RtmpOffer& offer);

} // namespace millrace::doors
