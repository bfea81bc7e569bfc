// Where datagrams come from or go to, and by which interface.
#pragma once

#include <millrace/clients/outcome.hpp>
#include <millrace/clients/url.hpp>
#include <millrace/net/asio.hpp>

#include <boost/asio/ip/udp.hpp>

namespace millrace::clients {

using udp = net::asio::ip::udp;

/// What a URL of UDP says: udp://[@]HOST:PORT[?iface=NAME|ADDRESS&ttl=N].
struct UdpPlace {
    std::string host; ///< An address or a name; empty: any of ours.
    std::uint16_t port = 0;
    std::string interface; ///< A name such as "eth0", or one of its addresses; empty: the system's choice.
    int ttl = 16;          ///< Of what we send to a group; other sites are further away.
};

UdpPlace udp_place(const Url& url);

/// Opens a socket that hears what comes there, also when it is a multicast group.
Outcome listen_there(udp::socket& socket, const UdpPlace& place, const udp::endpoint& at);
/// Opens a socket that sends there.
Outcome send_there(udp::socket& socket, const UdpPlace& place, const udp::endpoint& to);

} // namespace millrace::clients
