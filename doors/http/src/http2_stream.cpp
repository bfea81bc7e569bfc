#include "http2_stream.hpp"

#include <algorithm>

namespace millrace::doors {

net::Attempt Http2Stream::receive_now(std::span<std::uint8_t> into)
{
    const auto count = std::min(into.size(), unread());
    if (count == 0) {
        return {.would_block = !ended_ && !left_ && !shut_};
    }
    std::copy_n(in_.begin() + static_cast<std::ptrdiff_t>(in_done_), count, into.begin());
    in_done_ += count;
    if (in_done_ == in_.size()) {
        in_.clear();
        in_done_ = 0;
    }
    if (on_received) {
        on_received(count);
    }
    return {.bytes = count};
}

net::awaitable<net::error_code> Http2Stream::readable()
{
    const auto cancels = cancels_;
    while (unread() == 0 && !ended_ && !left_ && !shut_) {
        co_await brought_.wait();
        if (cancels != cancels_) {
            co_return net::asio::error::operation_aborted;
        }
    }
    co_return net::error_code{};
}

void Http2Stream::cancel()
{
    ++cancels_;
    brought_.notify();
    room_.notify();
}

void Http2Stream::shut()
{
    if (!std::exchange(shut_, true) && on_output) {
        on_output();
    }
}

void Http2Stream::close()
{
    shut();
    cancel();
}

void Http2Stream::put(ByteView bytes)
{
    if (!bytes.empty()) {
        in_.insert(in_.end(), bytes.begin(), bytes.end());
        brought_.notify();
    }
}

void Http2Stream::end()
{
    ended_ = true;
    brought_.notify();
}

void Http2Stream::leave()
{
    left_ = true;
    on_output = {};
    on_received = {};
    cancel();
}

void Http2Stream::taken(std::size_t bytes)
{
    out_done_ += bytes;
    if (out_done_ == out_.size()) {
        out_.clear();
        out_done_ = 0;
    }
    room_.notify();
}

net::Attempt Http2Stream::send_below(std::span<const ByteView> views)
{
    if (left_ || shut_) {
        return {.error = net::asio::error::connection_reset};
    }
    net::Attempt sent;
    for (const auto view : views) {
        const auto part =
            view.first(std::min(view.size(), kMostWaiting - std::min(kMostWaiting, waiting().size())));
        out_.insert(out_.end(), part.begin(), part.end());
        sent.bytes += part.size();
        if (part.size() < view.size()) {
            sent.would_block = true;
            break;
        }
    }
    if (sent.bytes > 0 && on_output) {
        on_output();
    }
    return sent;
}

net::awaitable<net::error_code> Http2Stream::writable_below()
{
    const auto cancels = cancels_;
    while (waiting().size() >= kMostWaiting && !left_) {
        co_await room_.wait();
        if (cancels != cancels_ && !left_) {
            co_return net::asio::error::operation_aborted;
        }
    }
    co_return left_ ? net::error_code{net::asio::error::connection_reset} : net::error_code{};
}

} // namespace millrace::doors
