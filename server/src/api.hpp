// The JSON of /api/v1.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/objects/shelf.hpp>

#include <boost/json/object.hpp>

namespace millrace::server {

/// GET /api/v1/streams. `ports`: where which protocol is spoken, for pages that tell how to publish.
boost::json::object streams_json(const exchange::Report& report, const boost::json::object& ports);
/// GET /api/v1/sessions.
boost::json::object sessions_json(const exchange::Report& report);
/// GET /api/v1/shared_objects.
boost::json::object shared_objects_json(const objects::Report& report);
/// RFC 3339 in UTC with milliseconds.
std::string rfc3339(WallTime time);

/// GET /api/v1/openapi.json.
std::string_view openapi_json();

} // namespace millrace::server
