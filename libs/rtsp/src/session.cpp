#include "auth_text.hpp"
#include <millrace/rtsp/session.hpp>

#include <algorithm>
#include <array>

namespace millrace::rtsp {
namespace {

constexpr std::array<std::string_view, 11> kMethods{"OPTIONS",       "DESCRIBE",      "ANNOUNCE", "SETUP",
                                                    "PLAY",          "RECORD",        "PAUSE",    "TEARDOWN",
                                                    "GET_PARAMETER", "SET_PARAMETER", "REDIRECT"};

struct Step {
    State from;
    Method method;
    State to;
};
/// RFC 2326 §A.2. What is not here is not valid; what has no place in the table (OPTIONS, DESCRIBE, …)
/// changes nothing.
constexpr std::array kSteps{
    Step{State::init, Method::setup, State::ready},
    Step{State::init, Method::teardown, State::init},
    Step{State::ready, Method::setup, State::ready},
    Step{State::ready, Method::play, State::playing},
    Step{State::ready, Method::record, State::recording},
    Step{State::ready, Method::pause, State::ready}, // Quirk: GStreamer pauses what does not play.
    Step{State::ready, Method::teardown, State::init},
    Step{State::playing, Method::play, State::playing},
    Step{State::playing, Method::pause, State::ready},
    Step{State::playing, Method::teardown, State::init},
    Step{State::recording, Method::record, State::recording},
    Step{State::recording, Method::pause, State::ready},
    Step{State::recording, Method::teardown, State::init},
};

bool has_table(Method method)
{
    return std::ranges::any_of(kSteps, [method](const Step& step) { return step.method == method; });
}

} // namespace

Method method_of(std::string_view text)
{
    const auto* found = std::ranges::find(kMethods, text);
    return static_cast<Method>(found - kMethods.begin()); // The end is Method::unknown.
}

std::string_view name(Method method)
{
    return method == Method::unknown ? std::string_view{"unknown"}
                                     : kMethods.at(static_cast<std::size_t>(method));
}

std::string_view name(State state)
{
    constexpr std::array<std::string_view, 4> kNames{"init", "ready", "playing", "recording"};
    return kNames.at(static_cast<std::size_t>(state));
}

std::optional<State> next_state(State state, Method method)
{
    if (!has_table(method)) {
        return state;
    }
    const auto* found = std::ranges::find_if(
        kSteps, [&](const Step& step) { return step.from == state && step.method == method; });
    return found == kSteps.end() ? std::nullopt : std::optional{found->to};
}

State Session::state() const
{
    auto furthest = State::init;
    for (const auto& [number, stream] : streams) {
        furthest = std::max(furthest, stream.state);
    }
    return furthest;
}

bool Session::interleaved() const
{
    return !streams.empty() && streams.begin()->second.transport.lower == Lower::tcp;
}

bool Session::multicast() const
{
    return !streams.empty() && streams.begin()->second.transport.multicast;
}

// The id is random, at least eight octets (RFC 2326 §3.4), and of digits and A to F alone: dashes and '$'
// confuse some clients.
Session* SessionBook::make(Clock::time_point now)
{
    if (sessions_.size() >= limits_.sessions) {
        return nullptr;
    }
    std::array<std::uint8_t, 8> bytes{};
    random_(bytes);
    auto id = prefix_ + hex(bytes);
    std::ranges::transform(id, id.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    auto& place = sessions_[id];
    place = std::make_unique<Session>();
    place->id = id;
    place->heard = now;
    place->timeout = limits_.timeout;
    return place.get();
}

Session* SessionBook::find(std::string_view id)
{
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? nullptr : found->second.get();
}

void SessionBook::erase(std::string_view id)
{
    if (const auto found = sessions_.find(id); found != sessions_.end()) {
        sessions_.erase(found);
    }
}

std::vector<std::string> SessionBook::expired(Clock::time_point now) const
{
    std::vector<std::string> ids;
    for (const auto& [id, session] : sessions_) {
        if (now - session->heard > session->timeout) {
            ids.push_back(id);
        }
    }
    return ids;
}

} // namespace millrace::rtsp
