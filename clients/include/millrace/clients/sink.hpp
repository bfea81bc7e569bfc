// A stream that goes out, wherever it goes.
#pragma once

#include <millrace/clients/outcome.hpp>
#include <millrace/clients/url.hpp>
#include <millrace/media/container.hpp>
#include <millrace/net/asio.hpp>

#include <functional>
#include <memory>

namespace millrace::clients {

/// Takes tracks, metadata and frames with the times that the receiver shall see. Writing never waits.
class Sink {
public:
    virtual ~Sink() = default;

    /// Connects, and asks until we may send.
    virtual net::awaitable<Outcome> open() = 0;
    /// Sends an item; tracks before their frames.
    virtual void write(const media::Item& item) = 0;
    /// Sends what is held, says goodbye; at the latest after `within`. Gives what `outcome` gives.
    virtual net::awaitable<Outcome> finish(std::chrono::milliseconds within) = 0;
    /// Gives open() up; may be called at any time from the same thread.
    virtual void stop() = 0;

    /// Whether the connection is lost: nothing more can be written.
    virtual bool lost() const = 0;
    /// How it was lost, or that it was not.
    virtual const Outcome& outcome() const = 0;
    virtual std::uint64_t bytes() const = 0;   ///< That went out.
    virtual std::uint64_t dropped() const = 0; ///< Video frames.
    virtual std::chrono::milliseconds backlog() const = 0;
    /// Whether the newest group of pictures may be sent at once when a stream is joined; else it begins with
    /// the next one, because the receiver takes everything as it comes.
    virtual bool takes_past() const { return true; }

    /// Called once when it is lost.
    std::function<void()> on_lost;
    /// Called with what cannot be sent there, and why.
    std::function<void(const std::string&)> on_warning;
};

/// To publish at a URL: RTMP, RTSP, or MPEG-TS over UDP. Throws std::runtime_error for what is only played.
std::unique_ptr<Sink> make_sink(const net::asio::any_io_executor& executor, Url url);
/// Whether a stream can be sent to such a URL.
bool can_send_to(Scheme scheme);

} // namespace millrace::clients
