// An RTMP connection that we make: the core on a line.
#pragma once

#include "line.hpp"
#include "rtmp_way.hpp"
#include <millrace/clients/source.hpp>
#include <millrace/rtmp/client.hpp>

namespace millrace::clients {

/// What the source and the publisher share: opening, hearing and saying.
class RtmpConnection {
public:
    RtmpConnection(const net::asio::any_io_executor& executor, Url url, rtmp::Client::Role role,
                   Source::Limits limits);

    /// Until the server lets us publish or play, which may take several connections: redirects are followed,
    /// challenges answered. What it said after that waits in the core's events.
    net::awaitable<Outcome> open();

    /// Reads once. After it, the core's events must be taken before the outcome is believed: it may be that
    /// the server said why.
    net::awaitable<Outcome> hear(Clock::time_point due);

    /// Writes what the core has to say, at most about `most` bytes.
    net::awaitable<Outcome> say(std::size_t most = SIZE_MAX);

    /// Says goodbye.
    net::awaitable<void> leave(std::chrono::milliseconds within);

    /// A connection to where the server asks us to connect anew; none, with the reason, when we cannot go
    /// there.
    std::unique_ptr<RtmpConnection> elsewhere(const std::string& tc_url, Outcome& why) const;

    rtmp::Client& core() { return *core_; }
    Line& line() { return *line_; }
    const Url& url() const { return way_.url(); }
    /// The servers that the stream came through, as the server told; empty when it did not.
    const std::string& route() const { return route_; }
    const Source::Limits& limits() const { return limits_; }
    std::uint64_t bytes_in() const { return bytes_in_; }
    std::uint64_t bytes_out() const { return bytes_out_; }

private:
    net::awaitable<Outcome> open_once();
    net::awaitable<Outcome> shake_hands();
    net::awaitable<Outcome> say_clear();

    net::asio::any_io_executor executor_;
    RtmpWay way_;
    rtmp::Client::Role role_;
    Source::Limits limits_;
    std::unique_ptr<Line> line_;
    std::optional<rtmp::Refused> refused_;
    std::unique_ptr<rtmp::Client> core_; ///< From open() on.
    Bytes inbox_;
    std::string route_;
    bool enciphered_ = false;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
};

/// "refused: live/cam: no such stream (NetStream.Play.StreamNotFound)".
Outcome to_outcome(const rtmp::Refused& refused, std::string_view word = "refused");

} // namespace millrace::clients
