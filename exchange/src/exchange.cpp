#include "claims.hpp"
#include <millrace/exchange/exchange.hpp>
#include <millrace/exchange/route.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>

namespace millrace::exchange {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "millrace.exchange"; }
    std::string message(int code) const override
    {
        switch (static_cast<Errc>(code)) {
        case Errc::no_such_stream: return "nobody publishes a stream of that name";
        case Errc::busy: return "another publisher is sending this stream at this moment";
        case Errc::too_many_streams: return "the server has as many streams as it may";
        case Errc::stopping: return "the server is shutting down";
        case Errc::relay_loop:
            return "a relay loop: the request has come through this server already, or through too many";
        case Errc::relay_failed: return "a relay could not bring the stream";
        }
        return "unknown error";
    }
};

/// A claim that lost a race for the directory is made again at the winner's.
constexpr int kAttempts = 4;

std::uint64_t next_token()
{
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

} // namespace

std::error_code make_error_code(Errc code)
{
    static const Category kCategory;
    return {static_cast<int>(code), kCategory};
}

Publication::Publication(Desk& desk, Desk& home, std::shared_ptr<LocalStream> stream, std::uint64_t token,
                         std::string name)
    : desk_{desk}, home_{home}, stream_{std::move(stream)}, token_{token}, name_{std::move(name)}
{
}

Publication::~Publication()
{
    if (desk_.exchange().cleared()) {
        return;
    }
    // The last owner of the stream's memory must be its home.
    if (stream_) {
        home_.worker().post([stream = std::move(stream_), token = token_, stopped = stopped_] {
            stream->release(token, Clock::now(), stopped);
        });
    }
}

void Publication::finish()
{
    home_.worker().post(
        [stream = std::move(stream_), token = token_] { stream->finish(token, Clock::now()); });
    stream_ = nullptr;
}

void Publication::push(std::vector<media::Item>& items)
{
    if (items.empty()) {
        return;
    }
    if (&desk_ == &home_) {
        stream_->feed(token_, std::move(items), Clock::now());
    } else {
        home_.worker().post([stream = stream_, token = token_, items = std::move(items)]() mutable {
            stream->feed(token, std::move(items), Clock::now());
        });
    }
    items = {};
}

Exchange::Exchange(net::Workers& workers, Settings settings)
    : workers_{workers}, settings_{std::move(settings)}, id_{make_server_id()}
{
    for (std::size_t i = 0; i < workers.size(); ++i) {
        desks_.push_back(std::make_unique<Desk>(*this, workers[i], settings_));
    }
}

Exchange::~Exchange() = default;

void Exchange::start()
{
    for (auto& desk : desks_) {
        desk->worker().spawn(desk->housekeep());
    }
}

Desk* Exchange::home_of(const std::string& name, Desk* fallback)
{
    const std::scoped_lock lock{mutex_};
    if (const auto at = homes_.find(name); at != homes_.end()) {
        return at->second;
    }
    if (fallback == nullptr || stopping_ || homes_.size() >= settings_.streams) {
        return nullptr;
    }
    homes_.emplace(name, fallback);
    return fallback;
}

void Exchange::forget(const std::string& name, const Desk& home)
{
    const std::scoped_lock lock{mutex_};
    if (const auto at = homes_.find(name); at != homes_.end() && at->second == &home) {
        homes_.erase(at);
    }
}

Result<std::pair<std::shared_ptr<LocalStream>, std::uint64_t>>
Exchange::claim_at_home(Desk& home, const Claim& claim, Desk& from)
{
    if (home_of(claim.stream, &home) != &home) {
        return Unexpected{Errc::no_such_stream}; // It ended meanwhile and began elsewhere.
    }
    auto stream = home.find(claim.stream);
    const bool began = !stream || !stream->home();
    if (began) {
        stream = home.make(claim.stream, true);
    }
    const auto now = Clock::now();
    const auto verdict = judge(*stream, claim, settings_, now);
    if (verdict.place == Place::none) {
        return Unexpected{Errc::busy};
    }
    if (verdict.displaced) {
        const auto& silent = *verdict.displaced;
        spdlog::info("{}: {} takes over from {}, which has been silent", claim.stream, claim.remote,
                     silent.remote);
        silent.desk->worker().post([desk = silent.desk, session = silent.session] {
            desk->disconnect(session, "another publisher took over, because this one had been silent");
        });
    }
    const auto token = next_token();
    Publisher publisher{.token = token,
                        .session = claim.session,
                        .desk = &from,
                        .id = session_id(claim.session),
                        .protocol = claim.protocol,
                        .remote = claim.remote,
                        .since = WallTime::clock::now(),
                        .route = claim.route,
                        .backup = verdict.backup};
    if (verdict.place == Place::reserve) {
        stream->hold(std::move(publisher), claim.wrap, now);
    } else {
        stream->claim(std::move(publisher), claim.wrap, now);
    }
    if (on_claimed && verdict.place == Place::on_air) {
        on_claimed(stream, claim);
    }
    if (relay_ != nullptr && began) {
        relay_->began(stream, home);
    }
    return std::pair{std::move(stream), token};
}

