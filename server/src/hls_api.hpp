// HLS in the API.
#pragma once

#include <millrace/doors/http/hls.hpp>

#include <boost/json/object.hpp>

namespace millrace::server {

/// Adds to each stream of GET /api/v1/streams how it is cut: "hls", a list with an entry for each container.
void add_hls(boost::json::object& streams, const std::vector<doors::HlsReport>& reports);

} // namespace millrace::server
