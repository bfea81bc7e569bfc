// A stream that goes out, over RTMP.
#pragma once

#include <millrace/clients/source.hpp>

#include <functional>
#include <memory>

namespace millrace::clients {

/// Publishes tracks, metadata and frames over RTMP. Writing never waits: what the connection has no room for
/// is held, control before audio before video, and when that is more than a promised time, video is dropped
/// up to the next key frame. Tracks with a number, and times in nanoseconds, go to servers that announced
/// that they read them.
class Publisher {
public:
    struct Limits {
        Source::Limits line;
        std::chrono::milliseconds backlog{2000}; ///< Of media time, before video is dropped.
    };

    Publisher(const net::asio::any_io_executor& executor, Url url);
    Publisher(const net::asio::any_io_executor& executor, Url url, Limits limits);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// Connects, and asks until we may publish.
    net::awaitable<Outcome> open();

    /// Sends an item; tracks before their frames, frames with the times that the server shall see.
    void write(const media::Item& item);

    /// Sends what is held, says goodbye; at the latest after `within`. Gives what `outcome` gives.
    net::awaitable<Outcome> finish(std::chrono::milliseconds within);

    /// Gives open() up; may be called at any time from the same thread.
    void stop();

    /// Whether the connection is lost: nothing more can be written.
    bool lost() const;
    /// Called once when it is.
    std::function<void()> on_lost;
    /// What the server says of the recording: the code, such as NetStream.Record.Start, and its own words.
    std::function<void(const std::string& code, const std::string& text)> on_record;

    /// Called with what cannot be sent to this server, and why.
    std::function<void(const std::string&)> on_warning;

    /// Called when the server asks us to connect anew, there: "rtmp://HOST:PORT/APP".
    std::function<void(const std::string& tc_url)> on_move_asked;

    /// How the connection was lost, or that it was not.
    const Outcome& outcome() const;
    std::uint64_t bytes() const;   ///< That went out.
    std::uint64_t dropped() const; ///< Video frames.
    std::chrono::milliseconds backlog() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace millrace::clients
