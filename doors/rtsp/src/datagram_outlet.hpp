// A viewer whose packets go out as datagrams, in batches, paced.
#pragma once

#include "lens.hpp"
#include <millrace/hub/stream.hpp>
#include <millrace/net/udp.hpp>

#include <functional>
#include <map>

namespace millrace::doors {

/// Sends a stream's packets to one address a channel. What belongs to one picture goes out at once when it is
/// little, else spread over a few milliseconds; what a viewer begins with, faster than it plays.
class DatagramOutlet final : public hub::Outlet, public std::enable_shared_from_this<DatagramOutlet> {
public:
    DatagramOutlet(const net::asio::any_io_executor& executor, hub::Viewer::Options options);

    /// Where packets of the image's channel go.
    void send_to(std::uint8_t channel, std::shared_ptr<net::DatagramSocket> socket, net::udp::endpoint to);
    void leave_out(std::uint8_t channel) { ways_.erase(channel); }
    /// The address that a channel's packets go to; none when it is left out.
    std::optional<net::udp::endpoint> address(std::uint8_t channel) const;

    hub::Viewer& viewer() { return viewer_; }
    const hub::Viewer& viewer() const { return viewer_; }

    void flush(Clock::time_point now) override;
    void ended() override;
    std::function<void()> on_ended;

    std::uint64_t bytes_out() const { return bytes_; }
    std::uint64_t packets() const { return packets_; }
    std::uint64_t refused() const { return refused_; } ///< Packets that the kernel had no room for.
    void stop();

private:
    struct Way {
        std::shared_ptr<net::DatagramSocket> socket;
        net::udp::endpoint to;
        std::vector<ByteView> batch;
    };

    bool send_some(std::size_t most, Clock::time_point now);
    static net::awaitable<void> pace(std::shared_ptr<DatagramOutlet> self);

    hub::Viewer viewer_;
    std::map<std::uint8_t, Way> ways_;
    net::asio::steady_timer timer_;
    std::size_t step_bytes_ = 0; ///< Each millisecond, while pacing.
    bool pacing_ = false;
    bool stopped_ = false;
    std::uint64_t bytes_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t refused_ = 0;
};

} // namespace millrace::doors
