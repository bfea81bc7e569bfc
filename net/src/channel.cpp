#include <millrace/net/channel.hpp>

#include <algorithm>

namespace millrace::net {
namespace {

constexpr std::size_t kMostHeld = std::size_t{64} * 1024;

} // namespace

Attempt Channel::send_now(std::span<const ByteView> views)
{
    return cipher_ || !held_.empty() ? send_held(views) : send_below(views);
}

void Channel::hold(ByteView bytes)
{
    const auto begin = static_cast<std::ptrdiff_t>(held_.size());
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    if (cipher_) {
        cipher_(std::span{held_}.subspan(static_cast<std::size_t>(begin)));
    }
}

/// Sends what is held; would_block when not all of it could go.
Attempt Channel::flush_held()
{
    while (held_done_ < held_.size()) {
        const ByteView rest = ByteView{held_}.subspan(held_done_);
        const auto attempt = send_below({&rest, 1});
        held_done_ += attempt.bytes;
        if (attempt.error || attempt.would_block) {
            return {.would_block = !attempt.error, .error = attempt.error};
        }
    }
    held_.clear();
    held_done_ = 0;
    return {};
}

Attempt Channel::send_held(std::span<const ByteView> views)
{
    if (const auto flushed = flush_held(); flushed.would_block || flushed.error) {
        return flushed;
    }
    std::size_t accepted = 0;
    for (const auto view : views) {
        const auto part = view.first(std::min(view.size(), kMostHeld - accepted));
        hold(part);
        accepted += part.size();
    }
    auto sent = flush_held();
    sent.bytes = accepted;
    return sent;
}

awaitable<error_code> Channel::writable()
{
    for (;;) {
        if (const auto error = co_await writable_below()) {
            co_return error;
        }
        const auto flushed = flush_held();
        if (!flushed.would_block) {
            co_return flushed.error;
        }
    }
}

TcpChannel::TcpChannel(tcp::socket socket) : Channel{socket.get_executor()}, socket_{std::move(socket)} {}

awaitable<error_code> TcpChannel::readable()
{
    const auto [error] = co_await socket_.async_wait(tcp::socket::wait_read, kNoThrow);
    co_return error;
}

awaitable<error_code> TcpChannel::writable_below()
{
    const auto [error] = co_await socket_.async_wait(tcp::socket::wait_write, kNoThrow);
    co_return error;
}

void TcpChannel::cancel()
{
    error_code ignored;
    socket_.cancel(ignored);
}

void TcpChannel::shut()
{
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void TcpChannel::close()
{
    error_code ignored;
    socket_.close(ignored);
}

awaitable<Attempt> read_some(Channel& channel, std::span<std::uint8_t> into)
{
    for (;;) {
        auto got = channel.receive_now(into);
        if (!got.would_block) {
            if (got.bytes == 0 && !got.error) {
                got.error = asio::error::eof;
            }
            co_return got;
        }
        if (const auto error = co_await channel.readable()) {
            co_return Attempt{.error = error};
        }
    }
}

awaitable<error_code> write_all(Channel& channel, ByteView bytes)
{
    while (!bytes.empty()) {
        const auto sent = channel.send_now({&bytes, 1});
        if (sent.error) {
            co_return sent.error;
        }
        bytes = bytes.subspan(sent.bytes);
        if (sent.would_block) {
            if (const auto error = co_await channel.writable()) {
                co_return error;
            }
        }
    }
    co_return error_code{};
}

} // namespace millrace::net
