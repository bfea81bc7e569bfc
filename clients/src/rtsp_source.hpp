// A stream that is played over RTSP.
#pragma once

#include "rtsp_call.hpp"

namespace millrace::clients {

class RtspSource final : public Source {
public:
    RtspSource(const net::asio::any_io_executor& executor, Url url, Limits limits)
        : executor_{executor}, url_{std::move(url)}, limits_{limits}
    {
    }
    ~RtspSource() override;

    net::awaitable<Outcome> open() override;
    net::awaitable<std::optional<media::Item>> next() override;
    void stop() override;

private:
    net::awaitable<Outcome> open(RtspWay way);
    void on(const rtsp::ClientEvent& event);
    void set_up(const rtsp::Described& described);
    void take(std::size_t stream, SharedBytes packet);
    void report(Clock::time_point now);

    net::asio::any_io_executor executor_;
    Url url_;
    Limits limits_;
    std::shared_ptr<RtspCall> call_;
    rtp::Reception reception_;
    std::vector<std::size_t> media_; ///< Of the reception, by stream.
    std::vector<std::string> urls_;
    std::string moved_; ///< Where the server sends us.
    bool started_ = false;
    bool refused_ = false; ///< The way that packets were to come.
    bool stopping_ = false;
    Clock::time_point heard_;
    std::optional<Clock::time_point> first_;
};

} // namespace millrace::clients
