#include "udp_place.hpp"

#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/ip/unicast.hpp>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace millrace::clients {
namespace {

namespace ip = net::asio::ip;

constexpr int kReceiveBuffer = 4 << 20; ///< Bytes: half a second of 60 Mbit/s, as far as the system allows.

std::string system_error()
{
    return std::error_code{errno, std::system_category()}.message();
}

/// The interface's number, or the address of it that was named.
struct Interface {
    unsigned index = 0;
    in_addr address{};
};

std::optional<Interface> find_interface(const std::string& name)
{
    Interface found;
    if (name.empty()) {
        return found;
    }
    if (::inet_pton(AF_INET, name.c_str(), &found.address) == 1) {
        return found;
    }
    found.index = ::if_nametoindex(name.c_str());
    return found.index != 0 ? std::optional{found} : std::nullopt;
}

Outcome unknown(const std::string& interface)
{
    return {fmt::format("there is no interface {}: expected a name such as eth0, or an IPv4 address of one",
                        interface)};
}

Outcome join(udp::socket& socket, const UdpPlace& place, const ip::address& group)
{
    const auto by = find_interface(place.interface);
    if (!by) {
        return unknown(place.interface);
    }
    int done = 0;
    if (group.is_v4()) {
        ip_mreqn request{};
        request.imr_multiaddr.s_addr = htonl(group.to_v4().to_uint());
        request.imr_address = by->address;
        request.imr_ifindex = static_cast<int>(by->index);
        done = ::setsockopt(socket.native_handle(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
    } else {
        ipv6_mreq request{};
        const auto bytes = group.to_v6().to_bytes();
        std::memcpy(&request.ipv6mr_multiaddr, bytes.data(), bytes.size());
        request.ipv6mr_interface = by->index;
        done = ::setsockopt(socket.native_handle(), IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request);
    }
    return {done == 0 ? std::string{} : fmt::format("cannot join the group: {}", system_error())};
}

Outcome send_by(udp::socket& socket, const UdpPlace& place, bool v4)
{
    const auto by = find_interface(place.interface);
    if (!by) {
        return unknown(place.interface);
    }
    if (place.interface.empty()) {
        return {};
    }
    int done = 0;
    if (v4) {
        ip_mreqn request{};
        request.imr_address = by->address;
        request.imr_ifindex = static_cast<int>(by->index);
        done = ::setsockopt(socket.native_handle(), IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
    } else {
        done = ::setsockopt(socket.native_handle(), IPPROTO_IPV6, IPV6_MULTICAST_IF, &by->index,
                            sizeof by->index);
    }
    return {done == 0 ? std::string{}
                      : fmt::format("cannot send by {}: {}", place.interface, system_error())};
}

} // namespace

UdpPlace udp_place(const Url& url)
{
    UdpPlace place{
        .host = url.host, .port = url.port, .interface = std::string{query_value(url.query, "iface")}};
    if (const auto ttl = query_value(url.query, "ttl"); !ttl.empty()) {
        std::from_chars(ttl.data(), ttl.data() + ttl.size(), place.ttl);
    }
    return place;
}

Outcome listen_there(udp::socket& socket, const UdpPlace& place, const udp::endpoint& at)
{
    net::error_code error;
    socket.open(at.protocol(), error);
    if (!error) {
        net::error_code ignored;
        socket.set_option(net::asio::socket_base::receive_buffer_size{kReceiveBuffer}, ignored);
        // Others on this machine may hear the same group.
        if (at.address().is_multicast()) {
            socket.set_option(net::asio::socket_base::reuse_address{true}, error);
        }
    }
    if (!error) {
        socket.bind(at, error);
    }
    if (error) {
        return {fmt::format("cannot listen there: {}", error.message())};
    }
    return at.address().is_multicast() ? join(socket, place, at.address()) : Outcome{};
}

Outcome send_there(udp::socket& socket, const UdpPlace& place, const udp::endpoint& to)
{
    net::error_code error;
    socket.open(to.protocol(), error);
    if (!error && to.address().is_multicast()) {
        socket.set_option(ip::multicast::hops{place.ttl}, error);
        if (const auto by = send_by(socket, place, to.address().is_v4()); !by) {
            return by;
        }
    } else if (!error) {
        socket.set_option(ip::unicast::hops{std::max(place.ttl, 64)}, error);
    }
    if (!error) {
        socket.connect(to, error);
    }
    return {error ? fmt::format("cannot send there: {}", error.message()) : std::string{}};
}

} // namespace millrace::clients
