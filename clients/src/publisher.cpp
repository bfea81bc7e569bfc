#include "backlog.hpp"
#include "rtmp_connection.hpp"
#include <millrace/clients/publisher.hpp>
#include <millrace/flv/delivery.hpp>
#include <millrace/net/notice.hpp>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace millrace::clients {
namespace {

/// Small, so that audio that comes late still overtakes video that waits.
constexpr std::size_t kAtOnce = std::size_t{16} << 10U;

/// A server that announced nothing gets the default tracks, as encoders always sent them.
flv::Options taken_by(const rtmp::Capabilities& server)
{
    return {.multitrack = server.multitrack, .nanoseconds = server.mod_ex};
}

} // namespace

/// What the coroutines share that hear and say while others write.
struct Publisher::State {
    State(const net::asio::any_io_executor& on, Url url, Limits with)
        : executor{on}, limits{with},
          connection{on, std::move(url), rtmp::Client::Role::publish, with.line}, to_say{on}, ended{on}
    {
    }

    bool take_events();
    net::awaitable<void> listen();
    net::awaitable<void> speak();
    void lose(Outcome why);

    void send(flv::Body body, MediaTime at);
    void send(const media::Frame& frame);
    void tell_news(MediaTime at);
    void tell(const media::Track& track, MediaTime at);

    net::asio::any_io_executor executor;
    Limits limits;
    RtmpConnection connection;
    net::Notice to_say;
    net::Notice ended; ///< Rung by each of the two when it ends.
    bool open = false;
    bool finishing = false;
    bool listening = false;
    bool speaking = false;
    Outcome outcome;
    Publisher* owner = nullptr; ///< None: it is gone.

    std::vector<media::Track> tracks;     ///< All that were told.
    std::vector<media::Track> new_tracks; ///< Not told yet: they take the time of the next frame.
    flv::Delivery delivery;
    std::vector<media::Metadata> new_metadata;
    Backlog sent;
    std::uint64_t dropped = 0;
};

/// What the server has said; whether it refuses to go on.
bool Publisher::State::take_events()
{
    bool refused = false;
    while (const auto event = connection.core().next_event()) {
        if (const auto* why = std::get_if<rtmp::Refused>(&*event)) {
            refused = true;
            lose(to_outcome(*why, "ended by the server"));
        } else if (const auto* news = std::get_if<rtmp::RecordNews>(&*event);
                   news != nullptr && owner != nullptr && owner->on_record) {
            owner->on_record(news->code, news->description);
        } else if (const auto* asked = std::get_if<rtmp::ReconnectRequested>(&*event);
                   asked != nullptr && owner != nullptr && owner->on_move_asked) {
            owner->on_move_asked(asked->tc_url);
        }
    }
    return refused;
}

/// Bytes in: acknowledgements and pings, and why the server ends it.
net::awaitable<void> Publisher::State::listen()
{
    take_events(); // The server may have said more than that we may publish.
    while (open) {
        const auto heard = co_await connection.hear(Clock::time_point::max());
        const bool refused = take_events();
        if (refused) {
            to_say.notify();
            continue;
        }
        if (!heard && connection.line().stuck()) {
            break; // who speaks knows why
        } else if (!heard) {
            lose(heard);
        }
        to_say.notify();
    }
    listening = false;
    ended.notify();
}

/// Bytes out, until all is said.
net::awaitable<void> Publisher::State::speak()
{
    while (open) {
        const auto said = co_await connection.say(kAtOnce);
        if (!said) {
            lose(said);
        } else if (finishing) {
            break;
        } else {
            co_await to_say.wait();
        }
    }
    speaking = false;
    ended.notify();
}

/// Nothing more goes out or comes in. Once all is said, it is no loss when the server closes.
void Publisher::State::lose(Outcome why)
{
    if (!open) {
        return;
    }
    open = false;
    connection.line().cancel();
    if (finishing && !speaking) {
        return;
    }
    outcome = std::move(why);
    to_say.notify();
    if (owner != nullptr && owner->on_lost) {
        owner->on_lost();
    }
}

void Publisher::State::send(flv::Body body, MediaTime at)
{
    connection.core().send(static_cast<rtmp::MessageType>(body.type), static_cast<std::uint32_t>(to_ms(at)),
                           body.lead, std::move(body.payload));
}

void Publisher::State::tell_news(MediaTime at)
{
    for (const auto& metadata : std::exchange(new_metadata, {})) {
        send(delivery.metadata(metadata), at);
    }
    for (const auto& track : std::exchange(new_tracks, {})) {
        tell(track, at);
    }
}

