#include "pull.hpp"
#include "push.hpp"
#include <millrace/exchange/route.hpp>
#include <millrace/relay/relays.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace millrace::relay {
namespace {

static_assert(exchange::kRouteProperty == clients::kRouteProperty);
static_assert(exchange::kRouteStatus == clients::kRouteStatus);
static_assert(exchange::kRouteHeader == clients::kRouteHeader);

/// Times that a viewer asks again when the pull that he asked has just been retired.
constexpr int kTries = 4;

const exchange::Pattern& name_of(const std::variant<PullRule, PushRule>& rule)
{
    const auto* pull = std::get_if<PullRule>(&rule);
    return pull != nullptr ? pull->name : std::get<PushRule>(rule).name;
}

bool is_on_demand(const std::variant<PullRule, PushRule>& rule)
{
    const auto* pull = std::get_if<PullRule>(&rule);
    return pull != nullptr && pull->on_demand;
}

RuleInfo describe_rule(const std::string& id, const std::variant<PullRule, PushRule>& rule)
{
    const auto* pull = std::get_if<PullRule>(&rule);
    return {.id = id,
            .direction = pull != nullptr ? Direction::pull : Direction::push,
            .name = name_of(rule).text(),
            .url = pull != nullptr ? pull->source.shown() : std::get<PushRule>(rule).target.shown(),
            .on_demand = is_on_demand(rule)};
}

} // namespace

Relays::Relays(exchange::Exchange& exchange, Settings settings)
    : exchange_{exchange}, settings_{std::move(settings)}, around_{std::make_unique<Surroundings>(exchange_,
                                                                                                  settings_)}
{
}

Relays::~Relays() = default;

void Relays::start()
{
    for (const auto& rule : settings_.pulls) {
        add(rule);
    }
    const std::scoped_lock lock{mutex_};
    for (const auto& rule : settings_.pushes) {
        insert(rule);
    }
}

/// Expects: the mutex is held.
std::string Relays::insert(std::variant<PullRule, PushRule> what)
{
    const bool pull = std::holds_alternative<PullRule>(what);
    on_demand_ += is_on_demand(what) ? 1U : 0U;
    Rule rule{.id = (pull ? "pull-" : "push-") + std::to_string(++last_rule_), .what = std::move(what)};
    rules_.push_back(std::make_unique<Rule>(std::move(rule)));
    return rules_.back()->id;
}

std::string Relays::add(PullRule rule)
{
    check(rule);
    const std::scoped_lock lock{mutex_};
    const auto name = rule.name.text();
    if (!rule.name.has_star() && pulls_.contains(name)) {
        throw std::runtime_error{"there is a pull for " + name + " already"};
    }
    const bool one = !rule.name.has_star();
    const bool always = !rule.on_demand;
    auto id = insert(std::move(rule));
    if (one) {
        const auto pull = make_pull(*rules_.back(), name);
        if (!pull) {
            rules_.pop_back();
            throw std::runtime_error{name + " cannot stand in a URL, or there are too many relays"};
        }
        if (always) {
            pull->desk().worker().post([pull] { pull->begin(); });
        }
    }
    return id;
}

net::awaitable<std::string> Relays::add(PushRule rule)
{
    check(rule);
    std::string id;
    {
        const std::scoped_lock lock{mutex_};
        id = insert(std::move(rule));
    }
    // Streams that are there already.
    for (std::size_t i = 0; i < exchange_.size(); ++i) {
        auto& desk = exchange_.desk(i);
        co_await net::run_on(desk.worker(), [this, &desk, &id] {
            const std::scoped_lock lock{mutex_};
            const auto at = std::ranges::find(rules_, id, &Rule::id);
            for (const auto& [name, stream] : desk.streams()) {
                if (at != rules_.end() && stream->home() && !stream->over()) {
                    push(**at, stream, desk);
                }
            }
            return true;
        });
    }
    co_return id;
}

bool Relays::remove(const std::string& id)
{
    const auto rule_id = id.substr(0, id.find('.'));
    const std::scoped_lock lock{mutex_};
    const auto at = std::ranges::find(rules_, rule_id, &Rule::id);
    if (at == rules_.end()) {
        return false;
    }
    on_demand_ -= is_on_demand((*at)->what) ? 1U : 0U;
    rules_.erase(at);
    std::erase_if(pulls_, [&](const auto& entry) {
        const auto& pull = entry.second;
        if (pull->terms().rule != rule_id) {
            return false;
        }
        pull->desk().worker().post([pull = pull] { pull->end("the relay was removed"); });
        return true;
    });
    for (const auto& push : pushes_) {
        if (push->terms().rule == rule_id) {
            push->desk().worker().post([push] { push->end(); });
        }
    }
    return true;
}

void Relays::stop()
{
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
    for (const auto& [name, pull] : pulls_) {
        pull->desk().worker().post([pull = pull] { pull->end("the server is shutting down"); });
    }
    for (const auto& push : pushes_) {
        push->desk().worker().post([push] { push->end(); });
    }
}

std::size_t Relays::running() const
{
    return around_->running;
}

void Relays::clear()
{
    pulls_.clear();
    pushes_.clear();
}

std::string Relays::id_for(Rule& rule, bool many)
{
    ++rule.relays;
    return many ? rule.id + '.' + std::to_string(rule.relays) : rule.id;
}

