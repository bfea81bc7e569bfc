// RTMPT at the HTTP door: RTMP sessions that live in POST requests.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/net/listener.hpp>

#include <functional>
#include <memory>

namespace millrace::doors {

/// All tunnels of the house. A tunnel lives on the worker where it was opened; requests that come in
/// elsewhere are taken there.
class Tunnels {
public:
    struct Limits {
        std::size_t sessions = 10000;                        ///< At once.
        std::size_t waiting_bytes = std::size_t{256} * 1024; ///< For the answers of one session.
        std::size_t body_bytes = std::size_t{1024} * 1024;   ///< Of one request.
        Clock::duration idle = std::chrono::seconds{20};     ///< Between two requests of a session.
        Clock::duration hold =
            std::chrono::milliseconds{200};              ///< How long an idle request may be kept waiting.
        Clock::duration order = std::chrono::seconds{5}; ///< How long a request may wait for its turn.
    };

    /// Called on the worker of a new tunnel, whose RTMP session begins.
    using Welcome = std::function<void(exchange::Desk&, net::Caller)>;

    Tunnels(exchange::Exchange& exchange, Welcome welcome) : Tunnels{exchange, std::move(welcome), Limits{}}
    {
    }
    Tunnels(exchange::Exchange& exchange, Welcome welcome, Limits limits);
    ~Tunnels();
    Tunnels(const Tunnels&) = delete;
    Tunnels& operator=(const Tunnels&) = delete;

    const Limits& limits() const { return limits_; }
    /// Lets go of all sessions. Expects: the workers' threads have ended.
    void clear();

    /// An answer: 200 with a body of RTMP's, or why not, in words.
    struct Reply {
        unsigned status = 200;
        Bytes body;
        std::string why;
    };
    /// Takes one POST request. `path` is a tunnel's path.
    net::awaitable<Reply> take(exchange::Desk& desk, std::string path, Bytes body, std::string remote,
                               bool tls);

private:
    struct Session;
    struct Room;

    Reply open(exchange::Desk& desk, std::string remote, bool tls);
    net::awaitable<Reply> serve(exchange::Desk& desk, std::string path, Bytes body);
    net::awaitable<void> watch(exchange::Desk& desk, std::string id, std::shared_ptr<Session> session);

    exchange::Exchange& exchange_;
    Welcome welcome_;
    Limits limits_;
    std::atomic<std::uint64_t> open_{0};
    std::vector<std::unique_ptr<Room>> rooms_; ///< By worker; each touched only there.
};

} // namespace millrace::doors
