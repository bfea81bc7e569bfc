// A stream that is played over RTMP.
#pragma once

#include "rtmp_connection.hpp"
#include "splice.hpp"
#include <millrace/flv/body.hpp>

namespace millrace::clients {

class RtmpSource final : public Source {
public:
    RtmpSource(const net::asio::any_io_executor& executor, Url url, Limits limits)
        : connection_{std::make_unique<RtmpConnection>(executor, std::move(url), rtmp::Client::Role::play,
                                                       limits)},
          pause_{executor}
    {
    }

    net::awaitable<Outcome> open() override;
    net::awaitable<std::optional<media::Item>> next() override;
    void stop() override;

private:
    /// A request of the server to connect anew.
    struct Move {
        std::string tc_url;
        Clock::time_point next_try;
        Clock::time_point give_up;
    };

    net::awaitable<void> proceed();
    net::awaitable<bool> move();
    net::awaitable<bool> move_on();
    void take_events();
    void end(Outcome outcome);

    std::unique_ptr<RtmpConnection> connection_;
    std::unique_ptr<RtmpConnection> next_; ///< While it is being opened.
    std::optional<Move> move_;
    net::asio::steady_timer pause_;
    flv::BodyReader bodies_;
    Splice splice_;
    std::uint64_t bytes_before_ = 0; ///< Of earlier connections.
    bool stopping_ = false;
    bool over_ = false;
};

} // namespace millrace::clients