/// Expects: the mutex is held.
std::shared_ptr<Pull> Relays::make_pull(Rule& rule, const std::string& name)
{
    const auto& pull_rule = std::get<PullRule>(rule.what);
    const auto star = pull_rule.name.match(name);
    auto url = pull_rule.source.fill(name, star.value_or(""));
    if (stopping_ || !url || pulls_.size() + pushes_.size() >= settings_.most) {
        return nullptr;
    }
    url->verify = pull_rule.verify;
    Terms terms{.id = id_for(rule, pull_rule.name.has_star()),
                .rule = rule.id,
                .stream = name,
                .url = std::move(*url)};
    auto& desk = exchange_.desk(last_worker_++ % exchange_.size());
    auto pull = std::make_shared<Pull>(*around_, desk, std::move(terms), pull_rule);
    if (pull_rule.name.has_star()) {
        pull->on_stopped = [this, pull = pull.get()] { return retire(*pull); };
    }
    pulls_.emplace(name, pull);
    return pull;
}

std::shared_ptr<Pull> Relays::find_or_make(const std::string& name)
{
    const std::scoped_lock lock{mutex_};
    if (const auto at = pulls_.find(name); at != pulls_.end()) {
        return at->second;
    }
    for (const auto& rule : rules_) {
        if (is_on_demand(rule->what) && name_of(rule->what).matches(name)) {
            return make_pull(*rule, name);
        }
    }
    return nullptr;
}

bool Relays::retire(const Pull& pull)
{
    const std::scoped_lock lock{mutex_};
    const auto at = pulls_.find(pull.terms().stream);
    if (at != pulls_.end() && at->second.get() == &pull) {
        pulls_.erase(at);
    }
    return true;
}

bool Relays::brings(const std::string& name) const
{
    if (on_demand_ == 0) {
        return false;
    }
    const std::scoped_lock lock{mutex_};
    return std::ranges::any_of(rules_, [&](const auto& rule) {
        return is_on_demand(rule->what) && name_of(rule->what).matches(name);
    });
}

net::awaitable<std::string> Relays::bring(std::string name, std::string route)
{
    for (int i = 0; i < kTries; ++i) {
        const auto pull = find_or_make(name);
        if (!pull) {
            break;
        }
        const auto answer = co_await net::asio::co_spawn(pull->desk().worker().context(),
                                                         Pull::wait(pull, route), net::asio::use_awaitable);
        if (answer) {
            co_return *answer;
        }
    }
    co_return "the stream's name cannot stand in a URL, or there are as many relays as there may be";
}

/// Expects: the mutex is held; this is the home's worker.
void Relays::push(Rule& rule, const std::shared_ptr<exchange::LocalStream>& stream, exchange::Desk& home)
{
    const auto& name = stream->stream().name();
    const auto& push_rule = std::get<PushRule>(rule.what);
    const auto star = push_rule.name.match(name);
    if (!star || stopping_) {
        return;
    }
    auto url = push_rule.target.fill(name, *star);
    if (!url || pulls_.size() + pushes_.size() >= settings_.most) {
        spdlog::error("{} {}: not pushed: its name cannot stand in a URL, or there are {} relays already",
                      rule.id, name, settings_.most);
        home.count("relay_failures", "push");
        return;
    }
    url->verify = push_rule.verify;
    Terms terms{.id = id_for(rule, push_rule.name.has_star()),
                .rule = rule.id,
                .stream = name,
                .url = std::move(*url)};
    const auto made = std::make_shared<Push>(*around_, home, std::move(terms), stream);
    made->on_ended = [this, push = made.get()] {
        const std::scoped_lock lock{mutex_};
        std::erase_if(pushes_, [push](const auto& other) { return other.get() == push; });
    };
    pushes_.push_back(made);
    home.worker().post([made] { made->begin(); });
}

void Relays::began(const std::shared_ptr<exchange::LocalStream>& stream, exchange::Desk& home)
{
    const std::scoped_lock lock{mutex_};
    for (const auto& rule : rules_) {
        if (std::holds_alternative<PushRule>(rule->what)) {
            push(*rule, stream, home);
        }
    }
}

net::awaitable<Report> Relays::report()
{
    Report report;
    std::vector<std::shared_ptr<Pull>> pulls;
    std::vector<std::shared_ptr<Push>> pushes;
    {
        const std::scoped_lock lock{mutex_};
        for (const auto& rule : rules_) {
            report.rules.push_back(describe_rule(rule->id, rule->what));
        }
        for (const auto& [name, pull] : pulls_) {
            pulls.push_back(pull);
        }
        pushes = pushes_;
    }
    for (std::size_t i = 0; i < exchange_.size(); ++i) {
        auto& desk = exchange_.desk(i);
        auto part = co_await net::run_on(desk.worker(), [&] {
            const auto now = Clock::now();
            std::vector<RelayInfo> infos;
            const auto add = [&](const auto& relays) {
                for (const auto& relay : relays) {
                    if (&relay->desk() == &desk) {
                        infos.push_back(relay->report(now));
                    }
                }
            };
            add(pulls);
            add(pushes);
            return infos;
        });
        std::ranges::move(part, std::back_inserter(report.relays));
    }
    std::ranges::sort(report.relays, {}, [](const RelayInfo& info) { return std::tie(info.name, info.id); });
    co_return report;
}

} // namespace millrace::relay
