// A stream that is played over RTMP.
#pragma once

#include "rtmp_connection.hpp"
#include <millrace/flv/body.hpp>

namespace millrace::clients {

class RtmpSource final : public Source {
public:
    RtmpSource(const net::asio::any_io_executor& executor, Url url, Limits limits)
        : connection_{executor, std::move(url), rtmp::Client::Role::play, limits}
    {
    }

    net::awaitable<Outcome> open() override;
    net::awaitable<std::optional<media::Item>> next() override;
    void stop() override;

private:
    net::awaitable<void> proceed();
    void take_events();
    void end(Outcome outcome);

    RtmpConnection connection_;
    flv::BodyReader bodies_;
    bool stopping_ = false;
    bool over_ = false;
};

} // namespace millrace::clients