net::awaitable<Result<std::unique_ptr<Publication>>> Exchange::publish(Desk& desk, Claim claim)
{
    if (goes_in_circles(claim.route, id_)) {
        co_return Unexpected{Errc::relay_loop};
    }
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        auto* home = home_of(claim.stream, &desk);
        if (home == nullptr) {
            co_return Unexpected{stopping_ ? Errc::stopping : Errc::too_many_streams};
        }
        auto ask = [this, home, &claim, &desk] { return claim_at_home(*home, claim, desk); };
        // Always through a message: g++ 12 miscompiles a conditional expression with co_await in one arm.
        auto claimed = co_await net::run_on(home->worker(), ask);
        if (claimed) {
            co_return std::make_unique<Publication>(desk, *home, std::move(claimed->first), claimed->second,
                                                    claim.stream);
        }
        if (claimed.error() == make_error_code(Errc::busy)) {
            co_return Unexpected{claimed.error()};
        }
    }
    co_return Unexpected{Errc::busy};
}

net::awaitable<Result<>> Exchange::bring(std::string name, std::string route, std::string* why)
{
    if (goes_in_circles(route, id_)) {
        co_return Unexpected{Errc::relay_loop};
    }
    if (relay_ != nullptr && relay_->brings(name)) {
        auto failure = co_await relay_->bring(std::move(name), std::move(route));
        if (!failure.empty()) {
            if (why != nullptr) {
                *why = std::move(failure);
            }
            co_return Unexpected{Errc::relay_failed};
        }
    }
    co_return Result<>{};
}

net::awaitable<Result<std::shared_ptr<LocalStream>>> Exchange::watch(Desk& desk, std::string name,
                                                                     std::string route, std::string* why)
{
    const auto brought = co_await bring(name, std::move(route), why);
    if (!brought) {
        co_return Unexpected{brought.error()};
    }
    co_return co_await find_or_copy(desk, std::move(name));
}

net::awaitable<Result<Desk*>> Exchange::locate(std::string name, std::string route, std::string* why)
{
    const auto brought = co_await bring(name, std::move(route), why);
    if (!brought) {
        co_return Unexpected{brought.error()};
    }
    auto* home = home_of(name, nullptr);
    if (home == nullptr) {
        co_return Unexpected{Errc::no_such_stream};
    }
    co_return home;
}

net::awaitable<std::string> Exchange::route_of(std::string name)
{
    auto* home = home_of(name, nullptr);
    std::string route;
    if (home != nullptr) {
        route = co_await net::run_on(home->worker(), [home, &name] {
            const auto stream = home->find(name);
            return stream && stream->publisher() ? stream->publisher()->route : std::string{};
        });
    }
    co_return extend_route(route, id_);
}

net::awaitable<bool> Exchange::live(std::string name)
{
    auto* home = home_of(name, nullptr);
    if (home == nullptr) {
        co_return false;
    }
    co_return co_await net::run_on(home->worker(), [home, &name] {
        const auto stream = home->find(name);
        return stream && stream->home() && stream->publisher().has_value();
    });
}

net::awaitable<std::size_t> Exchange::viewers(std::string name)
{
    std::size_t sum = 0;
    for (auto& desk : desks_) {
        sum += co_await net::run_on(desk->worker(), [&desk, &name] {
            const auto stream = desk->find(name);
            return stream ? stream->audience().viewers : 0;
        });
    }
    co_return sum;
}

