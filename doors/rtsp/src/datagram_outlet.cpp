#include "datagram_outlet.hpp"

#include <millrace/rtp/muxer.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace millrace::doors {
namespace {

constexpr std::size_t kBurst = 32U * 1024;             ///< Bytes that may go out at once.
constexpr std::chrono::milliseconds kStep{1};          ///< Between two parts of what is more.
constexpr std::chrono::milliseconds kSpread{8};        ///< Over which a picture is spread, at least.
constexpr std::chrono::milliseconds kMostSpread{1500}; ///< Over which what was kept for beginners is.
constexpr int kFaster = 4;                             ///< Than it plays.

} // namespace

DatagramOutlet::DatagramOutlet(const net::asio::any_io_executor& executor, hub::Viewer::Options options)
    : viewer_{*this, options, Clock::now()}, timer_{executor}
{
}

void DatagramOutlet::send_to(std::uint8_t channel, std::shared_ptr<net::DatagramSocket> socket,
                             net::udp::endpoint to)
{
    ways_[channel] = {std::move(socket), std::move(to), {}};
}

std::optional<net::udp::endpoint> DatagramOutlet::address(std::uint8_t channel) const
{
    const auto way = ways_.find(channel);
    return way == ways_.end() ? std::nullopt : std::optional{way->second.to};
}

void DatagramOutlet::flush(Clock::time_point now)
{
    if (stopped_) {
        return;
    }
    viewer_.step(now);
    if (pacing_ || !send_some(kBurst, now)) {
        return;
    }
    const auto kept = std::chrono::duration_cast<std::chrono::milliseconds>(viewer_.lag()) / kFaster;
    const auto spread = std::clamp(kept, kSpread, kMostSpread);
    step_bytes_ =
        std::max<std::size_t>(viewer_.behind() / static_cast<std::size_t>(spread / kStep), kBurst / 8);
    pacing_ = true;
    net::asio::co_spawn(timer_.get_executor(), pace(shared_from_this()), net::kDetached);
}

/// True: there is more.
bool DatagramOutlet::send_some(std::size_t most, Clock::time_point now)
{
    std::size_t taken = 0;
    for (;;) {
        std::size_t consumed = 0;
        for (auto view : viewer_.pending()) {
            while (taken + consumed < most) {
                const auto framed = rtp::take_framed(view);
                if (!framed) {
                    break;
                }
                consumed += framed->whole.size();
                if (const auto way = ways_.find(framed->channel); way != ways_.end()) {
                    way->second.batch.push_back(framed->packet);
                }
            }
            if (taken + consumed >= most) {
                break;
            }
        }
        for (auto& [channel, way] : ways_) {
            const auto done = way.socket->send_now(way.batch, way.to);
            refused_ += way.batch.size() - done;
            packets_ += done;
            for (const auto packet : way.batch) {
                bytes_ += packet.size();
            }
            way.batch.clear();
        }
        viewer_.sent(consumed, now);
        taken += consumed;
        if (consumed == 0 || taken >= most) {
            return consumed > 0 && !viewer_.pending().empty();
        }
    }
}

net::awaitable<void> DatagramOutlet::pace(std::shared_ptr<DatagramOutlet> self)
{
    bool more = true;
    while (more && !self->stopped_) {
        self->timer_.expires_after(kStep);
        co_await self->timer_.async_wait(net::kNoThrow);
        more = !self->stopped_ && self->send_some(self->step_bytes_, Clock::now());
    }
    self->pacing_ = false;
}

void DatagramOutlet::ended()
{
    if (on_ended) {
        on_ended();
    }
}

void DatagramOutlet::stop()
{
    stopped_ = true;
    timer_.cancel();
    on_ended = {};
}

} // namespace millrace::doors
