#include "server_state.hpp"

#include <algorithm>

namespace millrace::rtmp {

namespace {

constexpr std::uint8_t kPings = 3;

} // namespace

Server::State::State(Clock::time_point at, RandomFill random, Limits with, Options options)
    : limits{with}, now{at}, since{at}, quiet_since{at},
      handshake{std::make_unique<ServerHandshake>(std::move(random), options.encryption)}, reader{with.chunks}
{
}

void Server::State::take(ByteView bytes)
{
    if (phase == Phase::handshake && !shake_hands(bytes)) {
        return;
    }
    if (encryption) {
        return take_chunks(encryption->decipher(bytes));
    }
    take_chunks(bytes);
}

/// Takes the handshake's part of the bytes; true once it is done.
bool Server::State::shake_hands(ByteView& bytes)
{
    const auto used = handshake->feed(bytes);
    if (handshake->encrypted()) {
        if (!encryption) {
            encryption = std::make_unique<Encryption>();
        }
        encryption->say(handshake->take_output());
    } else {
        out.append(handshake->take_output());
    }
    if (!used) {
        fail(used.error());
        return false;
    }
    bytes = bytes.subspan(*used);
    if (!handshake->done()) {
        return false;
    }
    if (handshake->keys()) {
        encryption->begin(*handshake->keys());
    }
    swf_challenge = handshake->swf_challenge();
    handshake.reset();
    phase = Phase::connect;
    since = now;
    return true;
}

void Server::State::take_chunks(ByteView bytes)
{
    if (phase == Phase::deciding) {
        held += bytes.size();
    }
    const auto fed = reader.feed(bytes);
    pump();
    if (phase != Phase::closed && !fed) {
        fail(fed.error());
    } else if (held > limits.command_bytes) {
        fail({Errc::too_much_pending, "before connect was answered"});
    }
}

/// Handles what is whole, up to a connect that our owner must answer first.
void Server::State::pump()
{
    while (phase == Phase::connect || phase == Phase::open) {
        auto message = reader.next();
        if (!message) {
            break;
        }
        receive(std::move(*message));
        if (out.size() > limits.output_bytes && phase != Phase::closed) {
            fail({Errc::too_much_pending, "answers that the peer does not read"});
        }
    }
}

Clock::time_point Server::State::deadline() const
{
    const auto never = Clock::time_point::max();
    switch (phase) {
    case Phase::handshake:
        return since + (bytes_in == 0 ? std::min(limits.first_byte, limits.handshake) : limits.handshake);
    case Phase::connect: return since + limits.connect;
    case Phase::deciding: return since + limits.request;
    case Phase::open:
        return std::min(
            {quiet_since + limits.ping, active() ? never : since + limits.request, swf ? swf->due : never});
    case Phase::closed: break;
    }
    return never;
}

/// The deadline has passed.
void Server::State::expire()
{
    switch (phase) {
    case Phase::handshake: return fail({Errc::handshake_timeout, "RTMP 1.0 §5.2"});
    case Phase::connect: return fail({Errc::connect_timeout, "RTMP 1.0 §7.2.1.1"});
    case Phase::deciding: return fail(Errc::idle_timeout);
    case Phase::open: break;
    case Phase::closed: return;
    }
    if (swf && now >= swf->due) {
        return fail({Errc::swf_not_verified, "user control event 27"});
    }
    if (!active() && now >= since + limits.request) {
        return fail(Errc::idle_timeout);
    }
    if (pings == kPings) {
        return fail(Errc::ping_timeout);
    }
    ++pings;
    quiet_since = now;
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    out.control(PingRequest{static_cast<std::uint32_t>(time)});
}

void Server::State::push(ServerEvent event)
{
    if (events.size() >= limits.events) {
        return fail({Errc::too_much_pending, "events that nobody takes"});
    }
    if (swf && !std::holds_alternative<ConnectRequested>(event)) {
        if (swf->waiting.size() >= limits.events) {
            return fail({Errc::too_much_pending, "before user control event 27"});
        }
        return swf->waiting.push_back(std::move(event));
    }
    events.push(std::move(event));
}

/// Ends the session; who has connected is told why.
void Server::State::fail(Error error)
{
    if (phase == Phase::deciding) {
        reject("NetConnection.Connect.Failed", error.message());
    } else if (phase == Phase::open) {
        status(0, "error", "NetConnection.Connect.Failed", error.message());
    }
    phase = Phase::closed;
    failure = error;
}

void Server::State::count(std::string_view name, std::uint64_t times)
{
    if (!counters) {
        counters = std::make_unique<Counters>();
    }
    (*counters)[name] += times;
}

Server::Server(Clock::time_point now, RandomFill random) : Server{now, std::move(random), Limits{}} {}

Server::Server(Clock::time_point now, RandomFill random, Limits limits)
    : Server{now, std::move(random), limits, Options{}}
{
}

Server::Server(Clock::time_point now, RandomFill random, Limits limits, Options options)
    : state_{std::make_unique<State>(now, std::move(random), limits, options)}
{
}

Server::~Server() = default;

Result<> Server::feed(ByteView bytes, Clock::time_point now)
{
    if (closed()) {
        return Unexpected{state_->failure.value_or(Errc::disconnected)};
    }
    state_->now = now;
    if (bytes.empty()) {
        return {};
    }
    state_->quiet_since = now;
    state_->pings = 0;
    state_->bytes_in += bytes.size();
    state_->take(bytes);
    if (state_->failure) {
        return Unexpected{*state_->failure};
    }
    if (const auto total = state_->acks.received(state_->bytes_in); total && !closed()) {
        state_->out.control(Acknowledgement{*total});
    }
    return {};
}

std::optional<ServerEvent> Server::next_event()
{
    return state_->events.pop();
}

Bytes Server::take_output()
{
    auto& encryption = state_->encryption;
    if (encryption && (encryption->has_clear() || encryption->holds_back())) {
        return encryption->take_clear();
    }
    return state_->out.take();
}

bool Server::has_output() const
{
    const auto& encryption = state_->encryption;
    if (encryption && (encryption->has_clear() || encryption->holds_back())) {
        return encryption->has_clear();
    }
    return !state_->out.empty();
}

Clock::time_point Server::deadline() const
{
    return state_->deadline();
}

Result<> Server::tick(Clock::time_point now)
{
    state_->now = now;
    if (now >= state_->deadline()) {
        state_->expire();
    }
    if (state_->failure) {
        return Unexpected{*state_->failure};
    }
    return {};
}

void Server::disconnect(std::string_view description)
{
    if (state_->phase == State::Phase::deciding) {
        return reject_connect(description);
    }
    if (state_->phase == State::Phase::open) {
        state_->status(0, "status", "NetConnection.Connect.Closed", description);
    }
    close();
}

void Server::close()
{
    state_->phase = State::Phase::closed;
}

bool Server::closed() const
{
    return state_->phase == State::Phase::closed;
}

Server::Counters Server::counters() const
{
    auto counters = state_->reader.counters();
    if (state_->counters) {
        counters.insert(state_->counters->begin(), state_->counters->end());
    }
    return counters;
}

std::uint64_t Server::bytes_in() const
{
    return state_->bytes_in;
}

} // namespace millrace::rtmp
