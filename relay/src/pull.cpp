#include "pull.hpp"

#include <millrace/exchange/route.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace millrace::relay {
namespace {

/// RTMP 1.0 §4, FLV 10.1 §E.4.1: timestamps are 32-bit milliseconds and wrap.
constexpr std::chrono::milliseconds kWrap{std::int64_t{1} << 32};
/// Between two looks whether somebody watches.
constexpr std::chrono::milliseconds kMostBetweenLooks{1000};
constexpr std::chrono::milliseconds kLeastBetweenLooks{50};

double seconds(Clock::duration time)
{
    return std::chrono::duration<double>{time}.count();
}

} // namespace

/// One who waits for the stream.
struct Pull::Waiter {
    explicit Waiter(const net::asio::any_io_executor& executor) : timer{executor} {}
    net::asio::steady_timer timer;
    std::optional<std::string> answer;
};

Pull::Pull(Surroundings& around, exchange::Desk& desk, Terms terms, const PullRule& rule)
    : around_{around}, desk_{desk}, terms_{std::move(terms)}, shown_{terms_.url.shown()},
      on_demand_{rule.on_demand}, linger_{rule.linger}, backup_{rule.backup}, number_{0},
      course_{around.settings.pause, around.random(), Clock::now()}, timer_{desk.worker().executor()}
{
}

Pull::~Pull()
{
    if (number_ != 0) {
        desk_.leave(number_);
    }
}

void Pull::begin()
{
    if (!running_ && !ending_ && !retired_) {
        running_ = true;
        ++around_.running;
        desk_.worker().spawn(run(shared_from_this()));
    }
}

net::awaitable<void> Pull::run(std::shared_ptr<Pull> pull)
{
    co_await pull->pause(); // What is left of one that was begun before it stopped.
    while (!pull->ending_) {
        const bool wanted = co_await pull->wanted();
        if (!wanted || pull->ending_) {
            break;
        }
        const auto why = co_await pull->attempt();
        if (!why.empty() && !pull->ending_) {
            pull->fail(why);
            co_await pull->pause();
        }
    }
    pull->course_.stop(Clock::now());
    pull->answer("the relay was ended");
    pull->running_ = false;
    --pull->around_.running;
    if (pull->on_stopped && !pull->ending_) {
        pull->retired_ = pull->on_stopped();
    }
}

net::awaitable<bool> Pull::wanted()
{
    if (!on_demand_ || !waiters_.empty()) {
        co_return true;
    }
    const auto viewers = co_await around_.exchange.viewers(terms_.stream);
    co_return viewers > 0 || !waiters_.empty();
}

/// Once from the call to the end; gives why it ended, or nothing when nobody watched any more.
net::awaitable<std::string> Pull::attempt()
{
    course_.connect(Clock::now());
    left_ = false;
    interrupted_.clear();
    auto url = terms_.url;
    url.route = exchange::extend_route(route_, around_.exchange.id());
    clients::Source::Limits limits;
    limits.silence = around_.settings.silence;
    limits.paced = true;
    source_ = clients::make_source(desk_.worker().executor(), std::move(url), limits);
    source_->on_warning = [this](const std::string& text) {
        spdlog::warn("{} {}: {}: {}", terms_.id, terms_.stream, shown_, text);
    };
    spdlog::info("{} {}: calls {}", terms_.id, terms_.stream, shown_);
    const auto opened = co_await source_->open();
    auto why = opened.why;
    if (opened) {
        why = co_await receive();
    }
    bytes_before_ += source_->bytes();
    source_.reset();
    if (!interrupted_.empty()) {
        why = interrupted_;
    }
    co_return left_ ? std::string{} : why;
}

/// Publishes what the open source brings.
net::awaitable<std::string> Pull::receive()
{
    number_ = desk_.enter(*this);
    exchange::Claim claim{.stream = terms_.stream,
                          .session = number_,
                          .protocol = "pull",
                          .remote = shown_,
                          .wrap = kWrap,
                          .route = source_->route(),
                          .backup = backup_};
    auto publication = co_await around_.exchange.publish(desk_, std::move(claim));
    std::string why;
    if (publication) {
        const auto attempt = ++attempt_;
        if (on_demand_) {
            desk_.worker().spawn(mind_demand(shared_from_this(), attempt));
        }
        co_await take_all(**publication);
        ++attempt_;
        why = source_->outcome().why;
        if (why.empty()) {
            why = "the source ended the stream";
        }
        if (left_ || ending_) {
            (*publication)->finish();
        }
    } else {
        why = publication.error().message();
        source_->stop();
        while (co_await source_->next()) {
        }
    }
    desk_.leave(std::exchange(number_, 0));
    co_return why;
}

net::awaitable<void> Pull::take_all(exchange::Publication& publication)
{
    std::vector<media::Item> items;
    while (auto item = co_await source_->next()) {
        const auto* frame = std::get_if<media::Frame>(&*item);
        const auto now = Clock::now();
        if (frame != nullptr) {
            bits_.add(static_cast<double>(frame->payload.size()) * 8, now);
        }
        const bool first = frame != nullptr && course_.state() == State::connecting;
        items.push_back(std::move(*item));
        publication.push(items);
        items.clear();
        if (first) {
            course_.run(now);
            spdlog::info("{} {}: comes from {}", terms_.id, terms_.stream, shown_);
            answer({});
        }
    }
}

