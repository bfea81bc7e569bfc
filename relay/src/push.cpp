#include "push.hpp"

#include <millrace/exchange/route.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace millrace::relay {
namespace {

constexpr std::chrono::milliseconds kGoodbye{1000};

double seconds(Clock::duration time)
{
    return std::chrono::duration<double>{time}.count();
}

} // namespace

Push::Push(Surroundings& around, exchange::Desk& desk, Terms terms,
           std::shared_ptr<exchange::LocalStream> stream)
    : around_{around}, desk_{desk}, terms_{std::move(terms)}, shown_{terms_.url.shown()},
      stream_{std::move(stream)}, course_{around.settings.pause, around.random(), Clock::now()},
      news_{desk.worker().executor()}, timer_{desk.worker().executor()}
{
}

Push::~Push()
{
    if (stream_) {
        stream_->detach(*this);
    }
}

void Push::begin()
{
    ++around_.running;
    stream_->attach(*this);
    desk_.worker().spawn(run(shared_from_this()));
}

void Push::end()
{
    if (std::exchange(ending_, true)) {
        return;
    }
    timer_.cancel();
    news_.notify();
    if (publisher_ && !writing_) {
        publisher_->stop();
    }
}

net::awaitable<void> Push::run(std::shared_ptr<Push> push)
{
    while (!push->ending_) {
        const auto why = co_await push->attempt();
        if (!push->ending_) {
            push->fail(why);
        }
        while (!push->ending_ && Clock::now() < push->course_.next_try()) {
            push->timer_.expires_at(push->course_.next_try());
            co_await push->timer_.async_wait(net::kNoThrow);
        }
    }
    push->stream_->detach(*push);
    push->stream_.reset();
    push->course_.stop(Clock::now());
    spdlog::info("{} {}: ended; {} bytes went to {}, {} frames were dropped", push->terms_.id,
                 push->terms_.stream, push->bytes_before_, push->shown_, push->dropped_before_);
    --push->around_.running;
    if (push->on_ended) {
        push->on_ended();
    }
}

/// One connection; gives why it ended.
net::awaitable<std::string> Push::attempt()
{
    course_.connect(Clock::now());
    auto url = terms_.url;
    const auto& source = stream_->publisher();
    url.route = exchange::extend_route(source ? source->route : std::string{}, around_.exchange.id());
    publisher_ = clients::make_sink(desk_.worker().executor(), std::move(url));
    publisher_->on_warning = [this](const std::string& text) {
        spdlog::warn("{} {}: {}: {}", terms_.id, terms_.stream, shown_, text);
    };
    publisher_->on_lost = [this] { news_.notify(); };
    spdlog::info("{} {}: calls {}", terms_.id, terms_.stream, shown_);
    const auto opened = co_await publisher_->open();
    auto why = opened.why;
    if (opened) {
        course_.run(Clock::now());
        spdlog::info("{} {}: goes to {}", terms_.id, terms_.stream, shown_);
        begin_writing();
        while (!ending_ && !publisher_->lost()) {
            co_await news_.wait();
        }
        writing_ = false;
        if (ending_) {
            static_cast<void>(co_await publisher_->finish(kGoodbye));
        }
        why = publisher_->outcome().why;
        bytes_before_ += publisher_->bytes();
        dropped_before_ += publisher_->dropped();
        desk_.count("relay_dropped_frames", {}, publisher_->dropped());
    }
    publisher_.reset();
    co_return why.empty() ? "the connection is lost" : why;
}

void Push::fail(const std::string& why)
{
    const auto now = Clock::now();
    course_.fail(why, now);
    desk_.count("relay_failures", "push");
    spdlog::warn("{} {}: {}: {}; calls again in {:.1f} s", terms_.id, terms_.stream, shown_, why,
                 seconds(course_.next_try() - now));
}

/// With what a viewer who comes now would get.
void Push::begin_writing()
{
    writing_ = true;
    wants_key_ = true;
    auto newest = stream_->stream().snapshot();
    if (!publisher_->takes_past()) {
        std::erase_if(newest,
                      [](const hub::Update& update) { return std::holds_alternative<media::Frame>(update); });
    }
    take(newest);
}

void Push::take(std::span<const hub::Update> updates)
{
    if (writing_) {
        for (const auto& update : updates) {
            write(update);
        }
    }
}

void Push::write(const hub::Update& update)
{
    if (const auto* frame = std::get_if<media::Frame>(&update)) {
        if (wants_key_) {
            const bool has_picture =
                std::ranges::any_of(stream_->stream().head().tracks, [](const media::Track& track) {
                    return track.kind == media::Kind::video;
                });
            if (has_picture && (frame->kind != media::Kind::video || !frame->key)) {
                return;
            }
            wants_key_ = false;
        }
        bits_.add(static_cast<double>(frame->payload.size()) * 8, Clock::now());
        publisher_->write(*frame);
    } else if (const auto* track = std::get_if<media::Track>(&update)) {
        publisher_->write(*track);
    } else if (const auto* metadata = std::get_if<media::Metadata>(&update)) {
        publisher_->write(*metadata);
    }
}

RelayInfo Push::report(Clock::time_point now) const
{
    RelayInfo info{.id = terms_.id,
                   .direction = Direction::push,
                   .name = terms_.stream,
                   .url = shown_,
                   .bytes = bytes_before_ + (writing_ ? publisher_->bytes() : 0),
                   .bitrate = bits_.per_second(now),
                   .dropped = dropped_before_ + (writing_ ? publisher_->dropped() : 0)};
    describe(course_, info, now);
    return info;
}

} // namespace millrace::relay
