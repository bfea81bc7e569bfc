// /api/v1/relays.
#pragma once

#include <millrace/doors/http/site.hpp>
#include <millrace/relay/relays.hpp>

#include <boost/json/object.hpp>

namespace millrace::server {

inline constexpr std::string_view kRelays = "/api/v1/relays";

/// Whether a path is answered by answer_relays().
bool is_relay_path(std::string_view path);

/// Lists, adds (POST with a JSON body) and removes (DELETE …/ID).
net::awaitable<doors::SiteReply> answer_relays(relay::Relays& relays, doors::SiteRequest request);

boost::json::object relays_json(const relay::Report& report);

} // namespace millrace::server
