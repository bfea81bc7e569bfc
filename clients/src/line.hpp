// One TCP connection that we make.
#pragma once

#include "watchdog.hpp"
#include <millrace/base/bytes.hpp>
#include <millrace/clients/outcome.hpp>
#include <millrace/clients/url.hpp>
#include <millrace/net/send.hpp>

#include <span>

namespace millrace::clients {

/// Connects, reads and writes; each step has its time, after which the connection is closed and the error is
/// timed_out. One coroutine may read while another writes.
class Line {
public:
    explicit Line(const net::asio::any_io_executor& executor);

    net::awaitable<Outcome> connect(const Url& url, Clock::time_point due);
    /// Waits for bytes. The end of the connection is the error eof.
    net::awaitable<net::Attempt> read(std::span<std::uint8_t> into, Clock::time_point due);
    /// Writes all of it.
    net::awaitable<net::error_code> write(ByteView bytes, Clock::time_point due);
    /// Says that nothing more will be written.
    void shut();
    /// The same, and waits for the server to close too: else the last bytes could be lost.
    net::awaitable<void> close(Clock::time_point due);

    /// Whether a write took too long, which ended a read too.
    bool stuck() const { return writing_.bitten(); }

    /// Ends what waits, with operation_aborted.
    void cancel();

    net::tcp::socket& socket() { return socket_; }
    /// For what others do on the socket.
    Watchdog& reading() { return reading_; }

private:
    void hang_up();

    net::tcp::resolver resolver_;
    net::tcp::socket socket_;
    bool connected_ = false;
    Watchdog reading_;
    Watchdog writing_;
};

/// What a person calls the error of a step.
std::string describe(const net::error_code& error);
/// The same of a connection that worked until then.
std::string describe_loss(const net::error_code& error);

} // namespace millrace::clients
