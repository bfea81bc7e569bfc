#include "rtmp_source.hpp"

namespace millrace::clients {

net::awaitable<Outcome> RtmpSource::open()
{
    auto opened = co_await connection_.open();
    route_ = connection_.route();
    if (!opened) {
        end(opened);
    }
    co_return opened;
}

net::awaitable<std::optional<media::Item>> RtmpSource::next()
{
    for (;;) {
        take_events();
        if (auto item = bodies_.next()) {
            co_return item;
        }
        if (over_) {
            co_return std::nullopt;
        }
        co_await proceed();
    }
}

/// Says what is to be said, then hears once.
net::awaitable<void> RtmpSource::proceed()
{
    if (stopping_ || connection_.core().closed()) {
        co_await connection_.leave(connection_.limits().goodbye);
        end({});
        co_return;
    }
    const auto said = co_await connection_.say();
    const auto heard = co_await connection_.hear(Clock::now() + connection_.limits().silence);
    bytes_ = connection_.bytes_in();
    take_events();
    if (!over_ && !stopping_ && !heard) {
        end(heard);
    } else if (!over_ && !stopping_ && !said) {
        end(said);
    }
}

void RtmpSource::take_events()
{
    while (auto event = connection_.core().next_event()) {
        if (const auto* media = std::get_if<rtmp::MediaArrived>(&*event)) {
            bodies_.feed(static_cast<flv::TagType>(media->type), media->timestamp, media->payload);
        } else if (const auto* refused = std::get_if<rtmp::Refused>(&*event)) {
            end(to_outcome(*refused));
        }
    }
}

void RtmpSource::end(Outcome outcome)
{
    if (!over_) {
        over_ = true;
        outcome_ = std::move(outcome);
    }
}

void RtmpSource::stop()
{
    stopping_ = true;
    connection_.line().cancel();
}

} // namespace millrace::clients
