// A listening address: one socket a worker, the first bytes sniffed, connections handed to who asked for
// them.
#pragma once

#include <millrace/net/channel.hpp>
#include <millrace/net/sniff.hpp>
#include <millrace/net/tls.hpp>
#include <millrace/net/workers.hpp>

#include <atomic>
#include <functional>
#include <string>

namespace millrace::net {

/// A place among a listener's open connections, given back when this goes.
class Ticket {
public:
    explicit Ticket(std::atomic<std::uint64_t>& open) : open_{&open} { ++open; }

private:
    struct GiveBack {
        void operator()(std::atomic<std::uint64_t>* open) const { --*open; }
    };
    std::unique_ptr<std::atomic<std::uint64_t>, GiveBack> open_;
};

/// A connection whose protocol is known; nothing was consumed from it. Move-only.
struct Caller {
    std::shared_ptr<Channel> channel;
    Protocol protocol = Protocol::other; ///< Inside TLS, if that is what carries it.
    bool tls = false;
    bool tunnel = false; ///< In HTTP requests (RTMPT).
    std::string remote;  ///< "192.0.2.1:50312", "[2001:db8::1]:50312".
    Ticket ticket;
};

/// Listens on one address with a socket on every worker (SO_REUSEPORT), so that the kernel spreads
/// connections.
class Listener {
public:
    struct Limits {
        std::size_t connections =
            0; ///< On this listener at once; 0: three quarters of the process's file descriptors.
        std::chrono::milliseconds first_byte{5000};
        std::chrono::milliseconds handshake{10000}; ///< Of TLS, and the first byte in it.
    };

    struct Counters {
        std::atomic<std::uint64_t> accepted{0};
        std::atomic<std::uint64_t> refused_full{0};  ///< Closed at once: too many connections.
        std::atomic<std::uint64_t> silent{0};        ///< Said nothing in time.
        std::atomic<std::uint64_t> unknown{0};       ///< Began with bytes of no protocol.
        std::atomic<std::uint64_t> tls_failed{0};    ///< Did not finish the TLS handshake.
        std::atomic<std::uint64_t> accept_errors{0}; ///< The system had no descriptor or memory left.
        std::atomic<std::uint64_t> open{0};
    };

    /// Called on the worker that accepted, where the connection lives from then on.
    using Welcome = std::function<void(Worker&, Caller)>;

    /// Binds. `address`: "0.0.0.0:1935", "[::]:1935" (IPv4 too), "127.0.0.1:0".
    /// Throws std::runtime_error with one clear line: cannot parse, address in use, no permission.
    Listener(Workers& workers, const std::string& address, Welcome welcome)
        : Listener{workers, address, std::move(welcome), Limits{}}
    {
    }
    /// `tls`: what TLS is spoken with; without it, a connection that begins with TLS is welcomed as such.
    Listener(Workers& workers, const std::string& address, Welcome welcome, Limits limits,
             const TlsServer* tls = nullptr);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Begins to accept.
    void start();
    /// Accepts no more; open connections go on. May be called from any thread while the workers run.
    void stop();

    /// Lets go of the sockets. Expects: the workers' threads have ended. The counters stay.
    void close() { acceptors_.clear(); }

    std::uint16_t port() const { return port_; }
    const Counters& counters() const { return counters_; }
    std::string address() const;

private:
    awaitable<void> accept(Worker& worker, tcp::acceptor& acceptor);
    awaitable<void> greet(Worker& worker, tcp::socket socket, Ticket ticket);
    awaitable<void> greet_tls(Worker& worker, tcp::socket socket, std::string remote, Ticket ticket);
    void hand_on(Worker& worker, Caller caller);

    Workers& workers_;
    const TlsServer* tls_;
    Welcome welcome_;
    Limits limits_;
    Counters counters_;
    tcp::endpoint endpoint_;
    std::uint16_t port_ = 0;
    std::vector<std::unique_ptr<tcp::acceptor>> acceptors_; ///< By worker.
};

/// "192.0.2.1:50312" or "[2001:db8::1]:50312"; IPv4 in IPv6 is written as IPv4.
std::string to_string(const tcp::endpoint& endpoint);
/// Parses "HOST:PORT" with a literal address. Throws std::runtime_error that says what was expected.
tcp::endpoint parse_endpoint(const std::string& address);

} // namespace millrace::net
