// RTMPT as a client speaks it: a channel whose bytes travel in HTTP requests and their answers.
#pragma once

#include <millrace/clients/url.hpp>
#include <millrace/net/channel.hpp>

namespace millrace::clients {

/// Opens a tunnel to the URL's host through a connection that is there. What goes wrong is seen when the
/// channel is read: its error says what it was.
std::shared_ptr<net::Channel> open_tunnel(std::shared_ptr<net::Channel> below, const Url& url);

} // namespace millrace::clients