net::awaitable<Result<std::shared_ptr<LocalStream>>> Exchange::find_or_copy(Desk& desk, std::string name)
{
    if (auto local = desk.find(name); local && !local->over()) {
        co_return local;
    }
    auto* home = home_of(name, nullptr);
    if (home == nullptr || home == &desk) {
        co_return Unexpected{Errc::no_such_stream};
    }
    auto replica = desk.make(name, false);
    replica->subscription = desk.next_subscription();
    auto subscribe = [home, &desk, &name, number = replica->subscription] {
        const auto stream = home->find(name);
        if (!stream || !stream->home() || stream->over()) {
            return false;
        }
        stream->subscribe(desk, number);
        return true;
    };
    if (!co_await net::run_on(home->worker(), subscribe)) {
        replica->end();
        co_return Unexpected{Errc::no_such_stream};
    }
    co_return replica;
}

namespace {

StreamInfo describe(LocalStream& local, Clock::time_point now)
{
    auto& stream = local.stream();
    return {.name = stream.name(),
            .publisher = local.publisher(),
            .backup = local.backup(),
            .takeovers = local.succession().takeovers(),
            .bytes_in_reserve = local.succession().bytes_in_reserve(),
            .since = local.created_wall(),
            .tracks = stream.head().tracks,
            .quality = local.ingest().quality(now),
            .warnings = local.publisher() ? local.ingest().warnings(now) : std::vector<std::string>{},
            .bytes_held = stream.bytes_held(),
            .epoch = local.ingest().clock().epoch(),
            .jumps = local.ingest().clock().jumps(),
            .wraps_24_bit = local.ingest().clock().wraps_24_bit(),
            .steps_back = local.ingest().clock().steps_back()};
}

struct Part {
    std::vector<StreamInfo> streams;
    std::map<std::string, std::pair<std::size_t, std::uint64_t>>
        watched; ///< Viewers and bytes out, by stream.
    std::vector<SessionInfo> sessions;
    Desk::Counters counters;
};

Part report_of(const Desk& desk)
{
    const auto now = Clock::now();
    Part part;
    for (const auto& [name, local] : desk.streams()) {
        if (local->home()) {
            part.streams.push_back(describe(*local, now));
        }
        auto& [viewers, bytes] = part.watched[name];
        const auto audience = local->audience();
        viewers += audience.viewers;
        bytes += audience.bytes_out;
    }
    for (const auto& [number, session] : desk.sessions()) {
        part.sessions.push_back(session->info(now));
        part.sessions.back().id = session_id(number);
    }
    part.counters = desk.counters();
    return part;
}

} // namespace

net::awaitable<Report> Exchange::report()
{
    Report report;
    std::map<std::string, std::pair<std::size_t, std::uint64_t>> watched;
    for (auto& desk : desks_) {
        auto part = co_await net::run_on(desk->worker(), [&desk] { return report_of(*desk); });
        std::ranges::move(part.streams, std::back_inserter(report.streams));
        std::ranges::move(part.sessions, std::back_inserter(report.sessions));
        for (const auto& [name, sums] : part.watched) {
            watched[name].first += sums.first;
            watched[name].second += sums.second;
        }
        for (const auto& [name, count] : part.counters) {
            report.counters[name] += count;
        }
    }
    for (auto& stream : report.streams) {
        std::tie(stream.viewers, stream.bytes_out) = watched[stream.name];
    }
    std::ranges::sort(report.streams, {}, &StreamInfo::name);
    co_return report;
}

net::awaitable<bool> Exchange::disconnect(std::string id, std::string reason)
{
    const auto number = parse_session_id(id);
    if (!number || worker_of(*number) >= desks_.size()) {
        co_return false;
    }
    auto& desk = *desks_[worker_of(*number)];
    co_return co_await net::run_on(desk.worker(), [&desk, number = *number, &reason] {
        const bool known = desk.sessions().contains(number);
        desk.disconnect(number, reason);
        return known;
    });
}

void Exchange::clear()
{
    cleared_ = true;
    for (auto& desk : desks_) {
        desk->clear();
    }
}

std::shared_ptr<const std::atomic<std::size_t>> Exchange::ask_to_move(const std::string& server,
                                                                      const std::string& reason)
{
    auto asked = std::make_shared<std::atomic<std::size_t>>(0);
    for (auto& desk : desks_) {
        desk->worker().post([&desk = *desk, server, reason, asked] {
            for (const auto& [number, session] : desk.sessions()) {
                *asked += session->ask_to_move(server, reason) ? 1U : 0U;
            }
        });
    }
    return asked;
}

void Exchange::drain(const std::string& reason)
{
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    for (auto& desk : desks_) {
        desk->worker().post([&desk = *desk, reason] {
            const auto sessions = desk.sessions();
            for (const auto& [number, session] : sessions) {
                desk.disconnect(number, reason);
            }
        });
    }
}

} // namespace millrace::exchange
