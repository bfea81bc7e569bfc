// A bell between coroutines of one worker.
#pragma once

#include <millrace/net/asio.hpp>

namespace millrace::net {

/// One coroutine waits, others ring. A ring with nobody waiting is kept for the next wait; two are one.
class Notice {
public:
    explicit Notice(const asio::any_io_executor& executor)
        : timer_{executor, asio::steady_timer::time_point::max()}
    {
    }

    void notify()
    {
        rung_ = true;
        timer_.cancel();
    }

    /// Ends at the next ring, or at once when it was rung since the last wait.
    awaitable<void> wait()
    {
        while (!rung_) {
            timer_.expires_at(asio::steady_timer::time_point::max());
            co_await timer_.async_wait(kNoThrow);
        }
        rung_ = false;
    }

private:
    asio::steady_timer timer_;
    bool rung_ = false;
};

} // namespace millrace::net
