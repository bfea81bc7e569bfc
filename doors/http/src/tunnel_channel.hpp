// The middle of a tunnel: a channel to the RTMP session on one side, requests and answers on the other.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/net/channel.hpp>
#include <millrace/net/notice.hpp>

namespace millrace::doors {

/// What a tunnel's requests bring is received from it; what is sent into it waits for their answers. Lives on
/// one worker.
class TunnelChannel final : public net::Channel {
public:
    TunnelChannel(const net::asio::any_io_executor& executor, std::size_t most_waiting);

    // The RTMP session's side.
    net::Attempt receive_now(std::span<std::uint8_t> into) override;
    net::awaitable<net::error_code> readable() override;
    void cancel() override;
    void shut() override { close(); }
    void close() override;

    // The requests' side; one at a time.
    /// Gives the session what a request has brought.
    void put(ByteView bytes);
    /// The client will say nothing more.
    void end();
    /// Ends when there is something to answer with, or the session has taken in all that it was given and
    /// (unless `hold`) waits for more, or is over, or that time has come.
    net::awaitable<void> answerable(bool hold, Clock::time_point due);
    Bytes take(std::size_t most);
    std::size_t unread() const { return in_.size() - in_done_; }
    /// The session has gone, and all that it said has been taken.
    bool finished() const { return closed_ && waiting() == 0; }

protected:
    net::Attempt send_below(std::span<const ByteView> views) override;
    net::awaitable<net::error_code> writable_below() override;

private:
    std::size_t waiting() const { return out_.size() - out_done_; }

    std::size_t most_waiting_;
    Bytes in_;
    std::size_t in_done_ = 0;
    Bytes out_;
    std::size_t out_done_ = 0;
    net::Notice brought_;
    net::Notice room_;
    net::asio::steady_timer answerable_;
    std::uint64_t cancels_ = 0;
    bool starving_ = false; ///< The session waits for more.
    bool ended_ = false;
    bool closed_ = false;
};

} // namespace millrace::doors
