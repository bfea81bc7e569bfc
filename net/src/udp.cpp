#include <millrace/net/listener.hpp>
#include <millrace/net/udp.hpp>

#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace millrace::net {
namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr int kSendBuffer = 1 << 20;

/// What a socket of that family sends to.
udp::endpoint fit(const udp::endpoint& to, bool v6)
{
    if (v6 && to.address().is_v4()) {
        return {asio::ip::make_address_v6(asio::ip::v4_mapped, to.address().to_v4()), to.port()};
    }
    return {v6 ? to.address() : unmapped(to.address()), to.port()};
}

} // namespace

asio::ip::address unmapped(asio::ip::address address)
{
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address;
}

std::string to_string(const udp::endpoint& endpoint)
{
    return to_string(tcp::endpoint{endpoint.address(), endpoint.port()});
}

error_code DatagramSocket::open(const udp::endpoint& local, bool shared)
{
    error_code error;
    v6_ = local.address().is_v6();
    socket_.open(local.protocol(), error);
    if (error) {
        return error;
    }
    error_code ignored;
    if (v6_) {
        socket_.set_option(asio::ip::v6_only{false}, ignored);
    }
    if (shared) {
        socket_.set_option(udp::socket::reuse_address{true}, ignored);
        socket_.set_option(ReusePort{true}, ignored);
    }
    socket_.set_option(udp::socket::send_buffer_size{kSendBuffer}, ignored);
    socket_.bind(local, error);
    if (!error) {
        socket_.non_blocking(true, error);
    }
    if (error) {
        socket_.close(ignored);
        return error;
    }
    port_ = socket_.local_endpoint(ignored).port();
    return {};
}

std::size_t DatagramSocket::send_now(std::span<const ByteView> packets, const udp::endpoint& to)
{
    auto where = fit(to, v6_);
    std::size_t sent = 0;
    while (sent < packets.size()) {
        std::array<mmsghdr, 64> heads{};
        std::array<iovec, 64> parts{};
        const auto count = std::min(packets.size() - sent, heads.size());
        for (std::size_t i = 0; i < count; ++i) {
            const auto packet = packets[sent + i];
            parts[i] = {const_cast<std::uint8_t*>(packet.data()), packet.size()};
            auto& head = heads[i].msg_hdr;
            head.msg_name = where.data();
            head.msg_namelen = static_cast<socklen_t>(where.size());
            head.msg_iov = &parts[i];
            head.msg_iovlen = 1;
        }
        const int done =
            ::sendmmsg(socket_.native_handle(), heads.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
        if (done <= 0) {
            // An error of ICMP for an earlier datagram is told once, and this one was not sent.
            if (done < 0 && errno == ECONNREFUSED) {
                ++sent;
                continue;
            }
            break;
        }
        sent += static_cast<std::size_t>(done);
    }
    return sent;
}

std::size_t DatagramSocket::receive_now(const Take& take)
{
    inbox_.resize(kBatch * kMostBytes);
    std::array<mmsghdr, kBatch> heads{};
    std::array<iovec, kBatch> parts{};
    std::array<udp::endpoint, kBatch> from;
    for (std::size_t i = 0; i < kBatch; ++i) {
        parts[i] = {inbox_.data() + i * kMostBytes, kMostBytes};
        auto& head = heads[i].msg_hdr;
        head.msg_name = from[i].data();
        head.msg_namelen = static_cast<socklen_t>(from[i].capacity());
        head.msg_iov = &parts[i];
        head.msg_iovlen = 1;
    }
    const int count = ::recvmmsg(socket_.native_handle(), heads.data(), kBatch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        from[at].resize(heads[at].msg_hdr.msg_namelen);
        if ((heads[at].msg_hdr.msg_flags & MSG_TRUNC) == 0) {
            take(ByteView{inbox_}.subspan(at * kMostBytes, heads[at].msg_len),
                 {unmapped(from[at].address()), from[at].port()});
        }
    }
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

awaitable<error_code> DatagramSocket::readable()
{
    const auto [error] = co_await socket_.async_wait(udp::socket::wait_read, kNoThrow);
    co_return error;
}

error_code DatagramSocket::set_multicast(unsigned ttl, const asio::ip::address& interface)
{
    error_code error;
    socket_.set_option(asio::ip::multicast::hops{static_cast<int>(ttl)}, error);
    if (!error) {
        socket_.set_option(asio::ip::multicast::enable_loopback{true}, error);
    }
    if (!error && interface.is_v4() && !interface.is_unspecified()) {
        socket_.set_option(asio::ip::multicast::outbound_interface{interface.to_v4()}, error);
    }
    return error;
}

error_code DatagramSocket::join(const asio::ip::address& group, const asio::ip::address& source,
                                const asio::ip::address& interface)
{
    error_code error;
    if (group.is_v4() && source.is_v4() && !source.is_unspecified()) {
        ip_mreq_source request{};
        request.imr_multiaddr.s_addr = htonl(group.to_v4().to_uint());
        request.imr_sourceaddr.s_addr = htonl(source.to_v4().to_uint());
        request.imr_interface.s_addr =
            interface.is_v4() ? htonl(interface.to_v4().to_uint()) : htonl(INADDR_ANY);
        if (::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &request,
                         sizeof request) != 0) {
            error = error_code{errno, boost::system::system_category()};
        }
        return error;
    }
    if (group.is_v4() && interface.is_v4()) {
        socket_.set_option(asio::ip::multicast::join_group{group.to_v4(), interface.to_v4()}, error);
    } else {
        socket_.set_option(asio::ip::multicast::join_group{group}, error);
    }
    return error;
}

void DatagramSocket::set_receive_buffer(int bytes)
{
    error_code ignored;
    socket_.set_option(udp::socket::receive_buffer_size{bytes}, ignored);
}

void DatagramSocket::close()
{
    error_code ignored;
    socket_.close(ignored);
}

std::optional<DatagramPair> PortPairs::open(const asio::any_io_executor& executor,
                                            const asio::ip::address& local)
{
    const std::uint32_t first = (least_ + 1U) / 2U * 2U;
    const std::uint32_t pairs = most_ > first ? (most_ - first + 1U) / 2U : 0;
    for (std::uint32_t tries = 0; tries < pairs; ++tries) {
        const auto port = static_cast<std::uint16_t>(first + next_++ % pairs * 2U);
        auto rtp = std::make_shared<DatagramSocket>(executor);
        auto rtcp = std::make_shared<DatagramSocket>(executor);
        if (!rtp->open({local, port}) && !rtcp->open({local, static_cast<std::uint16_t>(port + 1)})) {
            return DatagramPair{std::move(rtp), std::move(rtcp)};
        }
    }
    return std::nullopt;
}

} // namespace millrace::net
