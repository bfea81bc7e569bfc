// RTMP over TCP, TLS or a tunnel, plain or with its own cipher: one coroutine a connection.
#pragma once

#include <millrace/doors/rtmp/access.hpp>
#include <millrace/exchange/desk.hpp>
#include <millrace/net/listener.hpp>
#include <millrace/objects/shelf.hpp>
#include <millrace/vod/shelf.hpp>

#include <memory>

namespace millrace::doors {

/// What is spoken with a client, and what it may do.
struct RtmpOffer {
    bool encryption = false;            ///< RTMPE too, if it asks for it.
    vod::Shelf* shelf = nullptr;        ///< Recordings that it may play; null: none.
    std::shared_ptr<RtmpAccess> access; ///< None: everybody may do everything.
};

/// Speaks RTMP with a client until either side is done. Returns at once.
void serve_rtmp(exchange::Desk& desk, objects::Shelf& shelf, net::Caller caller, const RtmpOffer& offer);

} // namespace millrace::doors
