#include "relay_api.hpp"

#include "api.hpp"
#include "relay_config.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cmath>

namespace millrace::server {
namespace {

namespace json = boost::json;
using doors::SiteReply;
using doors::SiteRequest;

constexpr double kLeastLinger = 0.5;
constexpr double kMostLinger = 3600;

SiteReply json_reply(const json::object& body, unsigned status = 200)
{
    return {
        .status = status, .body = json::serialize(body) + "\n", .headers = {{"Cache-Control", "no-store"}}};
}

SiteReply problem(unsigned status, const std::string& sentence)
{
    return json_reply({{"error", sentence}}, status);
}

SiteReply not_allowed(const SiteRequest& request, const std::string& allowed)
{
    auto reply = problem(405, request.path + " does not take " + request.method + ", only " + allowed);
    reply.headers["Allow"] = allowed;
    return reply;
}

json::object relay_json(const relay::RelayInfo& relay)
{
    json::object out{{"id", relay.id},
                     {"direction", relay::name(relay.direction)},
                     {"name", relay.name},
                     {"url", relay.url},
                     {"state", relay::name(relay.state)},
                     {"since", rfc3339(relay.since)},
                     {"attempts", relay.attempts},
                     {"last_error", relay.last_error},
                     {"next_try", nullptr},
                     {"bytes", relay.bytes},
                     {"bitrate", static_cast<std::int64_t>(std::round(relay.bitrate / 1000) * 1000)},
                     {"dropped", relay.dropped}};
    if (relay.direction == relay::Direction::pull) {
        out["start"] = relay.on_demand ? "demand" : "always";
    }
    if (relay.next_try) {
        out["next_try"] = rfc3339(*relay.next_try);
    }
    return out;
}

json::object rule_json(const relay::RuleInfo& rule)
{
    json::object out{
        {"id", rule.id}, {"direction", relay::name(rule.direction)}, {"name", rule.name}, {"url", rule.url}};
    if (rule.direction == relay::Direction::pull) {
        out["start"] = rule.on_demand ? "demand" : "always";
    }
    return out;
}

/// The members of a request's body; throws std::runtime_error for what is none of ours.
struct Wanted {
    std::string direction;
    std::string name;
    std::string url;
    std::string start = "always";
    double linger = 10;
    bool backup = false;
    bool verify = true;
};

std::string text_of(const json::value& value, std::string_view name)
{
    if (!value.is_string()) {
        throw std::runtime_error{"\"" + std::string{name} + "\" must be a text"};
    }
    return std::string{value.get_string()};
}

Wanted read_wanted(const std::string& body)
{
    json::error_code error;
    const auto parsed = json::parse(body, error);
    if (error || !parsed.is_object()) {
        throw std::runtime_error{R"(the body must be a JSON object such as {"direction":"push",)"
                                 R"("name":"live/*","url":"rtmp://elsewhere/{stream}"})"};
    }
    Wanted wanted;
    for (const auto& member : parsed.get_object()) {
        const std::string name{member.key()};
        const auto& value = member.value();
        if (name == "direction") {
            wanted.direction = text_of(value, name);
        } else if (name == "name") {
            wanted.name = text_of(value, name);
        } else if (name == "url") {
            wanted.url = text_of(value, name);
        } else if (name == "start") {
            wanted.start = text_of(value, name);
        } else if (name == "linger" && value.is_number()) {
            wanted.linger = value.to_number<double>();
        } else if (name == "backup" && value.is_bool()) {
            wanted.backup = value.get_bool();
        } else if (name == "verify" && value.is_bool()) {
            wanted.verify = value.get_bool();
        } else {
            throw std::runtime_error{
                "\"" + name +
                "\" is unknown or of the wrong kind; known are direction, name, url, verify, and of a "
                "pull start, linger (seconds), backup (true or false)"};
        }
    }
    if (wanted.linger < kLeastLinger || wanted.linger > kMostLinger) {
        throw std::runtime_error{"\"linger\" must be a number of seconds from 0.5 to 3600"};
    }
    return wanted;
}

net::awaitable<std::string> add(relay::Relays& relays, const Wanted& wanted)
{
    if (wanted.direction == "pull") {
        const auto linger =
            std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{wanted.linger});
        auto rule =
            make_pull_rule(wanted.name, wanted.url, wanted.start, linger, wanted.backup, wanted.verify);
        co_return relays.add(std::move(rule));
    }
    if (wanted.direction != "push") {
        throw std::runtime_error{R"("direction" must be "pull" or "push")"};
    }
    auto rule = make_push_rule(wanted.name, wanted.url, wanted.verify);
    co_return co_await relays.add(std::move(rule));
}

net::awaitable<SiteReply> add_relay(relay::Relays& relays, SiteRequest request)
{
    std::string id;
    std::string wrong;
    try {
        const auto wanted = read_wanted(request.body);
        id = co_await add(relays, wanted);
    } catch (const std::runtime_error& error) {
        wrong = error.what();
    }
    if (!wrong.empty()) {
        co_return problem(400, wrong);
    }
    co_return json_reply({{"id", id}}, 201);
}

} // namespace

bool is_relay_path(std::string_view path)
{
    return path == kRelays || (path.starts_with(kRelays) && path[kRelays.size()] == '/');
}

json::object relays_json(const relay::Report& report)
{
    json::array rules;
    for (const auto& rule : report.rules) {
        rules.push_back(rule_json(rule));
    }
    json::array relays;
    for (const auto& relay : report.relays) {
        relays.push_back(relay_json(relay));
    }
    return {{"relays", std::move(relays)}, {"rules", std::move(rules)}};
}

net::awaitable<SiteReply> answer_relays(relay::Relays& relays, SiteRequest request)
{
    if (request.path == kRelays) {
        if (request.method == "POST") {
            co_return co_await add_relay(relays, std::move(request));
        }
        if (request.method != "GET" && request.method != "HEAD") {
            co_return not_allowed(request, "GET, HEAD, POST");
        }
        const auto report = co_await relays.report();
        co_return json_reply(relays_json(report));
    }
    if (request.method != "DELETE") {
        co_return not_allowed(request, "DELETE");
    }
    const auto id = request.path.substr(kRelays.size() + 1);
    if (!relays.remove(id)) {
        co_return problem(404, "there is no relay \"" + id + "\"; GET /api/v1/relays lists them");
    }
    co_return json_reply({{"removed", id}});
}

} // namespace millrace::server
