// The text of /metrics, in the Prometheus exposition format.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/net/listener.hpp>
#include <millrace/objects/shelf.hpp>
#include <millrace/relay/report.hpp>

#include <memory>
#include <string>
#include <vector>

namespace millrace::server {

std::string metrics_text(const exchange::Report& report, const objects::Report& objects,
                         const std::vector<std::unique_ptr<net::Listener>>& listeners,
                         const relay::Report& relays);

} // namespace millrace::server
