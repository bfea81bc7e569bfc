// One worker a core: an event loop and a thread that nobody else's sessions run on.
#pragma once

#include <millrace/net/asio.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace millrace::net {

/// An event loop with one thread. Sessions live their whole life on one worker and so never lock.
class Worker {
public:
    explicit Worker(std::size_t index) : index_{index} {}

    std::size_t index() const { return index_; }
    asio::io_context& context() { return context_; }
    asio::any_io_executor executor() { return context_.get_executor(); }

    /// Runs a coroutine on this worker; may be called from any thread.
    template <class Coroutine>
    void spawn(Coroutine&& coroutine)
    {
        asio::co_spawn(context_, std::forward<Coroutine>(coroutine), kDetached);
    }

    /// Calls something on this worker; calls that one thread posts happen in their order.
    template <class F>
    void post(F&& f)
    {
        asio::post(context_, std::forward<F>(f));
    }

private:
    std::size_t index_;
    asio::io_context context_{1};
};

/// Calls `f` on another worker and comes back with its result to the caller's own.
template <class F, class R = std::invoke_result_t<F>>
awaitable<R> run_on(Worker& worker, F f)
{
    std::optional<R> result;
    co_await asio::co_spawn(
        worker.context(),
        [&result, &f]() -> awaitable<void> {
            result.emplace(f());
            co_return;
        },
        asio::use_awaitable);
    co_return std::move(*result);
}

/// All workers of the house.
class Workers {
public:
    /// `count` 0: one a core.
    explicit Workers(std::size_t count);
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    std::size_t size() const { return workers_.size(); }
    Worker& operator[](std::size_t index) { return *workers_[index]; }

    /// Starts the threads.
    void start();
    /// Stops the loops and waits for the threads.
    void stop();

private:
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
    std::vector<std::thread> threads_;
};

} // namespace millrace::net
