// How long to wait before a server is called again.
#pragma once

#include <millrace/base/clock.hpp>

#include <functional>
#include <optional>

namespace millrace::clients {

/// Pauses that double from the first to the longest, each shortened by up to a half at random, so that those
/// who lost the same server do not all come back at once. A connection that was stable begins them anew.
class Backoff {
public:
    struct Limits {
        Clock::duration first = std::chrono::seconds{1};
        Clock::duration longest = std::chrono::seconds{30};
        Clock::duration stable = std::chrono::minutes{1};
    };
    /// From 0 up to and without 1.
    using Random = std::function<double()>;

    Backoff(Limits limits, Random random) : limits_{limits}, random_{std::move(random)} {}

    /// The connection does what it should.
    void works(Clock::time_point now);
    /// It does not, or no more; gives how long to wait.
    Clock::duration failed(Clock::time_point now);

private:
    Limits limits_;
    Random random_;
    Clock::duration next_{0};
    std::optional<Clock::time_point> works_since_;
};

/// Of this machine.
Backoff::Random make_random();

} // namespace millrace::clients
