#include <millrace/exchange/exchange.hpp>
#include <millrace/exchange/local_stream.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace millrace::exchange {

namespace {

const hub::Succession::Limits& succession_limits(const Settings& settings, std::string_view name)
{
    const auto* rule = settings.backup_rule(name);
    return rule != nullptr ? rule->succession : settings.succession;
}

} // namespace

LocalStream::LocalStream(Desk& desk, std::string name, bool home, const Settings& settings)
    : desk_{desk}, settings_{settings}, home_{home}, stream_{std::move(name), settings.stream},
      ingest_{settings.ingest}, succession_{ingest_, succession_limits(settings, stream_.name())},
      lost_{Clock::now()}, watched_{Clock::now()}, created_{Clock::now()},
      created_wall_{WallTime::clock::now()}, ride_{std::in_place, desk.worker().executor()}
{
}

void LocalStream::claim(Publisher publisher, std::chrono::nanoseconds wrap, Clock::time_point now)
{
    succession_.begin({publisher.token, publisher.backup, wrap}, now);
    publisher_ = std::move(publisher);
}

void LocalStream::hold(Publisher publisher, std::chrono::nanoseconds wrap, Clock::time_point now)
{
    succession_.hold({publisher.token, publisher.backup, wrap}, now);
    spdlog::info("{}: {} is held in reserve behind {}", stream_.name(), publisher.remote, publisher_->remote);
    backup_ = std::move(publisher);
}

/// Brings what is told of publishers in line with who is on air, and says who went there.
void LocalStream::settle()
{
    const auto on_air = succession_.on_air();
    const bool left = succession_.in_reserve() == 0;
    if (backup_ && backup_->token == on_air) {
        const auto reason = hub::name(succession_.reason());
        spdlog::warn("{}: {} goes on air from reserve, because {} {}", stream_.name(), backup_->remote,
                     publisher_->remote, reason);
        desk_.count("stream_takeovers", reason);
        std::swap(publisher_, backup_);
    } else if (backup_ && left) {
        spdlog::info("{}: {} is in reserve no more", stream_.name(), backup_->remote);
    }
    if (left) {
        backup_.reset();
    }
    if (on_air == 0) {
        publisher_.reset();
    }
}

/// False: nobody with that token was there, or somebody is still on air.
bool LocalStream::leave(std::uint64_t token, Clock::time_point now)
{
    updates_.clear();
    if (over_ || !succession_.leave(token, now, updates_)) {
        return false;
    }
    settle();
    put(now);
    return !publisher_;
}

void LocalStream::release(std::uint64_t token, Clock::time_point now, bool stopped)
{
    if (!leave(token, now)) {
        return;
    }
    const auto taps = taps_; // One that has heard enough may let itself out.
    for (auto* tap : taps) {
        tap->left(stopped);
    }
    lost_ = now;
    if (stream_.head().tracks.empty()) {
        end(); // It never brought anything that could be waited for.
        return;
    }
    spdlog::info("{}: the publisher left; waiting {} s for a successor", stream_.name(),
                 std::chrono::duration_cast<std::chrono::seconds>(settings_.grace).count());
}

void LocalStream::finish(std::uint64_t token, Clock::time_point now)
{
    if (audience().viewers == 0 && leave(token, now)) {
        end();
    } else {
        release(token, now);
    }
}

void LocalStream::feed(std::uint64_t token, std::vector<media::Item> items, Clock::time_point now)
{
    if (over_) {
        return;
    }
    updates_.clear();
    succession_.feed(token, std::move(items), now, updates_);
    settle();
    put(now);
}

/// Puts `updates_` on the timeline and sends them.
void LocalStream::put(Clock::time_point now)
{
    for (const auto& update : updates_) {
        stream_.append(update);
    }
    if (updates_.empty()) {
        return;
    }
    for (auto* tap : taps_) {
        tap->take(updates_);
    }
    if (!subscribers_.empty()) {
        hand_over(std::move(updates_));
        updates_ = {};
    }
    flush(now);
}

/// One message for each worker that watches, whatever the number of frames and viewers.
void LocalStream::hand_over(std::vector<hub::Update> updates)
{
    const auto batch = std::make_shared<const std::vector<hub::Update>>(std::move(updates));
    for (const auto& subscriber : subscribers_) {
        auto* desk = subscriber.desk;
        desk->worker().post([desk, number = subscriber.subscription, batch, name = stream_.name()] {
            if (const auto replica = desk->find(name); replica && replica->subscription == number) {
                replica->apply(*batch, Clock::now());
            }
        });
    }
}

void LocalStream::apply(const std::vector<hub::Update>& updates, Clock::time_point now)
{
    for (const auto& update : updates) {
        stream_.append(update);
    }
    for (auto* tap : taps_) {
        tap->take(updates);
    }
    flush(now);
}

void LocalStream::flush(Clock::time_point now)
{
    stream_.flush(now);
    if (stream_.deadline() != Clock::time_point::max() && !riding_ && ride_) {
        riding_ = true;
        ride_->expires_at(stream_.deadline());
        desk_.worker().spawn(wake_at_deadline());
    }
}

net::awaitable<void> LocalStream::wake_at_deadline()
{
    const auto self = shared_from_this();
    co_await ride_->async_wait(net::kNoThrow);
    riding_ = false;
    flush(Clock::now());
}

void LocalStream::subscribe(Desk& replica, std::uint64_t number)
{
    subscribers_.push_back({&replica, number});
    auto snapshot = std::make_shared<const std::vector<hub::Update>>(stream_.snapshot());
    replica.worker().post([&replica, number, snapshot, name = stream_.name()] {
        if (const auto copy = replica.find(name); copy && copy->subscription == number) {
            copy->apply(*snapshot, Clock::now());
        }
    });
}

void LocalStream::unsubscribe(Desk& replica, std::uint64_t number)
{
    std::erase_if(subscribers_,
                  [&](const Subscriber& s) { return s.desk == &replica && s.subscription == number; });
}

Audience LocalStream::audience() const
{
    Audience sum{stream_.viewers().size(), stream_.bytes_out()};
    for (const auto* tap : taps_) {
        const auto part = tap->audience();
        sum.viewers += part.viewers;
        sum.bytes_out += part.bytes_out;
    }
    return sum;
}

void LocalStream::housekeep(Clock::time_point now)
{
    stream_.tick(now);
    if (home_) {
        if (!publisher_ && now - lost_ > settings_.grace) {
            spdlog::info("{}: no publisher came back; the stream is over", stream_.name());
            end();
        }
        return;
    }
    if (!stream_.viewers().empty() || !taps_.empty()) {
        watched_ = now;
    } else if (now - watched_ > settings_.linger) {
        desk_.drop(*this);
    }
}

void LocalStream::end()
{
    if (std::exchange(over_, true)) {
        return;
    }
    for (const auto& subscriber : subscribers_) {
        auto* desk = subscriber.desk;
        desk->worker().post([desk, number = subscriber.subscription, name = stream_.name()] {
            if (const auto replica = desk->find(name); replica && replica->subscription == number) {
                replica->end();
            }
        });
    }
    subscribers_.clear();
    ride_.reset();
    stream_.end();
    for (auto* tap : std::exchange(taps_, {})) {
        tap->ended();
    }
    desk_.drop(*this);
}

} // namespace millrace::exchange
