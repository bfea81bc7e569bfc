#include <millrace/net/listener.hpp>
#include <millrace/net/watchdog.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <spdlog/spdlog.h>

#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <stdexcept>

namespace millrace::net {
namespace {

using namespace asio::experimental::awaitable_operators;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::chrono::milliseconds kPauseAfterFailure{100};

std::size_t most_connections()
{
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(limit.rlim_cur) / 4 * 3;
}

void open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool shared)
{
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address{true});
    acceptor.set_option(ReusePort{shared});
    if (endpoint.protocol() == tcp::v6()) {
        acceptor.set_option(asio::ip::v6_only{false});
    }
    acceptor.bind(endpoint);
}

std::string explain(const tcp::endpoint& endpoint, const error_code& error)
{
    const auto where = "cannot listen on " + to_string(endpoint) + ": ";
    if (error == asio::error::address_in_use) {
        return where +
               "the port is taken by another program; stop it or choose another port (--port-offset N)";
    }
    if (error == asio::error::access_denied) {
        return where + "ports below 1024 need root or CAP_NET_BIND_SERVICE";
    }
    return where + error.message();
}

} // namespace

std::string to_string(const tcp::endpoint& endpoint)
{
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    const auto text = address.to_string();
    return (address.is_v6() ? "[" + text + "]" : text) + ":" + std::to_string(endpoint.port());
}

tcp::endpoint parse_endpoint(const std::string& address)
{
    const auto colon = address.rfind(':');
    std::uint16_t port = 0;
    if (colon != std::string::npos) {
        const char* end = address.data() + address.size();
        const auto [stop, error] = std::from_chars(address.data() + colon + 1, end, port);
        auto host = address.substr(0, colon);
        if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
            host = host.substr(1, host.size() - 2);
        }
        error_code bad;
        const auto ip = asio::ip::make_address(host, bad);
        if (error == std::errc{} && stop == end && !bad) {
            return {ip, port};
        }
    }
    throw std::runtime_error{
        "cannot listen on \"" + address +
        "\": expected ADDRESS:PORT with a literal address, such as \"0.0.0.0:1935\" or \"[::]:1935\""};
}

Listener::Listener(Workers& workers, const std::string& address, Welcome welcome, Limits limits,
                   const TlsServer* tls)
    : workers_{workers}, tls_{tls}, welcome_{std::move(welcome)}, limits_{limits}, endpoint_{parse_endpoint(
                                                                                       address)}
{
    if (limits_.connections == 0) {
        limits_.connections = most_connections();
    }
    try {
        // Sockets with SO_REUSEPORT would share a port with another program of the same user: ask without it
        // first.
        tcp::acceptor probe{workers_[0].context()};
        open(probe, endpoint_, false);
        probe.listen(1);
        endpoint_.port(probe.local_endpoint().port());
        probe.close();
        for (std::size_t i = 0; i < workers_.size(); ++i) {
            acceptors_.push_back(std::make_unique<tcp::acceptor>(workers_[i].context()));
            open(*acceptors_.back(), endpoint_, true);
            acceptors_.back()->listen(4096);
        }
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error{explain(endpoint_, error.code())};
    }
    port_ = endpoint_.port();
}

Listener::~Listener() = default;

std::string Listener::address() const
{
    return to_string(endpoint_);
}

void Listener::start()
{
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        workers_[i].spawn(accept(workers_[i], *acceptors_[i]));
    }
}

void Listener::stop()
{
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        workers_[i].post([acceptor = acceptors_[i].get()] {
            error_code ignored;
            acceptor->close(ignored);
        });
    }
}

awaitable<void> Listener::accept(Worker& worker, tcp::acceptor& acceptor)
{
    while (acceptor.is_open()) {
        auto [error, socket] = co_await acceptor.async_accept(kNoThrow);
        if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
            co_return;
        }
        if (error) {
            if (counters_.accept_errors++ % 100 == 0) {
                spdlog::error("cannot accept on {}: {}; trying again", address(), error.message());
            }
            asio::steady_timer pause{worker.context(), kPauseAfterFailure};
            co_await pause.async_wait(kNoThrow);
            continue;
        }
        ++counters_.accepted;
        if (counters_.open >= limits_.connections) {
            if (counters_.refused_full++ % 1000 == 0) {
                spdlog::warn("refusing connections on {}: {} are open, which is the limit", address(),
                             limits_.connections);
            }
            continue; // The socket closes here.
        }
        Ticket ticket{counters_.open};
        worker.spawn(greet(worker, std::move(socket), std::move(ticket)));
    }
}

/// Waits for the first byte, looks at it without taking it, and hands the connection on.
awaitable<void> Listener::greet(Worker& worker, tcp::socket socket, Ticket ticket)
{
    error_code ignored;
    auto remote = to_string(socket.remote_endpoint(ignored));
    auto protocol = Protocol::other;
    {
        asio::steady_timer timer{worker.context(), limits_.first_byte};
        const auto first =
            co_await (socket.async_wait(tcp::socket::wait_read, kNoThrow) || timer.async_wait(kNoThrow));
        if (first.index() == 1) {
            ++counters_.silent;
            spdlog::info("{} said nothing for {} s: closed", remote, limits_.first_byte.count() / 1000);
            co_return;
        }
        std::array<std::uint8_t, kSniffBytes> bytes{};
        const auto count =
            ::recv(socket.native_handle(), bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
        if (count <= 0) {
            co_return;
        }
        protocol = sniff(ByteView{bytes}.first(static_cast<std::size_t>(count)));
    }
    if (protocol == Protocol::tls && tls_ != nullptr) {
        co_return co_await greet_tls(worker, std::move(socket), std::move(remote), std::move(ticket));
    }
    auto channel = std::make_shared<TcpChannel>(std::move(socket));
    hand_on(worker, {std::move(channel), protocol, false, false, std::move(remote), std::move(ticket)});
}

/// Shakes hands and looks at the first byte inside.
awaitable<void> Listener::greet_tls(Worker& worker, tcp::socket socket, std::string remote, Ticket ticket)
{
    socket.non_blocking(true);
    auto channel = std::make_shared<TlsChannel>(std::move(socket), tls_->context(), true);
    bool late = false;
    Watchdog limit{worker.executor(), [&] {
                       late = true;
                       channel->cancel();
                   }};
    limit.set(Clock::now() + limits_.handshake);
    if (const auto why = co_await channel->handshake(); !why.empty()) {
        ++counters_.tls_failed;
        spdlog::info("{} began with TLS, but: {}", remote,
                     late ? "it did not finish the handshake in time" : why);
        co_return;
    }
    std::array<std::uint8_t, kSniffBytes> bytes{};
    const auto count = co_await channel->peek(bytes);
    if (count == 0) {
        ++counters_.silent;
        spdlog::info("{} said nothing inside TLS: closed", remote);
        co_return;
    }
    limit.rest();
    const auto protocol = sniff(ByteView{bytes}.first(count));
    hand_on(worker, {std::move(channel), protocol, true, false, std::move(remote), std::move(ticket)});
}

void Listener::hand_on(Worker& worker, Caller caller)
{
    if (caller.protocol == Protocol::other) {
        ++counters_.unknown;
        spdlog::info("{} speaks no protocol that is known here: closed", caller.remote);
        return;
    }
    welcome_(worker, std::move(caller));
}

} // namespace millrace::net
