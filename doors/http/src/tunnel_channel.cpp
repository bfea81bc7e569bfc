#include "tunnel_channel.hpp"

#include <algorithm>

namespace millrace::doors {

TunnelChannel::TunnelChannel(const net::asio::any_io_executor& executor, std::size_t most_waiting)
    : Channel{executor}, most_waiting_{most_waiting}, brought_{executor}, room_{executor},
      answerable_{executor, Clock::time_point::max()}
{
}

net::Attempt TunnelChannel::receive_now(std::span<std::uint8_t> into)
{
    const auto count = std::min(into.size(), unread());
    if (count == 0) {
        return {.would_block = !ended_ && !closed_};
    }
    std::copy_n(in_.begin() + static_cast<std::ptrdiff_t>(in_done_), count, into.begin());
    in_done_ += count;
    if (in_done_ == in_.size()) {
        in_.clear();
        in_done_ = 0;
    }
    return {.bytes = count};
}

net::awaitable<net::error_code> TunnelChannel::readable()
{
    const auto cancels = cancels_;
    while (unread() == 0 && !ended_ && !closed_) {
        starving_ = true;
        answerable_.cancel();
        co_await brought_.wait();
        if (cancels != cancels_) {
            co_return net::asio::error::operation_aborted;
        }
    }
    co_return net::error_code{};
}

void TunnelChannel::cancel()
{
    ++cancels_;
    brought_.notify();
    room_.notify();
}

void TunnelChannel::close()
{
    closed_ = true;
    cancel();
    answerable_.cancel();
}

void TunnelChannel::put(ByteView bytes)
{
    if (!bytes.empty()) {
        in_.insert(in_.end(), bytes.begin(), bytes.end());
        starving_ = false;
        brought_.notify();
    }
}

void TunnelChannel::end()
{
    ended_ = true;
    brought_.notify();
}

net::awaitable<void> TunnelChannel::answerable(bool hold, Clock::time_point due)
{
    while (waiting() == 0 && !closed_ && (hold || !starving_) && Clock::now() < due) {
        answerable_.expires_at(due);
        co_await answerable_.async_wait(net::kNoThrow);
    }
}

Bytes TunnelChannel::take(std::size_t most)
{
    const auto count = std::min(most, waiting());
    const auto begin = out_.begin() + static_cast<std::ptrdiff_t>(out_done_);
    Bytes taken(begin, begin + static_cast<std::ptrdiff_t>(count));
    out_done_ += count;
    if (out_done_ == out_.size()) {
        out_.clear();
        out_done_ = 0;
    }
    room_.notify();
    return taken;
}

net::Attempt TunnelChannel::send_below(std::span<const ByteView> views)
{
    if (closed_) {
        return {.error = net::asio::error::connection_reset};
    }
    net::Attempt sent;
    for (const auto view : views) {
        const auto part =
            view.first(std::min(view.size(), most_waiting_ - std::min(most_waiting_, waiting())));
        out_.insert(out_.end(), part.begin(), part.end());
        sent.bytes += part.size();
        if (part.size() < view.size()) {
            sent.would_block = true;
            break;
        }
    }
    answerable_.cancel();
    return sent;
}

net::awaitable<net::error_code> TunnelChannel::writable_below()
{
    const auto cancels = cancels_;
    while (waiting() >= most_waiting_ && !closed_) {
        co_await room_.wait();
        if (cancels != cancels_) {
            co_return net::asio::error::operation_aborted;
        }
    }
    co_return net::error_code{};
}

} // namespace millrace::doors
