// A stream as one worker holds it: at home, where its publisher's frames arrive, or as a replica of its home.
#pragma once

#include <millrace/exchange/session.hpp>
#include <millrace/exchange/settings.hpp>
#include <millrace/exchange/tap.hpp>
#include <millrace/net/workers.hpp>

#include <memory>
#include <vector>

namespace millrace::exchange {

class Desk;
class Exchange;

/// Who publishes, as its stream's home knows it.
struct Publisher {
    std::uint64_t token = 0; ///< Given at the claim; what comes with another one is from a predecessor.
    std::uint64_t session = 0;
    Desk* desk = nullptr; ///< Where its session lives.
    std::string id;
    std::string protocol;
    std::string remote;
    WallTime since;
    std::string route;   ///< The servers that it came through; empty when it came from no other.
    bool backup = false; ///< It was sent to be held in reserve.
};

using Batch = std::shared_ptr<const std::vector<hub::Update>>;

/// Lives on its desk's worker and is touched by no other thread.
class LocalStream : public std::enable_shared_from_this<LocalStream> {
public:
    LocalStream(Desk& desk, std::string name, bool home, const Settings& settings);

    hub::Stream& stream() { return stream_; }
    const hub::Stream& stream() const { return stream_; }
    bool home() const { return home_; }
    bool over() const { return over_; }

    /// Lets a tap in; it begins with what snapshot() of the stream gives.
    void attach(Tap& tap) { taps_.push_back(&tap); }
    void detach(Tap& tap) { std::erase(taps_, &tap); }
    /// Those who watch here, directly or through a tap.
    Audience audience() const;

    // At home.
    const std::optional<Publisher>& publisher() const { return publisher_; }
    /// Who is held in reserve.
    const std::optional<Publisher>& backup() const { return backup_; }
    const hub::Succession& succession() const { return succession_; }
    hub::Ingest& ingest() { return ingest_; }
    /// Puts a publisher on air.
    void claim(Publisher publisher, std::chrono::nanoseconds wrap, Clock::time_point now);
    /// Puts one into reserve. Expects: there is a publisher.
    void hold(Publisher publisher, std::chrono::nanoseconds wrap, Clock::time_point now);
    /// A publisher left; the one in reserve goes on air, or a successor has the grace window to come.
    /// `stopped`: it said that it ends.
    void release(std::uint64_t token, Clock::time_point now, bool stopped = false);
    /// The same, but when nobody watches the stream is over at once.
    void finish(std::uint64_t token, Clock::time_point now);
    /// Frames of a publisher with that token, on air or in reserve; others' are dropped.
    void feed(std::uint64_t token, std::vector<media::Item> items, Clock::time_point now);
    /// Lets a replica in; what it needs to begin, and then each batch, is posted to its desk.
    void subscribe(Desk& replica, std::uint64_t subscription);
    void unsubscribe(Desk& replica, std::uint64_t subscription);
    Clock::time_point created() const { return created_; }
    WallTime created_wall() const { return created_wall_; }

    // As a replica.
    std::uint64_t subscription = 0;
    void apply(const std::vector<hub::Update>& updates, Clock::time_point now);

    /// Once a second: slow viewers' ladders, the grace window, replicas that nobody watches.
    void housekeep(Clock::time_point now);
    /// Tells viewers and replicas that the stream is over.
    void end();
    /// Lets go of the worker, which is about to go.
    void shut() { ride_.reset(); }

private:
    struct Subscriber {
        Desk* desk;
        std::uint64_t subscription;
    };

    bool leave(std::uint64_t token, Clock::time_point now);
    void settle();
    void put(Clock::time_point now);
    void flush(Clock::time_point now);
    void hand_over(std::vector<hub::Update> updates);
    net::awaitable<void> wake_at_deadline();

    Desk& desk_;
    const Settings& settings_;
    bool home_;
    bool over_ = false;
    hub::Stream stream_;
    hub::Ingest ingest_;
    hub::Succession succession_;
    std::optional<Publisher> publisher_;
    std::optional<Publisher> backup_;
    std::vector<Tap*> taps_;
    std::vector<Subscriber> subscribers_;
    std::vector<hub::Update> updates_;
    Clock::time_point lost_;    ///< Since when there is no publisher.
    Clock::time_point watched_; ///< When a replica last had a viewer.
    Clock::time_point created_;
    WallTime created_wall_;
    std::optional<net::asio::steady_timer>
        ride_; ///< For sound that waits for the next picture; none at the end.
    bool riding_ = false;
};

} // namespace millrace::exchange
