#include "backlog.hpp"
#include "rtmp_connection.hpp"
#include <millrace/clients/publisher.hpp>
#include <millrace/flv/body.hpp>
#include <millrace/net/notice.hpp>

#include <boost/asio/co_spawn.hpp>

#include <map>
#include <utility>

namespace millrace::clients {
namespace {

/// Small, so that audio that comes late still overtakes video that waits.
constexpr std::size_t kAtOnce = std::size_t{16} << 10U;

} // namespace

/// What the coroutines share that hear and say while others write.
struct Publisher::State {
    State(const net::asio::any_io_executor& on, Url url, Limits with)
        : executor{on}, limits{with},
          connection{on, std::move(url), rtmp::Client::Role::publish, with.line}, to_say{on}, ended{on}
    {
    }

    net::awaitable<void> listen();
    net::awaitable<void> speak();
    void lose(Outcome why);

    void send(flv::Body body, MediaTime at);
    void send(const media::Frame& frame);
    void tell_news(MediaTime at);

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

    std::map<media::TrackId, media::Track> tracks;
    std::vector<media::TrackId> new_tracks; ///< Not told yet: they take the time of the next frame.
    std::vector<media::Metadata> new_metadata;
    Backlog sent;
    std::uint64_t dropped = 0;
};

/// Bytes in: acknowledgements and pings, and why the server ends it.
net::awaitable<void> Publisher::State::listen()
{
    while (open) {
        const auto heard = co_await connection.hear(Clock::time_point::max());
        const auto event = connection.core().next_event();
        const auto* refused = event ? std::get_if<rtmp::Refused>(&*event) : nullptr;
        const auto* asked = event ? std::get_if<rtmp::ReconnectRequested>(&*event) : nullptr;
        if (asked != nullptr && owner != nullptr && owner->on_move_asked) {
            owner->on_move_asked(asked->tc_url);
        }
        if (refused != nullptr) {
            lose(to_outcome(*refused, "ended by the server"));
        } else if (!heard && connection.line().stuck()) {
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
        send(flv::write_metadata(metadata), at);
    }
    for (const auto id : std::exchange(new_tracks, {})) {
        if (auto config = flv::write_config(tracks.at(id))) {
            send(std::move(*config), at);
        }
    }
}

void Publisher::State::send(const media::Frame& frame)
{
    const auto track = tracks.find(frame.track);
    if (track == tracks.end()) {
        return;
    }
    tell_news(frame.dts);
    auto& core = connection.core();
    const auto before = core.backlog();
    send(flv::write_body(track->second, frame), frame.dts);
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
        auto& known = state_->tracks[track->id];
        if (known != *track) {
            known = *track;
            state_->new_tracks.push_back(track->id);
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
