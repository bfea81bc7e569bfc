// A stream that goes out, over RTMP.
#pragma once

#include <millrace/clients/sink.hpp>
#include <millrace/clients/source.hpp>

#include <functional>
#include <memory>

namespace millrace::clients {

/// Publishes tracks, metadata and frames over RTMP. Writing never waits: what the connection has no room for
/// is held, control before audio before video, and when that is more than a promised time, video is dropped
/// up to the next key frame. Tracks with a number, and times in nanoseconds, go to servers that announced
/// that they read them.
class Publisher final : public Sink {
public:
    struct Limits {
        Source::Limits line;
        std::chrono::milliseconds backlog{2000}; ///< Of media time, before video is dropped.
    };

    Publisher(const net::asio::any_io_executor& executor, Url url);
    Publisher(const net::asio::any_io_executor& executor, Url url, Limits limits);
    ~Publisher() override;
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    net::awaitable<Outcome> open() override;
    void write(const media::Item& item) override;
    net::awaitable<Outcome> finish(std::chrono::milliseconds within) override;
    void stop() override;
    bool lost() const override;
    const Outcome& outcome() const override;
    std::uint64_t bytes() const override;
    std::uint64_t dropped() const override;
    std::chrono::milliseconds backlog() const override;

    /// What the server says of the recording: the code, such as NetStream.Record.Start, and its own words.
    std::function<void(const std::string& code, const std::string& text)> on_record;
    /// Called when the server asks us to connect anew, there: "rtmp://HOST:PORT/APP".
    std::function<void(const std::string& tc_url)> on_move_asked;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace millrace::clients
