// Where a relay stands on its way, and whether anybody wants it.
#pragma once

#include <millrace/clients/backoff.hpp>

#include <string>
#include <string_view>

namespace millrace::relay {

enum class State : std::uint8_t {
    stopped,    ///< Nobody wants it.
    connecting, ///< Calls the other server, or waits for its first frame.
    running,    ///< Media flows.
    waiting,    ///< For the next try.
};

std::string_view name(State state);

/// The states of one relay, told by whoever runs it.
class Course {
public:
    Course(clients::Backoff::Limits limits, clients::Backoff::Random random, Clock::time_point now)
        : backoff_{limits, std::move(random)}, since_{now}
    {
    }

    void connect(Clock::time_point now);
    void run(Clock::time_point now);
    /// It failed, or was lost. The next try is due at next_try().
    void fail(std::string why, Clock::time_point now);
    void stop(Clock::time_point now);

    State state() const { return state_; }
    Clock::time_point since() const { return since_; }
    std::uint64_t attempts() const { return attempts_; }
    const std::string& last_error() const { return last_error_; }
    /// No try before this; also when it was stopped meanwhile.
    Clock::time_point next_try() const { return next_try_; }

private:
    void enter(State state, Clock::time_point now);

    clients::Backoff backoff_;
    State state_ = State::stopped;
    Clock::time_point since_;
    std::uint64_t attempts_ = 0;
    std::string last_error_;
    Clock::time_point next_try_;
};

/// Whether what is relayed on demand is wanted: while somebody watches or waits, and some time after.
class Demand {
public:
    Demand(Clock::duration linger, Clock::time_point now) : linger_{linger}, seen_{now} {}

    /// So many are there now.
    void see(std::size_t audience, Clock::time_point now)
    {
        if (audience > 0) {
            seen_ = now;
        }
    }
    bool wanted(Clock::time_point now) const { return now - seen_ < linger_; }

private:
    Clock::duration linger_;
    Clock::time_point seen_; ///< When somebody was last there.
};

} // namespace millrace::relay
