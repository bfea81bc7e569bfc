// RTSP in HTTP: a channel made of a connection that goes down and others that come up.
#pragma once

#include <millrace/doors/rtsp/house.hpp>
#include <millrace/net/channel.hpp>
#include <millrace/net/notice.hpp>

#include <map>
#include <mutex>

namespace millrace::doors {

/// What is sent goes into the GET's connection; what is received is what POSTs brought. Lives on the worker
/// of the GET.
class RtspTunnel final : public net::Channel, public std::enable_shared_from_this<RtspTunnel> {
public:
    static constexpr std::size_t kMostHeld = std::size_t{1} << 20U;

    explicit RtspTunnel(std::shared_ptr<net::Channel> below)
        : Channel{below->executor()}, below_{std::move(below)}, came_{executor()}
    {
    }

    /// Bytes that a POST brought.
    void put(Bytes bytes);
    /// Nothing more will come.
    void end();
    /// Ends the tunnel when the GET's connection does.
    static net::awaitable<void> watch(std::shared_ptr<RtspTunnel> self);

    net::Attempt receive_now(std::span<std::uint8_t> into) override;
    net::awaitable<net::error_code> readable() override;
    void cancel() override;
    void prepare() override { below_->prepare(); }
    void shut() override { below_->shut(); }
    void close() override;

protected:
    net::Attempt send_below(std::span<const ByteView> views) override { return below_->send_now(views); }
    net::awaitable<net::error_code> writable_below() override { return below_->writable(); }

private:
    std::shared_ptr<net::Channel> below_;
    net::Notice came_;
    Bytes held_;
    bool ended_ = false;
    bool cancelled_ = false;
};

/// The tunnels of all workers, by their cookies.
class RtspTunnels {
public:
    /// False: there is one of that cookie.
    bool enter(const std::string& cookie, net::Worker& worker, std::weak_ptr<RtspTunnel> tunnel);
    struct Place {
        net::Worker* worker = nullptr;
        std::weak_ptr<RtspTunnel> tunnel;
    };
    std::optional<Place> find(const std::string& cookie);

private:
    static constexpr std::size_t kSweepEvery = 64;
    std::mutex mutex_; ///< Taken when a connection begins.
    std::map<std::string, Place> places_;
    std::size_t entered_ = 0;
};

/// Takes one of a tunnel's connections, or refuses what is none.
net::awaitable<void> open_rtsp_tunnel(RtspHouse& house, RtspTunnels& tunnels, exchange::Desk& desk,
                                      net::Caller caller);

} // namespace millrace::doors
