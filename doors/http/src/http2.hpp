// HTTP/2 (RFC 9113): each stream is answered as a connection of HTTP/1.1 is.
#pragma once

#include "connection.hpp"
#include <millrace/doors/http/serve.hpp>

namespace millrace::doors {

/// Reads as far as it takes to see whether the client begins with HTTP/2's preface (RFC 9113 §3.4). What was
/// read stays in the connection's buffer.
net::awaitable<bool> begins_http2(Connection& connection);

/// Answers all streams of a connection that has begun so, until it ends.
net::awaitable<void> serve_http2(Connection& connection, HttpOffer offer);

} // namespace millrace::doors
