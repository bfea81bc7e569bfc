// What the HTTP ports answer besides media: console, API, metrics, health.
#pragma once

#include "archive.hpp"
#include <millrace/doors/http/hls.hpp>
#include <millrace/doors/http/site.hpp>
#include <millrace/exchange/exchange.hpp>
#include <millrace/net/listener.hpp>
#include <millrace/objects/shelf.hpp>
#include <millrace/relay/relays.hpp>

#include <boost/json/object.hpp>

namespace millrace::server {

/// Lives as long as the doors ask it.
struct SiteParts {
    exchange::Exchange& exchange;
    objects::Shelf& objects;
    const std::vector<std::unique_ptr<net::Listener>>& listeners;
    relay::Relays& relays;
    boost::json::object ports; ///< "rtmp": 1935, "http": 8080.
    Archive* archive = nullptr;
    doors::HlsHouse* hls = nullptr;
};

doors::Site make_site(const SiteParts& parts);

} // namespace millrace::server
