// One connection that we make: TCP, TLS where the URL wants it, a tunnel where it wants that.
#pragma once

#include <millrace/base/bytes.hpp>
#include <millrace/clients/outcome.hpp>
#include <millrace/clients/url.hpp>
#include <millrace/net/channel.hpp>
#include <millrace/net/watchdog.hpp>

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

    /// Expects: connect() has given a good outcome.
    net::Channel& channel() { return *channel_; }
    /// For what others do on the channel.
    net::Watchdog& reading() { return reading_; }

private:
    void hang_up();
    net::awaitable<Outcome> dial(const Url& url);
    net::awaitable<Outcome> secure(const Url& url);

    net::tcp::resolver resolver_;
    net::tcp::socket dialled_; ///< Until the channel has it.
    std::shared_ptr<net::Channel> channel_;
    bool connected_ = false;
    net::Watchdog reading_;
    net::Watchdog writing_;
};

/// What a person calls the error of a step.
std::string describe(const net::error_code& error);
/// The same of a connection that worked until then.
std::string describe_loss(const net::error_code& error);

} // namespace millrace::clients
