#include <millrace/relay/course.hpp>

#include <utility>

namespace millrace::relay {

std::string_view name(State state)
{
    switch (state) {
    case State::stopped: return "stopped";
    case State::connecting: return "connecting";
    case State::running: return "running";
    case State::waiting: return "waiting";
    }
    return "unknown";
}

void Course::enter(State state, Clock::time_point now)
{
    if (state_ != state) {
        state_ = state;
        since_ = now;
    }
}

void Course::connect(Clock::time_point now)
{
    ++attempts_;
    enter(State::connecting, now);
}

void Course::run(Clock::time_point now)
{
    backoff_.works(now);
    enter(State::running, now);
}

void Course::fail(std::string why, Clock::time_point now)
{
    last_error_ = std::move(why);
    next_try_ = now + backoff_.failed(now);
    enter(State::waiting, now);
}

void Course::stop(Clock::time_point now)
{
    enter(State::stopped, now);
}

} // namespace millrace::relay
