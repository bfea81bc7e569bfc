// A stream that goes out over RTMP, to whichever server the present one sends us.
#pragma once

#include <millrace/clients/publisher.hpp>

namespace millrace::clients {

/// A Publisher that follows requests to connect anew: the other connection is opened beside the present one,
/// and takes over with a key frame.
class RoamingPublisher final : public Sink {
public:
    RoamingPublisher(const net::asio::any_io_executor& executor, Url url);
    ~RoamingPublisher() override;
    RoamingPublisher(const RoamingPublisher&) = delete;
    RoamingPublisher& operator=(const RoamingPublisher&) = delete;

    net::awaitable<Outcome> open() override;
    void write(const media::Item& item) override;
    net::awaitable<Outcome> finish(std::chrono::milliseconds within) override;
    void stop() override;
    bool lost() const override; ///< The last connection.
    const Outcome& outcome() const override;
    std::uint64_t bytes() const override;
    std::uint64_t dropped() const override;
    std::chrono::milliseconds backlog() const override;

    /// As that of Publisher.
    std::function<void(const std::string& code, const std::string& text)> on_record;
    /// Called with what is worth telling, also of what cannot be sent.
    std::function<void(const std::string&)> on_news;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace millrace::clients
