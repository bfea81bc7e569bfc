// RTMP over TCP: one coroutine a connection.
#pragma once

#include <millrace/doors/rtmp/access.hpp>
#include <millrace/exchange/desk.hpp>
#include <millrace/net/listener.hpp>

#include <memory>

namespace millrace::doors {

/// What a connection may do.
struct RtmpOffer {
    std::shared_ptr<RtmpAccess> access; ///< None: everybody may do everything.
};

/// Speaks RTMP with a client until either side is done. Returns at once.
void serve_rtmp(exchange::Desk& desk, net::Caller caller, RtmpOffer offer);

} // namespace millrace::doors
