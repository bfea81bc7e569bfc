// A session that publishes: packets in, frames on a stream's timeline.
#pragma once

#include "description.hpp"
#include "part.hpp"
#include <millrace/exchange/exchange.hpp>
#include <millrace/net/udp.hpp>
#include <millrace/rtp/reception.hpp>

#include <map>

namespace millrace::doors {

class RtspRecorder final : public RtspPart {
public:
    RtspRecorder(RtspRoom& room, const RtspCaller& caller, std::string path, std::string query,
                 std::shared_ptr<const Announcement> announcement);

    RtspReply set_up(int track, const std::string& url, const RtspCaller& caller,
                     rtsp::Transport& transport) override;
    void agreed(int track, const rtsp::Transport& transport) override { lines_[track].transport = transport; }
    net::awaitable<RtspReply> record(const rtsp::Ask& ask) override;
    RtspReply pause(const rtsp::Ask& ask) override;
    void tear_down(std::optional<int> track) override;
    void feed(int track, SharedBytes packet) override;
    std::optional<std::string> parameter(std::string_view name) const override;

    void tick(Clock::time_point now) override;
    exchange::SessionInfo info(Clock::time_point now) const override;

private:
    struct Line {
        std::optional<std::size_t> medium; ///< Of the reception; none: what comes is dropped.
        rtsp::Transport transport;
        net::DatagramPair sockets;
        std::optional<net::udp::endpoint> reports_to;
    };

    void release() override;
    RtspReply open_sockets(Line& line, int track, const RtspCaller& caller, rtsp::Transport& transport);
    static net::awaitable<void> listen(std::shared_ptr<RtspRecorder> self, int track,
                                       std::shared_ptr<net::DatagramSocket> socket, bool rtcp);
    static net::awaitable<void> keep_time(std::shared_ptr<RtspRecorder> self);
    void take(int track, SharedBytes packet, Clock::time_point now);
    void drain(Clock::time_point now);

    std::string query_;
    std::shared_ptr<const Announcement> announcement_;
    std::map<int, Line> lines_;
    rtp::Reception reception_;
    std::unique_ptr<exchange::Publication> publication_;
    std::vector<media::Item> items_;
    std::shared_ptr<exchange::ViewerSocket> wire_;
    net::asio::steady_timer timer_;
    Clock::time_point began_;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
    bool recording_ = false;
    bool timing_ = false;
    bool dropped_ = false; ///< Something came from an address that is not the publisher's.
};

} // namespace millrace::doors