void Publisher::State::tell(const media::Track& track, MediaTime at)
{
    std::vector<flv::Body> bodies;
    delivery.learn(track, bodies);
    for (auto& body : bodies) {
        send(std::move(body), at);
    }
    const auto known = std::ranges::find(tracks, track.id, &media::Track::id);
    const bool is_new = known == tracks.end();
    is_new ? tracks.push_back(track) : void(*known = track);
    if (is_new && track.number > 0 && !delivery.options().multitrack && owner != nullptr &&
        owner->on_warning) {
        owner->on_warning(fmt::format("{} {} ({}) is not sent: the server did not announce that it takes "
                                      "several tracks",
                                      name(track.kind), track.number, name(track.codec)));
    }
}

void Publisher::State::send(const media::Frame& frame)
{
    tell_news(frame.dts);
    auto body = delivery.frame(frame);
    if (!body) {
        return;
    }
    auto& core = connection.core();
    const auto before = core.backlog();
    send(std::move(*body), frame.dts);
    sent.sent(frame);
    if (frame.kind == media::Kind::video && core.backlog() == before) {
        ++dropped; // by the core, which waits for a key frame
    } else if (sent.time_of(core.backlog()) > limits.backlog) {
        dropped += core.drop_video();
    }
}

Publisher::Publisher(const net::asio::any_io_executor& executor, Url url)
    : Publisher{executor, std::move(url), Limits{}}
{
}

Publisher::Publisher(const net::asio::any_io_executor& executor, Url url, Limits limits)
    : state_{std::make_shared<State>(executor, std::move(url), limits)}
{
    state_->owner = this;
}

Publisher::~Publisher()
{
    state_->owner = nullptr;
    state_->open = false;
    state_->to_say.notify();
    state_->connection.line().cancel();
}

net::awaitable<Outcome> Publisher::open()
{
    const auto state = state_;
    state->outcome = co_await state->connection.open();
    if (state->outcome) {
        state->delivery = flv::Delivery{taken_by(state->connection.core().server_capabilities())};
        state->open = state->listening = state->speaking = true;
        net::asio::co_spawn(
            state->executor, [state]() -> net::awaitable<void> { co_await state->listen(); }, net::kDetached);
        net::asio::co_spawn(
            state->executor, [state]() -> net::awaitable<void> { co_await state->speak(); }, net::kDetached);
    }
    co_return state->outcome;
}

void Publisher::write(const media::Item& item)
{
    if (!state_->open) {
        return;
    }
    if (const auto* frame = std::get_if<media::Frame>(&item)) {
        state_->send(*frame);
        state_->to_say.notify();
    } else if (const auto* track = std::get_if<media::Track>(&item)) {
        auto& waiting = state_->new_tracks;
        std::erase_if(waiting, [track](const media::Track& other) { return other.id == track->id; });
        if (std::ranges::find(state_->tracks, *track) == state_->tracks.end()) {
            waiting.push_back(*track);
        }
    } else {
        state_->new_metadata.push_back(std::get<media::Metadata>(item));
    }
}

net::awaitable<Outcome> Publisher::finish(std::chrono::milliseconds within)
{
    const auto state = state_;
    if (state->open) {
        state->finishing = true;
        state->connection.core().close();
        state->to_say.notify();
    }
    const auto due = Clock::now() + within;
    net::Watchdog limit{state->executor,
                        [state] { state->lose({"the connection is too slow: not all of it was sent"}); }};
    limit.set(due);
    while (state->speaking) {
        co_await state->ended.wait();
    }
    if (state->open) {
        state->connection.line().shut();
        limit.set(std::min(due, Clock::now() + state->limits.line.goodbye));
    }
    while (state->listening) {
        co_await state->ended.wait();
    }
    co_return state->outcome;
}

void Publisher::stop()
{
    state_->connection.line().cancel();
}

bool Publisher::lost() const
{
    return !state_->open;
}

const Outcome& Publisher::outcome() const
{
    return state_->outcome;
}

std::uint64_t Publisher::bytes() const
{
    return state_->connection.bytes_out();
}

std::uint64_t Publisher::dropped() const
{
    return state_->dropped;
}

std::chrono::milliseconds Publisher::backlog() const
{
    if (!state_->open) {
        return {};
    }
    const auto waits = state_->connection.core().backlog();
    return std::chrono::duration_cast<std::chrono::milliseconds>(state_->sent.time_of(waits));
}

} // namespace millrace::clients
