// A channel as Asio's composed operations and Beast want it.
#pragma once

#include <millrace/net/channel.hpp>
#include <millrace/net/watchdog.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core/role.hpp>

#include <vector>

namespace millrace::net {

/// An AsyncReadStream and AsyncWriteStream over a channel that stays its owner's. What lasts longer than
/// expires_after() allowed ends with the error timed_out, and the channel is closed.
class ChannelStream {
public:
    using executor_type = asio::any_io_executor;

    explicit ChannelStream(Channel& channel)
        : channel_{&channel}, limit_{channel.executor(), [this] { channel_->close(); }}
    {
    }

    executor_type get_executor() const { return channel_->executor(); }
    Channel& channel() { return *channel_; }

    void expires_after(std::chrono::milliseconds time) { limit_.set(Clock::now() + time); }
    void expires_never() { limit_.rest(); }
    bool expired() const { return limit_.bitten(); }
    void cancel() { channel_->cancel(); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token)
    {
        std::span<std::uint8_t> into;
        for (auto at = asio::buffer_sequence_begin(buffers);
             into.empty() && at != asio::buffer_sequence_end(buffers); ++at) {
            const asio::mutable_buffer buffer{*at};
            into = {static_cast<std::uint8_t*>(buffer.data()), buffer.size()};
        }
        return start(read(into), std::forward<Token>(token));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token)
    {
        std::vector<ByteView> views;
        for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
            const asio::const_buffer buffer{*at};
            if (buffer.size() > 0) {
                views.emplace_back(static_cast<const std::uint8_t*>(buffer.data()), buffer.size());
            }
        }
        return start(write(std::move(views)), std::forward<Token>(token));
    }

private:
    awaitable<Attempt> read(std::span<std::uint8_t> into);
    awaitable<Attempt> write(std::vector<ByteView> views);

    template <class Token>
    auto start(awaitable<Attempt> work, Token&& token)
    {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [](auto handler, asio::any_io_executor executor, awaitable<Attempt> job) {
                asio::co_spawn(
                    executor, std::move(job),
                    [handler = std::move(handler)](const std::exception_ptr&, Attempt done) mutable {
                        std::move(handler)(done.error, done.bytes);
                    });
            },
            token, get_executor(), std::move(work));
    }

    Channel* channel_;
    Watchdog limit_;
};

/// Beast's words for the end of a WebSocket connection (its teardown and close_socket customisations).
void beast_close_socket(ChannelStream& stream);
void teardown(boost::beast::role_type role, ChannelStream& stream, error_code& error);

template <class Handler>
void async_teardown(boost::beast::role_type role, ChannelStream& stream, Handler&& handler)
{
    error_code error;
    teardown(role, stream, error);
    asio::post(stream.get_executor(),
               [handler = std::forward<Handler>(handler), error]() mutable { std::move(handler)(error); });
}

} // namespace millrace::net
