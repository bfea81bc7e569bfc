// The servers that a request came through, so that a relay that leads back to itself is seen.
#pragma once

#include <string>
#include <string_view>

namespace millrace::exchange {

/// How a server tells the next one where a request has been: a member of RTMP's connect, a header of HTTP.
/// Their value is a list of server ids, the first one first: "3f2a90b1c4d5e6f7,77b0…".
inline constexpr std::string_view kRouteProperty = "millraceVia";
inline constexpr std::string_view kRouteStatus = "Millrace.Via"; ///< Of RTMP's answer to a relay that plays.
inline constexpr std::string_view kRouteHeader = "Millrace-Via";

/// Most servers in a row, and most bytes of a route; beyond, a request is taken for one that goes in circles.
inline constexpr std::size_t kMostHops = 16;
inline constexpr std::size_t kMostRoute = 1024;

/// An id for a server, random: 16 hexadecimal digits.
std::string make_server_id();

/// Whether a request with this route goes in circles when it comes to that server.
bool goes_in_circles(std::string_view route, std::string_view id);

/// The route, and then that server.
std::string extend_route(std::string_view route, std::string_view id);

} // namespace millrace::exchange
