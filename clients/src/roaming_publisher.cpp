#include "rtmp_way.hpp"
#include <millrace/clients/roaming_publisher.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace millrace::clients {
namespace {

constexpr std::chrono::seconds kMoveTime{10};
constexpr std::chrono::milliseconds kRetry{300};
constexpr std::chrono::milliseconds kFarewell{1000};

} // namespace

struct RoamingPublisher::State : std::enable_shared_from_this<State> {
    State(const net::asio::any_io_executor& on, const Url& to)
        : executor{on}, url{to}, present{std::make_shared<Publisher>(on, to)}, pause{on}
    {
    }

    void watch();
    void ask(const std::string& tc_url);
    net::awaitable<void> move();
    void take_over();
    void stay();
    static net::awaitable<void> retire(std::shared_ptr<Publisher> old);
    void remember(const media::Item& item);
    void tell(const std::string& text) const;
    void lose() const;

    net::asio::any_io_executor executor;
    Url url;    ///< Of the present connection.
    Url target; ///< Of the next one.
    std::shared_ptr<Publisher> present;
    std::shared_ptr<Publisher> next; ///< While it is being opened, and until a key frame comes.
    bool ready = false;              ///< The next one is open.
    bool moving = false;
    bool ending = false;
    net::asio::steady_timer pause;
    RoamingPublisher* owner = nullptr; ///< None: it is gone.

    std::map<media::TrackId, media::Track> tracks;
    std::optional<media::Metadata> metadata;
    std::uint64_t bytes_before = 0;
    std::uint64_t dropped_before = 0;
};

void RoamingPublisher::State::watch()
{
    present->on_lost = [this] {
        if (!moving) {
            lose();
        }
    };
    present->on_move_asked = [this](const std::string& tc_url) { ask(tc_url); };
    present->on_warning = [this](const std::string& text) { tell(text); };
    present->on_record = [this](const std::string& code, const std::string& text) {
        if (owner != nullptr && owner->on_record) {
            owner->on_record(code, text);
        }
    };
}

void RoamingPublisher::State::lose() const
{
    if (owner != nullptr && owner->on_lost) {
        owner->on_lost();
    }
}

void RoamingPublisher::State::tell(const std::string& text) const
{
    if (owner != nullptr && owner->on_news) {
        owner->on_news(text);
    }
}

void RoamingPublisher::State::ask(const std::string& tc_url)
{
    if (moving || ending) {
        return;
    }
    RtmpWay way{url};
    if (const auto turned = way.turn_to(tc_url); !turned) {
        return tell(turned.why);
    }
    tell("the server asks us to connect to " + tc_url);
    target = way.url();
    moving = true;
    net::asio::co_spawn(
        executor, [self = shared_from_this()]() -> net::awaitable<void> { co_await self->move(); },
        net::kDetached);
}

/// Opens the next connection, again and again for a while: it may be a server that is just starting.
net::awaitable<void> RoamingPublisher::State::move()
{
    const auto give_up = Clock::now() + kMoveTime;
    while (!ready && !ending && Clock::now() < give_up) {
        next = std::make_shared<Publisher>(executor, target);
        const auto opening = next;
        const auto opened = co_await opening->open();
        ready = static_cast<bool>(opened);
        if (!ready) {
            pause.expires_after(kRetry);
            co_await pause.async_wait(net::kNoThrow);
        }
    }
    if (!ready) {
        next.reset();
        moving = false;
        if (present->lost() && !ending) {
            lose();
        }
    }
}

/// The next frame goes over the next connection.
void RoamingPublisher::State::take_over()
{
    bytes_before += present->bytes();
    dropped_before += present->dropped();
    present->on_lost = {};
    present->on_record = {};
    present->on_warning = {};
    present->on_move_asked = {};
    auto old = std::exchange(present, std::exchange(next, nullptr));
    url = target;
    ready = moving = false;
    watch();
    if (metadata) {
        present->write(*metadata);
    }
    for (const auto& [id, track] : tracks) {
        present->write(track);
    }
    net::asio::co_spawn(executor, retire(std::move(old)), net::kDetached);
    if (present->lost()) {
        lose();
    }
}

/// The next connection was lost before its first frame: the present one is all there is.
void RoamingPublisher::State::stay()
{
    tell("the other server has gone again: we stay where we are");
    next.reset();
    ready = moving = false;
    if (present->lost()) {
        lose();
    }
}

net::awaitable<void> RoamingPublisher::State::retire(std::shared_ptr<Publisher> old)
{
    static_cast<void>(co_await old->finish(kFarewell));
}

void RoamingPublisher::State::remember(const media::Item& item)
{
    if (const auto* track = std::get_if<media::Track>(&item)) {
        tracks[track->id] = *track;
    } else if (const auto* told = std::get_if<media::Metadata>(&item)) {
        metadata = *told;
    }
}

RoamingPublisher::RoamingPublisher(const net::asio::any_io_executor& executor, Url url)
    : state_{std::make_shared<State>(executor, url)}
{
    state_->owner = this;
    state_->watch();
}

RoamingPublisher::~RoamingPublisher()
{
    stop();
    state_->owner = nullptr;
    state_->present->on_lost = {};
    state_->present->on_move_asked = {};
}

net::awaitable<Outcome> RoamingPublisher::open()
{
    const auto state = state_;
    co_return co_await state->present->open();
}

void RoamingPublisher::write(const media::Item& item)
{
    state_->remember(item);
    if (state_->ready && state_->next->lost()) {
        state_->stay();
    }
    if (const auto* frame = std::get_if<media::Frame>(&item); frame != nullptr && state_->ready) {
        const bool video = std::ranges::any_of(
            state_->tracks, [](const auto& track) { return track.second.kind == media::Kind::video; });
        if (!video || (frame->kind == media::Kind::video && frame->key)) {
            state_->take_over();
        }
    }
    state_->present->write(item);
}

net::awaitable<Outcome> RoamingPublisher::finish(std::chrono::milliseconds within)
{
    const auto state = state_;
    state->ending = true;
    state->pause.cancel();
    if (state->next) {
        state->next->stop();
    }
    co_return co_await state->present->finish(within);
}

void RoamingPublisher::stop()
{
    state_->ending = true;
    state_->pause.cancel();
    if (state_->next) {
        state_->next->stop();
    }
    state_->present->stop();
}

bool RoamingPublisher::lost() const
{
    return state_->present->lost() && !state_->moving;
}

const Outcome& RoamingPublisher::outcome() const
{
    return state_->present->outcome();
}

std::uint64_t RoamingPublisher::bytes() const
{
    return state_->bytes_before + state_->present->bytes();
}

std::uint64_t RoamingPublisher::dropped() const
{
    return state_->dropped_before + state_->present->dropped();
}

std::chrono::milliseconds RoamingPublisher::backlog() const
{
    return state_->present->backlog();
}

} // namespace millrace::clients
