// One stream on its way to another server.
#pragma once

#include "surroundings.hpp"
#include <millrace/clients/sink.hpp>
#include <millrace/net/notice.hpp>

#include <functional>
#include <memory>

namespace millrace::relay {

/// Publishes a stream elsewhere for as long as it is there: frames as they stand on the timeline, payloads
/// shared with it. Each connection begins with the newest GOP; the times are the stream's own, so they go on
/// behind a lost connection. Lives on the stream's home worker, except where it says otherwise.
class Push final : public exchange::Tap, public std::enable_shared_from_this<Push> {
public:
    Push(Surroundings& around, exchange::Desk& desk, Terms terms,
         std::shared_ptr<exchange::LocalStream> stream);
    ~Push() override;
    Push(const Push&) = delete;
    Push& operator=(const Push&) = delete;

    /// Never changes; may be read on any worker.
    const Terms& terms() const { return terms_; }
    exchange::Desk& desk() const { return desk_; }

    /// Runs until the stream is over, or end().
    void begin();
    void end();
    RelayInfo report(Clock::time_point now) const;

    /// Called when it has ended.
    std::function<void()> on_ended;

    void take(std::span<const hub::Update> updates) override;
    void ended() override { end(); }

private:
    static net::awaitable<void> run(std::shared_ptr<Push> push);
    net::awaitable<std::string> attempt();
    void fail(const std::string& why);
    void begin_writing();
    void write(const hub::Update& update);

    Surroundings& around_;
    exchange::Desk& desk_;
    const Terms terms_;
    const std::string shown_;
    std::shared_ptr<exchange::LocalStream> stream_; ///< None: it is over.
    Course course_;
    std::unique_ptr<clients::Sink> publisher_;
    net::Notice news_;
    net::asio::steady_timer timer_;
    hub::RateMeter bits_;
    std::uint64_t bytes_before_ = 0; ///< Of the connections before this one.
    std::uint64_t dropped_before_ = 0;
    bool writing_ = false;
    bool wants_key_ = false; ///< Nothing has been written that what comes could refer to.
    bool ending_ = false;
};

} // namespace millrace::relay
