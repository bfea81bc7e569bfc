// A stream that comes in, wherever it comes from.
#pragma once

#include <millrace/clients/outcome.hpp>
#include <millrace/clients/url.hpp>
#include <millrace/media/container.hpp>
#include <millrace/net/asio.hpp>

#include <functional>
#include <memory>

namespace millrace::clients {

/// Tracks, metadata and frames from a server, a file or a program; frames have the source's own timestamps.
///
/// One coroutine opens it and then asks for item after item until there are no more; `stop` may be called at
/// any time from the same thread.
class Source {
public:
    /// How long we wait.
    struct Limits {
        std::chrono::milliseconds connect{10000};
        std::chrono::milliseconds answer{15000};  ///< To a request.
        std::chrono::milliseconds silence{30000}; ///< Of a stream that goes on.
        std::chrono::milliseconds goodbye{1000};
        /// What comes faster than it is watched, such as recordings over HLS, is given on as fast as it is
        /// watched.
        bool paced = false;
    };

    virtual ~Source() = default;

    /// Connects, and asks for the stream until it is ours.
    virtual net::awaitable<Outcome> open() = 0;

    /// The next item; none when the stream is over: `outcome` says whether in good order.
    virtual net::awaitable<std::optional<media::Item>> next() = 0;

    /// Ends in good order: what waits ends soon, next() gives none.
    virtual void stop() = 0;

    const Outcome& outcome() const { return outcome_; }
    std::uint64_t bytes() const { return bytes_; }
    /// Once it is open: the servers that the stream came through, as a server like this one tells them to a
    /// relay; else empty.
    const std::string& route() const { return route_; }

    /// Called with what is wrong in the stream and was passed over.
    std::function<void(const std::string&)> on_warning;

protected:
    void warn(const std::string& text) const
    {
        if (on_warning) {
            on_warning(text);
        }
    }

    Outcome outcome_;
    std::uint64_t bytes_ = 0;
    std::string route_;
};

/// The stream at a URL: RTMP, RTSP, FLV or MPEG-TS over HTTP or WebSocket, HLS, MPEG-TS over UDP.
std::unique_ptr<Source> make_source(const net::asio::any_io_executor& executor, Url url);
std::unique_ptr<Source> make_source(const net::asio::any_io_executor& executor, Url url,
                                    Source::Limits limits);

/// A file, or what a program makes: "-" is FLV on standard input, "test:" the test picture, anything else the
/// name of a file: FLV, MP4 (`.mp4 .m4v .m4a .mov`); what is neither is taken apart by the command ffmpeg.
std::unique_ptr<Source> make_input(const net::asio::any_io_executor& executor, std::string name);

} // namespace millrace::clients
