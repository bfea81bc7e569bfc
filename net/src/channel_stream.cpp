#include <millrace/net/channel_stream.hpp>

namespace millrace::net {

awaitable<Attempt> ChannelStream::read(std::span<std::uint8_t> into)
{
    if (into.empty()) {
        co_return Attempt{};
    }
    auto got = co_await read_some(*channel_, into);
    if (limit_.bitten()) {
        got.error = asio::error::timed_out;
    }
    co_return got;
}

awaitable<Attempt> ChannelStream::write(std::vector<ByteView> views)
{
    if (views.empty()) {
        co_return Attempt{};
    }
    for (;;) {
        auto sent = channel_->send_now(views);
        if (sent.bytes > 0 || sent.error) {
            // What a layer still holds must leave even if nothing more is written.
            if (sent.would_block && !sent.error) {
                sent.error = co_await channel_->writable();
            }
            if (limit_.bitten()) {
                sent.error = asio::error::timed_out;
            }
            co_return sent;
        }
        if (const auto error = co_await channel_->writable()) {
            const error_code told = limit_.bitten() ? error_code{asio::error::timed_out} : error;
            co_return Attempt{.error = told};
        }
    }
}

void beast_close_socket(ChannelStream& stream)
{
    stream.channel().close();
}

void teardown(boost::beast::role_type, ChannelStream& stream, error_code& error)
{
    stream.channel().shut();
    error = {};
}

} // namespace millrace::net
