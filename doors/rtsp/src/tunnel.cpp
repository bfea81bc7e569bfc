#include "tunnel.hpp"

#include <millrace/net/watchdog.hpp>
#include <millrace/rtsp/auth.hpp>
#include <millrace/rtsp/tunnel.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr std::chrono::seconds kHeadTime{10};
constexpr std::chrono::seconds kWaitForGet{5}; ///< A POST may come first.
constexpr std::chrono::milliseconds kLook{20};
constexpr std::size_t kInbox = 16384;

/// Reads the head; none when there is none, and the connection was told so.
net::awaitable<std::optional<rtsp::TunnelOpening>> read_head(net::Channel& channel, Bytes& came)
{
    net::Watchdog limit{channel.executor(), [&channel] { channel.cancel(); }};
    limit.set(Clock::now() + kHeadTime);
    std::array<std::uint8_t, 2048> inbox{};
    for (;;) {
        const auto got = co_await net::read_some(channel, inbox);
        if (got.error) {
            co_return std::nullopt;
        }
        came.insert(came.end(), inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(got.bytes));
        const auto opening = rtsp::read_tunnel_opening(came);
        if (!opening) {
            co_await net::write_all(channel, as_bytes(rtsp::tunnel_refusal()));
            channel.shut();
            co_return std::nullopt;
        }
        if (*opening) {
            co_return **opening;
        }
    }
}

/// Takes up what a POST brings until it ends.
net::awaitable<void> take_up(net::Channel& channel, RtspTunnels::Place place, Bytes came)
{
    rtsp::Base64Reader reader;
    Bytes inbox(kInbox);
    for (;;) {
        Bytes plain;
        if (!reader.feed(came, plain)) {
            spdlog::info("an RTSP tunnel brought something else than Base64: closed");
            place.worker->post([tunnel = place.tunnel] {
                if (const auto there = tunnel.lock()) {
                    there->end();
                }
            });
            co_return;
        }
        if (!plain.empty()) {
            place.worker->post([tunnel = place.tunnel, plain = std::move(plain)]() mutable {
                if (const auto there = tunnel.lock()) {
                    there->put(std::move(plain));
                }
            });
        }
        if (place.tunnel.expired()) {
            co_return;
        }
        const auto got = co_await net::read_some(channel, inbox);
        if (got.error) {
            co_return; // Another POST may go on.
        }
        came.assign(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(got.bytes));
    }
}

} // namespace

void RtspTunnel::put(Bytes bytes)
{
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    if (held_.size() > kMostHeld) {
        end();
    }
    came_.notify();
}

void RtspTunnel::end()
{
    ended_ = true;
    came_.notify();
}

net::awaitable<void> RtspTunnel::watch(std::shared_ptr<RtspTunnel> self)
{
    std::array<std::uint8_t, 256> nothing{};
    while (!self->ended_) {
        const auto got = co_await net::read_some(*self->below_, nothing);
        if (got.error) {
            self->end();
        }
    }
}

net::Attempt RtspTunnel::receive_now(std::span<std::uint8_t> into)
{
    const auto count = std::min(into.size(), held_.size());
    std::copy_n(held_.begin(), count, into.begin());
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
    return {.bytes = count, .would_block = count == 0 && !ended_};
}

net::awaitable<net::error_code> RtspTunnel::readable()
{
    while (held_.empty() && !ended_ && !cancelled_) {
        co_await came_.wait();
    }
    co_return std::exchange(cancelled_, false) ? net::asio::error::operation_aborted : net::error_code{};
}

void RtspTunnel::cancel()
{
    cancelled_ = true;
    came_.notify();
}

void RtspTunnel::close()
{
    end();
    below_->close();
}

bool RtspTunnels::enter(const std::string& cookie, net::Worker& worker, std::weak_ptr<RtspTunnel> tunnel)
{
    const std::scoped_lock lock{mutex_};
    if (++entered_ % kSweepEvery == 0) {
        std::erase_if(places_, [](const auto& each) { return each.second.tunnel.expired(); });
    }
    auto& place = places_[cookie];
    if (!place.tunnel.expired()) {
        return false;
    }
    place = {&worker, std::move(tunnel)};
    return true;
}

std::optional<RtspTunnels::Place> RtspTunnels::find(const std::string& cookie)
{
    const std::scoped_lock lock{mutex_};
    const auto found = places_.find(cookie);
    return found == places_.end() || found->second.tunnel.expired() ? std::nullopt
                                                                    : std::optional{found->second};
}

net::awaitable<void> open_rtsp_tunnel(RtspHouse& house, RtspTunnels& tunnels, exchange::Desk& desk,
                                      net::Caller caller)
{
    const auto channel = caller.channel;
    Bytes came;
    const auto opening = co_await read_head(*channel, came);
    if (!opening) {
        desk.count("rtsp_tunnels_refused");
        co_return;
    }
    if (!opening->post) {
        auto tunnel = std::make_shared<RtspTunnel>(channel);
        if (!tunnels.enter(opening->cookie, desk.worker(), tunnel)) {
            desk.count("rtsp_tunnels_refused", "cookie in use");
            co_return;
        }
        co_await net::write_all(*channel, as_bytes(rtsp::tunnel_answer()));
        desk.worker().spawn(RtspTunnel::watch(tunnel));
        caller.channel = std::move(tunnel);
        caller.tunnel = true;
        caller.protocol = net::Protocol::rtsp;
        house.serve(desk, std::move(caller));
        co_return;
    }
    net::asio::steady_timer timer{channel->executor()};
    auto place = tunnels.find(opening->cookie);
    for (const auto end = Clock::now() + kWaitForGet; !place && Clock::now() < end;) {
        timer.expires_after(kLook);
        co_await timer.async_wait(net::kNoThrow);
        place = tunnels.find(opening->cookie);
    }
    if (!place) {
        desk.count("rtsp_tunnels_refused", "a POST without its GET");
        co_return;
    }
    came.erase(came.begin(), came.begin() + static_cast<std::ptrdiff_t>(opening->head_bytes));
    co_await take_up(*channel, std::move(*place), std::move(came));
}

} // namespace millrace::doors
