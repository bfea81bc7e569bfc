#include "udp_sink.hpp"

#include <millrace/mpegts/datagrams.hpp>
#include <millrace/mpegts/muxer.hpp>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace millrace::clients {

/// What the coroutine shares that sends while others write.
struct UdpSink::State {
    State(const net::asio::any_io_executor& on, Url to)
        : executor{on}, url{std::move(to)}, options{mpegts::with_query({}, url.query)}, muxer{options},
          resolver{on}, socket{on}, timer{on, Clock::time_point::max()}
    {
    }

    net::awaitable<void> speak();
    void put(const media::Pieces& pieces, Clock::time_point now);
    void send(const Bytes& datagram);

    net::asio::any_io_executor executor;
    Url url;
    mpegts::Options options;
    mpegts::Muxer muxer;
    mpegts::Datagrams datagrams;
    udp::resolver resolver;
    udp::socket socket;
    net::asio::steady_timer timer; ///< Until the next datagram is due.
    bool open = false;
    bool finishing = false;
    Outcome outcome;
    std::uint64_t bytes = 0;
    std::uint64_t dropped = 0;
    UdpSink* owner = nullptr; ///< None: it is gone.
};

net::awaitable<void> UdpSink::State::speak()
{
    while (open) {
        const auto now = Clock::now();
        while (const auto datagram = datagrams.next(now)) {
            send(*datagram);
        }
        if (finishing && datagrams.deadline() == Clock::time_point::max()) {
            break;
        }
        timer.expires_at(datagrams.deadline());
        co_await timer.async_wait(net::kNoThrow);
    }
    open = false;
    net::error_code ignored;
    socket.close(ignored);
}

/// Never waits: what the system has no room for is lost, as it would be on the way. That nobody listens yet
/// is no reason to stop either.
void UdpSink::State::send(const Bytes& datagram)
{
    net::error_code error;
    const auto sent = socket.send(net::asio::buffer(datagram), 0, error);
    if (error == net::asio::error::connection_refused) {
        socket.send(net::asio::buffer(datagram), 0, error); // that was the answer to one before
    }
    bytes += sent;
    if (error == net::asio::error::would_block || error == net::asio::error::no_buffer_space) {
        ++dropped;
    } else if (error && error != net::asio::error::connection_refused) {
        outcome = {fmt::format("cannot send: {}", error.message())};
        open = false;
        if (owner != nullptr && owner->on_lost) {
            owner->on_lost();
        }
    }
}

void UdpSink::State::put(const media::Pieces& pieces, Clock::time_point now)
{
    const auto before = datagrams.deadline();
    for (const auto& piece : pieces) {
        datagrams.feed(piece, now);
    }
    if (datagrams.deadline() < before) {
        timer.cancel();
    }
}

UdpSink::UdpSink(const net::asio::any_io_executor& executor, Url url)
    : state_{std::make_shared<State>(executor, std::move(url))}
{
    state_->owner = this;
}

UdpSink::~UdpSink()
{
    state_->owner = nullptr;
    state_->open = false;
    state_->timer.cancel();
}

net::awaitable<Outcome> UdpSink::open()
{
    const auto state = state_;
    const auto place = udp_place(state->url);
    const auto [error, found] =
        co_await state->resolver.async_resolve(place.host, std::to_string(place.port), net::kNoThrow);
    if (error || found.empty()) {
        state->outcome = {fmt::format("cannot find {}: {}", place.host, error.message())};
        co_return state->outcome;
    }
    state->outcome = send_there(state->socket, place, found.begin()->endpoint());
    if (state->outcome) {
        net::error_code ignored;
        state->socket.non_blocking(true, ignored);
        state->open = true;
        net::asio::co_spawn(
            state->executor, [state]() -> net::awaitable<void> { co_await state->speak(); }, net::kDetached);
    }
    co_return state->outcome;
}

void UdpSink::write(const media::Item& item)
{
    if (!state_->open) {
        return;
    }
    media::Pieces pieces;
    if (const auto* frame = std::get_if<media::Frame>(&item)) {
        state_->muxer.write(*frame, frame->kind == media::Kind::video && frame->key, pieces);
    } else if (const auto* track = std::get_if<media::Track>(&item)) {
        const auto why = mpegts::left_out(*track, state_->options);
        if (!why.empty() && track->kind != media::Kind::data && on_warning) {
            on_warning(fmt::format("{} {} ({}) is not sent: {}", name(track->kind), track->number,
                                   name(track->codec), why));
        }
        state_->muxer.write(*track, {}, pieces);
    }
    state_->put(pieces, Clock::now());
}

net::awaitable<Outcome> UdpSink::finish(std::chrono::milliseconds within)
{
    const auto state = state_;
    media::Pieces pieces;
    state->muxer.flush(pieces);
    state->put(pieces, Clock::now());
    state->datagrams.end(Clock::now());
    state->finishing = true;
    state->timer.cancel();
    const auto due = Clock::now() + within;
    net::asio::steady_timer look{state->executor};
    while (state->open && Clock::now() < due) {
        look.expires_after(std::chrono::milliseconds{10});
        co_await look.async_wait(net::kNoThrow);
    }
    state->open = false;
    state->timer.cancel();
    co_return state->outcome;
}

void UdpSink::stop()
{
    state_->resolver.cancel();
    state_->open = false;
    state_->timer.cancel();
}

bool UdpSink::lost() const
{
    return !state_->open;
}

const Outcome& UdpSink::outcome() const
{
    return state_->outcome;
}

std::uint64_t UdpSink::bytes() const
{
    return state_->bytes;
}

std::uint64_t UdpSink::dropped() const
{
    return state_->dropped;
}

} // namespace millrace::clients
