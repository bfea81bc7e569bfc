#include <millrace/clients/backoff.hpp>

#include <algorithm>
#include <random>

namespace millrace::clients {

void Backoff::works(Clock::time_point now)
{
    works_since_ = now;
}

Clock::duration Backoff::failed(Clock::time_point now)
{
    const bool was_stable = works_since_ && now - *works_since_ >= limits_.stable;
    works_since_.reset();
    if (was_stable || next_ == Clock::duration::zero()) {
        next_ = limits_.first;
    }
    const auto pause = std::min(next_, limits_.longest);
    next_ = std::min(pause * 2, limits_.longest);
    const auto part = 1.0 - random_() / 2;
    return std::chrono::duration_cast<Clock::duration>(pause * part);
}

Backoff::Random make_random()
{
    return [engine = std::mt19937_64{std::random_device{}()}]() mutable {
        return std::uniform_real_distribution<double>{}(engine);
    };
}

} // namespace millrace::clients
