// A stream that goes out over RTMP, to whichever server the present one sends us.
#pragma once

#include <millrace/clients/publisher.hpp>

namespace millrace::clients {

/// A Publisher that follows requests to connect anew: the other connection is opened beside the present one,
/// and takes over with a key frame.
class RoamingPublisher {
public:
    RoamingPublisher(const net::asio::any_io_executor& executor, Url url);
    ~RoamingPublisher();
    RoamingPublisher(const RoamingPublisher&) = delete;
    RoamingPublisher& operator=(const RoamingPublisher&) = delete;

    // As those of Publisher.
    net::awaitable<Outcome> open();
    void write(const media::Item& item);
    net::awaitable<Outcome> finish(std::chrono::milliseconds within);
    void stop();
    bool lost() const;
    const Outcome& outcome() const;
    std::uint64_t bytes() const;
    std::uint64_t dropped() const;
    std::chrono::milliseconds backlog() const;

    /// Called once when the last connection is lost.
    std::function<void()> on_lost;
    /// As that of Publisher.
    std::function<void(const std::string& code, const std::string& text)> on_record;
    /// Called with what is worth telling, also of what cannot be sent.
    std::function<void(const std::string&)> on_news;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace millrace::clients
