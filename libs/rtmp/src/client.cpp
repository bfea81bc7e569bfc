#include "client_state.hpp"
#include "data_message.hpp"

#include <algorithm>

namespace millrace::rtmp {

namespace {

constexpr std::uint32_t kMaxChunkSize = 0xFFFFFF;

std::uint32_t csid_of(MessageType type)
{
    switch (type) {
    case MessageType::audio: return csid::kAudio;
    case MessageType::video: return csid::kVideo;
    default: return csid::kData;
    }
}

} // namespace

Client::State::State(Options with, Clock::time_point at, RandomFill random, Limits bounds)
    : options{std::move(with)}, limits{bounds}, now{at}, since{at},
      handshake{std::make_unique<ClientHandshake>(std::move(random), options.digest, options.version)},
      reader{limits.chunks}
{
    options.chunk_size = std::clamp<std::uint32_t>(options.chunk_size, 1, kMaxChunkSize);
    if (handshake->encrypted()) {
        encryption = std::make_unique<Encryption>();
    }
    say_handshake();
}

void Client::State::say_handshake()
{
    if (encryption) {
        encryption->say(handshake->take_output());
    } else {
        out.control().append(handshake->take_output());
    }
}

void Client::State::take(ByteView bytes)
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
bool Client::State::shake_hands(ByteView& bytes)
{
    const auto used = handshake->feed(bytes);
    say_handshake();
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
    connect();
    return true;
}

void Client::State::take_chunks(ByteView bytes)
{
    const auto fed = reader.feed(bytes);
    while (phase != Phase::closed) {
        auto message = reader.next();
        if (!message) {
            break;
        }
        receive(std::move(*message));
        if (out.control().size() > limits.output_bytes) {
            fail({Errc::too_much_pending, "answers that the peer does not read"});
        }
    }
    if (phase != Phase::closed && !fed) {
        fail(fed.error());
    }
}

void Client::State::enter(Phase next)
{
    phase = next;
    since = now;
}

/// What comes often is dropped past the limit: only an owner that does not drain us meets it.
void Client::State::push(ClientEvent event)
{
    const bool often = std::holds_alternative<MediaArrived>(event) ||
                       std::holds_alternative<ReconnectRequested>(event) ||
                       std::holds_alternative<Noticed>(event);
    if (events.size() < limits.events || !often) {
        events.push(std::move(event));
    }
}

void Client::State::fail(Error error)
{
    phase = Phase::closed;
    failure = error;
    out.drop_media();
}

/// The stream that we play is over.
void Client::State::end(std::string_view code)
{
    push(Ended{std::string{code}});
    say_farewell();
    phase = Phase::closed;
}

void Client::State::say_farewell()
{
    if (phase != Phase::start && phase != Phase::running) {
        return;
    }
    if (options.role == Role::connect) {
        return;
    }
    auto& last = out.farewell();
    if (options.role == Role::publish) {
        last.command({"FCUnpublish", ++transactions, amf::Null{}, options.name});
    }
    last.command({"deleteStream", ++transactions, amf::Null{}, stream});
}

Clock::time_point Client::State::deadline() const
{
    switch (phase) {
    case Phase::handshake: return since + limits.handshake;
    case Phase::connect:
    case Phase::create:
    case Phase::start: return since + limits.answer;
    case Phase::running:
    case Phase::closed: break;
    }
    return Clock::time_point::max();
}

Client::Client(Options options, Clock::time_point now, RandomFill random)
    : Client{std::move(options), now, std::move(random), Limits{}}
{
}

Client::Client(Options options, Clock::time_point now, RandomFill random, Limits limits)
    : state_{std::make_unique<State>(std::move(options), now, std::move(random), limits)}
{
}

Client::~Client() = default;

Result<> Client::feed(ByteView bytes, Clock::time_point now)
{
    if (closed()) {
        return Unexpected{state_->failure.value_or(Errc::disconnected)};
    }
    state_->now = now;
    state_->bytes_in += bytes.size();
    state_->take(bytes);
    if (state_->failure) {
        return Unexpected{*state_->failure};
    }
    if (const auto total = state_->acks.received(state_->bytes_in); total && !closed()) {
        state_->out.control().control(Acknowledgement{*total});
    }
    return {};
}

std::optional<ClientEvent> Client::next_event()
{
    return state_->events.pop();
}

Bytes Client::take_output(std::size_t most)
{
    auto& encryption = state_->encryption;
    if (encryption && (encryption->has_clear() || encryption->holds_back())) {
        return encryption->take_clear();
    }
    return state_->out.take(most);
}

const Capabilities& Client::server_capabilities() const
{
    return state_->server;
}

bool Client::has_output() const
{
    const auto& encryption = state_->encryption;
    if (encryption && (encryption->has_clear() || encryption->holds_back())) {
        return encryption->has_clear();
    }
    return !state_->out.empty();
}

bool Client::encrypted() const
{
    return state_->encryption != nullptr;
}

std::optional<OutputCipher> Client::take_output_cipher()
{
    return state_->encryption ? state_->encryption->take_cipher() : std::nullopt;
}

std::size_t Client::backlog() const
{
    return state_->out.backlog();
}

Clock::time_point Client::deadline() const
{
    return state_->deadline();
}

Result<> Client::tick(Clock::time_point now)
{
    state_->now = now;
    if (now >= state_->deadline()) {
        const bool early = state_->phase == State::Phase::handshake;
        state_->fail(early ? Errc::handshake_timeout : Errc::answer_timeout);
    }
    if (state_->failure) {
        return Unexpected{*state_->failure};
    }
    return {};
}

void Client::send(MessageType type, std::uint32_t timestamp, ByteView lead, SharedBytes payload)
{
    if (state_->phase != State::Phase::running || state_->options.role != Role::publish) {
        return;
    }
    Bytes front;
    if (type == MessageType::data) {
        const bool in_lead = !lead.empty();
        if (data_name(in_lead ? lead : payload.view()) == "onMetaData") {
            front = to_bytes(set_data_frame());
        }
    }
    front.insert(front.end(), lead.begin(), lead.end());
    state_->out.send({csid_of(type), state_->stream, timestamp, type}, std::move(front), std::move(payload));
}

std::size_t Client::drop_video()
{
    return state_->out.drop_video();
}

void Client::close()
{
    state_->say_farewell();
    state_->phase = State::Phase::closed;
}

bool Client::closed() const
{
    return state_->phase == State::Phase::closed;
}

} // namespace millrace::rtmp
