#include "rtmp_source.hpp"

namespace millrace::clients {
namespace {

constexpr std::chrono::seconds kMoveTime{10};
constexpr std::chrono::milliseconds kRetry{300};
constexpr std::chrono::milliseconds kFarewell{200};

} // namespace

net::awaitable<Outcome> RtmpSource::open()
{
    auto opened = co_await connection_->open();
    route_ = connection_->route();
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
            auto* frame = std::get_if<media::Frame>(&*item);
            if (frame == nullptr || splice_.pass(*frame)) {
                co_return item;
            }
            continue;
        }
        if (!over_) {
            co_await proceed();
            continue;
        }
        const bool goes_on = co_await move_on();
        if (!goes_on) {
            co_return std::nullopt;
        }
    }
}

/// Says what is to be said, then hears once.
net::awaitable<void> RtmpSource::proceed()
{
    if (stopping_ || connection_->core().closed()) {
        co_await connection_->leave(connection_->limits().goodbye);
        end({});
        co_return;
    }
    if (move_ && Clock::now() >= move_->next_try) {
        const bool moved = co_await move();
        if (moved) {
            co_return;
        }
    }
    const auto said = co_await connection_->say();
    const auto heard = co_await connection_->hear(Clock::now() + connection_->limits().silence);
    bytes_ = bytes_before_ + connection_->bytes_in();
    take_events();
    if (!over_ && !stopping_ && !heard) {
        end(heard);
    } else if (!over_ && !stopping_ && !said) {
        end(said);
    }
}

void RtmpSource::take_events()
{
    while (auto event = connection_->core().next_event()) {
        if (const auto* media = std::get_if<rtmp::MediaArrived>(&*event)) {
            bodies_.feed(static_cast<flv::TagType>(media->type), media->timestamp, media->payload);
        } else if (const auto* refused = std::get_if<rtmp::Refused>(&*event)) {
            end(to_outcome(*refused));
        } else if (const auto* asked = std::get_if<rtmp::ReconnectRequested>(&*event); asked && !move_) {
            const auto now = Clock::now();
            move_ = Move{asked->tc_url, now, now + kMoveTime};
            warn("the server asks us to connect to " + asked->tc_url);
        }
    }
}

/// Tries once to play from where the server sends us; the present connection goes on until that works.
net::awaitable<bool> RtmpSource::move()
{
    Outcome opened;
    next_ = connection_->elsewhere(move_->tc_url, opened);
    if (!next_) {
        warn(opened.why);
        move_.reset();
        co_return false;
    }
    opened = co_await next_->open();
    if (!opened || stopping_) {
        next_.reset();
        move_->next_try = Clock::now() + kRetry;
        co_return false;
    }
    if (!over_) {
        co_await connection_->leave(kFarewell);
    }
    bytes_before_ += connection_->bytes_in();
    connection_ = std::move(next_);
    bodies_ = flv::BodyReader{};
    splice_.begin_anew();
    move_.reset();
    co_return true;
}

/// The connection has ended; false when it was the last one.
net::awaitable<bool> RtmpSource::move_on()
{
    while (move_ && !stopping_ && Clock::now() < move_->give_up) {
        const bool moved = co_await move();
        if (moved) {
            over_ = false;
            outcome_ = {};
            co_return true;
        }
        pause_.expires_after(kRetry);
        co_await pause_.async_wait(net::kNoThrow);
    }
    co_return false;
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
    connection_->line().cancel();
    pause_.cancel();
    if (next_) {
        next_->line().cancel();
    }
}

} // namespace millrace::clients
