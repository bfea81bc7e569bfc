// A limit to how long something may take.
#pragma once

#include <millrace/base/clock.hpp>
#include <millrace/net/asio.hpp>

#include <boost/asio/co_spawn.hpp>

#include <functional>
#include <memory>

namespace millrace::net {

/// Bites when the time that was set is over. Setting it again and again, each time later, costs nothing.
class Watchdog {
public:
    Watchdog(const asio::any_io_executor& executor, std::function<void()> bite)
        : state_{std::make_shared<State>(executor, std::move(bite))}
    {
        asio::co_spawn(executor, watch(state_), kDetached);
    }
    ~Watchdog()
    {
        state_->bite = {};
        state_->timer.cancel();
    }
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    void set(Clock::time_point due)
    {
        state_->due = due;
        state_->bitten = false;
        if (due < state_->timer.expiry()) {
            state_->timer.cancel();
        }
    }
    void rest() { state_->due = Clock::time_point::max(); }

    /// Whether it has bitten since it was set.
    bool bitten() const { return state_->bitten; }

private:
    struct State {
        State(const asio::any_io_executor& executor, std::function<void()> what)
            : timer{executor, Clock::time_point::max()}, bite{std::move(what)}
        {
        }
        asio::steady_timer timer;
        std::function<void()> bite; ///< None: nobody is there any more.
        Clock::time_point due = Clock::time_point::max();
        bool bitten = false;
    };

    static awaitable<void> watch(std::shared_ptr<State> state)
    {
        while (state->bite) {
            state->timer.expires_at(state->due);
            co_await state->timer.async_wait(kNoThrow);
            if (state->bite && Clock::now() >= state->due) {
                state->due = Clock::time_point::max();
                state->bitten = true;
                state->bite();
            }
        }
    }

    std::shared_ptr<State> state_;
};

} // namespace millrace::net
