// A stream of bytes to a peer, whatever carries it: TCP, TLS, a tunnel.
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/net/asio.hpp>
#include <millrace/net/send.hpp>

#include <functional>
#include <memory>
#include <span>

namespace millrace::net {

/// Sends and receives without waiting, and waits apart from that; used by one thread. One coroutine may wait
/// to read while another waits to write.
///
/// A layer may hold what it has accepted but not yet handed down (records of TLS, bytes that were
/// enciphered). It then says would_block, and nothing more is accepted before writable() has ended.
class Channel {
public:
    explicit Channel(asio::any_io_executor executor) : executor_{std::move(executor)} {}
    virtual ~Channel() = default;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    const asio::any_io_executor& executor() const { return executor_; }

    /// Sends as much of the views as is accepted now.
    Attempt send_now(std::span<const ByteView> views);
    /// Receives what is there, at most as much as fits. Zero bytes without would_block: the peer has closed
    /// its side.
    virtual Attempt receive_now(std::span<std::uint8_t> into) = 0;

    /// Ends when receive_now() has something to say.
    virtual awaitable<error_code> readable() = 0;
    /// Ends when all that was accepted has left and more is accepted.
    awaitable<error_code> writable();

    /// Ends every wait with operation_aborted; the channel can still be used.
    virtual void cancel() = 0;
    /// Prepares what is below for live media; see net::prepare_for_media().
    virtual void prepare() {}
    /// Says that nothing more will be sent.
    virtual void shut() = 0;
    /// Ends it at once.
    virtual void close() = 0;

    /// Sets in-place enciphering for all that is sent from here on, in the order of sending. What was
    /// accepted before stays as it was.
    using Cipher = std::function<void(std::span<std::uint8_t>)>;
    void encipher(Cipher cipher) { cipher_ = std::move(cipher); }
    /// Puts bytes behind those that were accepted, however many; they leave with writable() or the next
    /// send_now().
    void hold(ByteView bytes);

protected:
    virtual Attempt send_below(std::span<const ByteView> views) = 0;
    virtual awaitable<error_code> writable_below() = 0;

private:
    Attempt flush_held();
    Attempt send_held(std::span<const ByteView> views);

    asio::any_io_executor executor_;
    Cipher cipher_;
    Bytes held_; ///< Accepted, enciphered if they are to be, not yet sent.
    std::size_t held_done_ = 0;
};

/// A TCP connection as it is.
class TcpChannel final : public Channel {
public:
    explicit TcpChannel(tcp::socket socket);

    Attempt receive_now(std::span<std::uint8_t> into) override { return net::receive_now(socket_, into); }
    awaitable<error_code> readable() override;
    void cancel() override;
    void prepare() override { prepare_for_media(socket_); }
    void shut() override;
    void close() override;

    tcp::socket& socket() { return socket_; }

protected:
    Attempt send_below(std::span<const ByteView> views) override { return net::send_now(socket_, views); }
    awaitable<error_code> writable_below() override;

private:
    tcp::socket socket_;
};

/// Waits until something comes and takes it. The end of the stream is the error eof.
awaitable<Attempt> read_some(Channel& channel, std::span<std::uint8_t> into);
/// Sends all of it.
awaitable<error_code> write_all(Channel& channel, ByteView bytes);

} // namespace millrace::net
