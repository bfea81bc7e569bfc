// RTSP for the network: connections, sessions that outlive them, and ports.
#pragma once

#include <millrace/doors/rtsp/access.hpp>
#include <millrace/exchange/exchange.hpp>
#include <millrace/net/listener.hpp>
#include <millrace/net/udp.hpp>
#include <millrace/vod/shelf.hpp>

#include <memory>
#include <string>
#include <vector>

namespace millrace::doors {

struct RtspSettings {
    bool udp = true; ///< Packets in datagrams; else all goes through the connection.
    std::uint16_t least_port = 30000;
    std::uint16_t most_port = 39999;
    std::size_t sessions = 4096;                                  ///< Of one worker.
    Clock::duration timeout = std::chrono::seconds{60};           ///< Of a session of which nothing is heard.
    Clock::duration publisher_silence = std::chrono::seconds{10}; ///< Over UDP; three times that over TCP.
    Clock::duration describe_wait = std::chrono::seconds{10};     ///< For what a stream consists of.
    bool basic = false;                                           ///< Passwords may come in the clear.
    bool sha256 = true;                                           ///< Is offered beside MD5.
};

class RtspRoom;
class RtspTunnels;

/// All that RTSP has in common on all workers.
class RtspHouse {
public:
    RtspHouse(exchange::Exchange& exchange, RtspSettings settings, std::shared_ptr<RtspAccess> access,
              vod::Shelf* films);
    ~RtspHouse();

    /// Speaks RTSP, or RTSP in HTTP, with a client until either side is done. Returns at once.
    void serve(exchange::Desk& desk, net::Caller caller);

    /// Lets go of all sessions. Expects: the workers' threads have ended.
    void clear();

    exchange::Exchange& exchange() { return exchange_; }
    const RtspSettings& settings() const { return settings_; }
    const RtspAccess* access() const { return access_.get(); }
    vod::Shelf* films() { return films_; }
    net::PortPairs& ports() { return ports_; }
    RtspRoom& room(std::size_t worker) { return *rooms_[worker]; }
    std::size_t size() const { return rooms_.size(); }
    /// What SSRCs and offsets of a stream's packets come from: the same on each worker.
    std::uint64_t seed_of(const std::string& stream) const;

private:
    exchange::Exchange& exchange_;
    const RtspSettings settings_;
    std::shared_ptr<RtspAccess> access_;
    vod::Shelf* films_;
    net::PortPairs ports_;
    Bytes secret_;
    std::unique_ptr<RtspTunnels> tunnels_;
    std::vector<std::unique_ptr<RtspRoom>> rooms_;
};

} // namespace millrace::doors
