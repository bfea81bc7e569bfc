// HTTP/1.1: live FLV out and in, over HTTP and WebSocket, RTMPT, and the site.
#pragma once

#include <millrace/doors/http/hls.hpp>
#include <millrace/doors/http/site.hpp>
#include <millrace/doors/http/tunnels.hpp>
#include <millrace/net/listener.hpp>
#include <millrace/vod/shelf.hpp>

#include <memory>

namespace millrace::doors {

/// What is answered on a port.
struct HttpOffer {
    std::shared_ptr<const Site> site; ///< None: neither the site nor media, only tunnels.
    std::shared_ptr<Tunnels> tunnels; ///< None: no RTMPT.
    vod::Shelf* shelf = nullptr;      ///< None: no recordings.
    HlsHouse* hls = nullptr;          ///< None: no HLS.
    HttpAccess access = {};           ///< None: everybody may do everything.
};

/// Answers one client's requests, one after the other, until it leaves or a stream takes the connection over.
net::awaitable<void> serve_http(exchange::Desk& desk, net::Caller caller, HttpOffer offer);

} // namespace millrace::doors
