// One stream of an HTTP/2 connection, as a channel to who answers its request in the words of HTTP/1.1.
#pragma once

#include <millrace/net/channel.hpp>
#include <millrace/net/notice.hpp>

#include <functional>

namespace millrace::doors {

/// What the client sends is received from it; what is sent into it waits until the connection takes it.
/// Lives on one worker.
class Http2Stream final : public net::Channel {
public:
    static constexpr std::size_t kMostWaiting = std::size_t{256} << 10U; ///< Of the answer.

    explicit Http2Stream(const net::asio::any_io_executor& executor)
        : Channel{executor}, brought_{executor}, room_{executor}
    {
    }

    // The side that answers.
    net::Attempt receive_now(std::span<std::uint8_t> into) override;
    net::awaitable<net::error_code> readable() override;
    void cancel() override;
    void shut() override;
    void close() override;

    // The connection's side.
    /// Gives the other side what the client has sent.
    void put(ByteView bytes);
    /// The client will send nothing more.
    void end();
    /// The client has gone: what is sent fails.
    void leave();
    /// What waits to be taken, valid until the next call of anything here.
    ByteView waiting() const { return ByteView{out_}.subspan(out_done_); }
    void taken(std::size_t bytes);
    /// The other side has said all that it will say.
    bool finished() const { return shut_; }

    std::function<void()> on_output;              ///< Something waits, or the other side is finished.
    std::function<void(std::size_t)> on_received; ///< The other side has taken in so many bytes.

protected:
    net::Attempt send_below(std::span<const ByteView> views) override;
    net::awaitable<net::error_code> writable_below() override;

private:
    std::size_t unread() const { return in_.size() - in_done_; }

    Bytes in_;
    std::size_t in_done_ = 0;
    Bytes out_;
    std::size_t out_done_ = 0;
    net::Notice brought_;
    net::Notice room_;
    std::uint64_t cancels_ = 0;
    bool ended_ = false; ///< By the client.
    bool shut_ = false;  ///< By who answers.
    bool left_ = false;
};

} // namespace millrace::doors
