#include "command_loop.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace millrace::apps {
namespace {

constexpr int kInterrupted = 130; ///< What shells expect after SIGINT.

} // namespace

CommandLoop::CommandLoop(std::string_view command) : command_{command}, signals_{context_, SIGINT, SIGTERM}
{
    std::signal(SIGPIPE, SIG_IGN); // Who reads our output may leave: writing gives an error.
    net::asio::co_spawn(context_, await_signals(), net::kDetached);
}

net::awaitable<void> CommandLoop::await_signals()
{
    for (;;) {
        const auto [error, number] = co_await signals_.async_wait(net::kNoThrow);
        if (error) {
            co_return;
        }
        if (stopped_) {
            ::_exit(kInterrupted);
        }
        stopped_ = true;
        if (on_stop) {
            on_stop();
        }
    }
}

int CommandLoop::run(net::awaitable<int> work)
{
    int status = 1;
    net::asio::co_spawn(context_, std::move(work), [&](const std::exception_ptr& thrown, int result) {
        status = result;
        if (thrown) {
            try {
                std::rethrow_exception(thrown);
            } catch (const std::exception& error) {
                status = fail({}, error.what());
            }
        }
        on_stop = {};
        context_.stop();
    });
    context_.run();
    return status;
}

int CommandLoop::fail(std::string_view subject, std::string_view why) const
{
    const auto line = subject.empty() ? fmt::format("{}: {}\n", command_, why)
                                      : fmt::format("{}: {}: {}\n", command_, subject, why);
    std::fputs(line.c_str(), stderr);
    return 1;
}

struct Ticker::State {
    State(const net::asio::any_io_executor& executor, std::chrono::milliseconds every,
          std::function<void()> what)
        : timer{executor}, interval{every}, tick{std::move(what)}
    {
    }

    static net::awaitable<void> run(std::shared_ptr<State> state)
    {
        while (state->tick) {
            state->timer.expires_after(state->interval);
            co_await state->timer.async_wait(net::kNoThrow);
            if (state->tick) {
                state->tick();
            }
        }
    }

    net::asio::steady_timer timer;
    std::chrono::milliseconds interval;
    std::function<void()> tick; ///< None: nobody is there any more.
};

Ticker::Ticker(const net::asio::any_io_executor& executor, std::chrono::milliseconds interval,
               std::function<void()> tick)
    : state_{std::make_shared<State>(executor, interval, std::move(tick))}
{
    net::asio::co_spawn(executor, State::run(state_), net::kDetached);
}

Ticker::~Ticker()
{
    state_->tick = {};
    state_->timer.cancel();
}

} // namespace millrace::apps
