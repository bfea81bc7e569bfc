// One stream that comes from another server.
#pragma once

#include "surroundings.hpp"
#include <millrace/clients/source.hpp>

#include <functional>
#include <memory>

namespace millrace::relay {

/// Calls its source, publishes what comes, and calls again when it is lost. Lives on its desk's worker,
/// except where it says otherwise.
class Pull final : public exchange::Session, public std::enable_shared_from_this<Pull> {
public:
    Pull(Surroundings& around, exchange::Desk& desk, Terms terms, const PullRule& rule);
    ~Pull() override;
    Pull(const Pull&) = delete;
    Pull& operator=(const Pull&) = delete;

    /// Never changes; may be read on any worker.
    const Terms& terms() const { return terms_; }
    exchange::Desk& desk() const { return desk_; }

    /// Begins to run, if it does not yet.
    void begin();
    /// Waits until the stream is there; gives why it does not come, or nothing when this pull has been
    /// retired and another one must be asked.
    static net::awaitable<std::optional<std::string>> wait(std::shared_ptr<Pull> pull, std::string route);
    /// Ends it for good.
    void end(const std::string& why);
    RelayInfo report(Clock::time_point now) const;

    /// Asked when it stopped, because nobody wants it: true when it shall not be asked again.
    std::function<bool()> on_stopped;

    // As the operator sees the publisher.
    exchange::SessionInfo info(Clock::time_point now) const override;
    void disconnect(std::string_view reason) override;

private:
    struct Waiter;

    static net::awaitable<void> run(std::shared_ptr<Pull> pull);
    net::awaitable<bool> wanted();
    net::awaitable<std::string> attempt();
    net::awaitable<std::string> receive();
    net::awaitable<void> take_all(exchange::Publication& publication);
    static net::awaitable<void> mind_demand(std::shared_ptr<Pull> pull, std::uint64_t attempt);
    net::awaitable<void> pause();
    void fail(const std::string& why);
    void answer(const std::string& why);
    void interrupt();
    bool may_be_watched() const;

    Surroundings& around_;
    exchange::Desk& desk_;
    const Terms terms_;
    const std::string shown_; ///< The URL, for people.
    const bool on_demand_;
    const Clock::duration linger_;
    const bool backup_;
    std::uint64_t number_;
    Course course_;
    std::string route_; ///< Of whoever wanted it first.
    std::unique_ptr<clients::Source> source_;
    std::vector<std::shared_ptr<Waiter>> waiters_;
    net::asio::steady_timer timer_; ///< For the pauses.
    hub::RateMeter bits_;
    std::uint64_t bytes_ = 0;
    std::uint64_t bytes_before_ = 0; ///< Of the attempts before this one.
    std::uint64_t attempt_ = 0;      ///< Counts up when one begins and when it ends.
    std::string interrupted_;        ///< Why the attempt was ended by us.
    Clock::time_point asked_;        ///< When somebody was last told to come and watch.
    bool running_ = false;
    bool left_ = false; ///< Nobody watches any more.
    bool ending_ = false;
    bool retired_ = false;
};

} // namespace millrace::relay
