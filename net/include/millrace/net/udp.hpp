// Datagrams: many with one system call, ports in pairs, groups.
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/net/asio.hpp>

#include <boost/asio/ip/udp.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace millrace::net {

using udp = asio::ip::udp;

/// A UDP socket, used by one thread. Sends and receives without waiting, and waits apart from that.
class DatagramSocket {
public:
    /// Largest datagram that is received.
    static constexpr std::size_t kMostBytes = 9216;
    static constexpr std::size_t kBatch = 32;

    explicit DatagramSocket(const asio::any_io_executor& executor) : socket_{executor} {}

    /// Binds; `shared`: others of this process may have the same port (SO_REUSEPORT).
    error_code open(const udp::endpoint& local, bool shared = false);
    std::uint16_t port() const { return port_; }
    bool is_v6() const { return v6_; }

    /// Sends each view as one datagram to one address, and gives how many the kernel took. What it did not
    /// take is lost, as datagrams are.
    std::size_t send_now(std::span<const ByteView> packets, const udp::endpoint& to);
    /// Calls `take` with what is there, at most kBatch datagrams; gives how many.
    using Take = std::function<void(ByteView bytes, const udp::endpoint& from)>;
    std::size_t receive_now(const Take& take);
    awaitable<error_code> readable();

    /// For groups: how far datagrams go, through which interface (its address; none: the default route's).
    error_code set_multicast(unsigned ttl, const asio::ip::address& interface);
    /// Joins a group, of one source when it is given.
    error_code join(const asio::ip::address& group, const asio::ip::address& source,
                    const asio::ip::address& interface);
    /// A larger buffer for what comes.
    void set_receive_buffer(int bytes);

    void close();

private:
    udp::socket socket_;
    std::uint16_t port_ = 0;
    bool v6_ = false;
    std::vector<std::uint8_t> inbox_;
};

/// An even port for RTP and the next one for RTCP.
struct DatagramPair {
    std::shared_ptr<DatagramSocket> rtp;
    std::shared_ptr<DatagramSocket> rtcp;
};

/// Hands out pairs of ports, one after the other, so that none is used again soon. May be used by all
/// threads.
class PortPairs {
public:
    /// Expects: most >= least + 1.
    PortPairs(std::uint16_t least, std::uint16_t most) : least_{least}, most_{most} {}

    /// Binds a pair on that address; none when all are taken.
    std::optional<DatagramPair> open(const asio::any_io_executor& executor, const asio::ip::address& local);

private:
    const std::uint16_t least_;
    const std::uint16_t most_;
    std::atomic<std::uint32_t> next_{0};
};

/// The address without the mapping of IPv4 into IPv6.
asio::ip::address unmapped(asio::ip::address address);
std::string to_string(const udp::endpoint& endpoint);

} // namespace millrace::net
