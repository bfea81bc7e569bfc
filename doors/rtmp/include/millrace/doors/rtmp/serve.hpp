// RTMP over TCP, TLS or a tunnel, plain or with its own cipher: one coroutine a connection.
#pragma once

#include <millrace/exchange/desk.hpp>
#include <millrace/net/listener.hpp>
#include <millrace/objects/shelf.hpp>
#include <millrace/vod/shelf.hpp>

namespace millrace::doors {

/// What is spoken with a client.
struct RtmpOffer {
    bool encryption = false;     ///< RTMPE too, if it asks for it.
    vod::Shelf* shelf = nullptr; ///< Recordings that it may play; null: none.
};

/// Speaks RTMP with a client until either side is done. Returns at once.
void serve_rtmp(exchange::Desk& desk, objects::Shelf& shelf, net::Caller caller, const RtmpOffer& offer);

} // namespace millrace::doors