/// Ends the source when nobody watches any more.
net::awaitable<void> Pull::mind_demand(std::shared_ptr<Pull> pull, std::uint64_t attempt)
{
    Demand demand{pull->linger_, Clock::now()};
    net::asio::steady_timer timer{pull->desk_.worker().executor()};
    const auto between =
        std::clamp<Clock::duration>(pull->linger_ / 4, kLeastBetweenLooks, kMostBetweenLooks);
    while (pull->attempt_ == attempt) {
        timer.expires_after(between);
        co_await timer.async_wait(net::kNoThrow);
        if (pull->attempt_ != attempt || pull->ending_) {
            break;
        }
        const auto viewers = co_await pull->around_.exchange.viewers(pull->terms_.stream);
        if (pull->attempt_ != attempt) {
            break;
        }
        // Who was told to come is on his way.
        const bool coming = Clock::now() - pull->asked_ < kMostBetweenLooks;
        demand.see(viewers + pull->waiters_.size() + (coming ? 1 : 0), Clock::now());
        if (!demand.wanted(Clock::now())) {
            spdlog::info("{} {}: nobody has watched for {} s; leaves {}", pull->terms_.id,
                         pull->terms_.stream, seconds(pull->linger_), pull->shown_);
            pull->left_ = true;
            pull->source_->stop();
            break;
        }
    }
}

net::awaitable<void> Pull::pause()
{
    while (!ending_ && Clock::now() < course_.next_try()) {
        timer_.expires_at(course_.next_try());
        co_await timer_.async_wait(net::kNoThrow);
    }
}

void Pull::fail(const std::string& why)
{
    const auto now = Clock::now();
    course_.fail(why, now);
    desk_.count("relay_failures", "pull");
    spdlog::warn("{} {}: {}: {}; calls again in {:.1f} s", terms_.id, terms_.stream, shown_, why,
                 seconds(course_.next_try() - now));
    answer(fmt::format("the source {} fails: {}", shown_, why));
}

void Pull::answer(const std::string& why)
{
    for (const auto& waiter : std::exchange(waiters_, {})) {
        waiter->answer = why;
        waiter->timer.cancel();
    }
}

/// In the grace window of a lost source, those who come wait as viewers.
bool Pull::may_be_watched() const
{
    const auto stream = desk_.find(terms_.stream);
    if (left_ || ending_) {
        return false;
    }
    return course_.state() == State::running ||
           (running_ && stream && !stream->over() && !stream->stream().head().tracks.empty());
}

net::awaitable<std::optional<std::string>> Pull::wait(std::shared_ptr<Pull> pull, std::string route)
{
    if (!pull->may_be_watched()) {
        const bool live = co_await pull->around_.exchange.live(pull->terms_.stream);
        if (live) {
            co_return std::string{}; // Somebody else publishes it.
        }
    }
    if (pull->retired_) {
        co_return std::nullopt;
    }
    if (pull->ending_) {
        co_return std::string{"the relay was ended"};
    }
    if (pull->may_be_watched()) {
        pull->asked_ = Clock::now();
        co_return std::string{};
    }
    const auto now = Clock::now();
    const auto due = now + pull->around_.settings.wait;
    if (pull->course_.next_try() > due) {
        co_return fmt::format("the source {} fails: {}; it is called again in {:.0f} s", pull->shown_,
                              pull->course_.last_error(), seconds(pull->course_.next_try() - now));
    }
    const auto waiter = std::make_shared<Waiter>(pull->desk_.worker().executor());
    pull->waiters_.push_back(waiter);
    if (!pull->running_) {
        pull->route_ = std::move(route);
    }
    pull->begin();
    waiter->timer.expires_at(due);
    if (!waiter->answer) {
        co_await waiter->timer.async_wait(net::kNoThrow);
    }
    if (waiter->answer) {
        pull->asked_ = Clock::now();
        co_return *waiter->answer;
    }
    std::erase(pull->waiters_, waiter);
    co_return fmt::format("the source {} has sent nothing for {:.0f} s", pull->shown_,
                          seconds(pull->around_.settings.wait));
}

void Pull::interrupt()
{
    timer_.cancel();
    if (source_) {
        source_->stop();
    }
}

void Pull::end(const std::string& why)
{
    if (!std::exchange(ending_, true)) {
        answer(why);
        interrupt();
    }
}

void Pull::disconnect(std::string_view reason)
{
    interrupted_ = reason;
    desk_.count("sessions_disconnected");
    interrupt();
}

RelayInfo Pull::report(Clock::time_point now) const
{
    RelayInfo info{.id = terms_.id,
                   .direction = Direction::pull,
                   .name = terms_.stream,
                   .url = shown_,
                   .on_demand = on_demand_,
                   .bytes = bytes_before_ + (source_ ? source_->bytes() : 0),
                   .bitrate = bits_.per_second(now)};
    describe(course_, info, now);
    return info;
}

exchange::SessionInfo Pull::info(Clock::time_point) const
{
    return {.protocol = "pull",
            .role = exchange::Role::publisher,
            .stream = terms_.stream,
            .remote = shown_,
            .bytes_in = source_ ? source_->bytes() : 0,
            .state = "live"};
}

} // namespace millrace::relay
