// Files for those who play them, read on threads that no stream waits for.
#pragma once

#include <millrace/net/workers.hpp>
#include <millrace/store/library.hpp>
#include <millrace/vod/pace.hpp>

#include <boost/asio/thread_pool.hpp>

#include <memory>

namespace millrace::vod {

/// The library with a few threads beside it. What blocks (opening, seeking, reading) runs on one of these;
/// whoever waits for it is a coroutine on its own worker. Every piece that is read is bounded, so that many
/// readers take turns.
class Shelf {
public:
    struct Settings {
        std::size_t threads = 2;
        Pace::Limits pace;
    };

    Shelf(store::Library& library, Settings settings);
    ~Shelf();
    Shelf(const Shelf&) = delete;
    Shelf& operator=(const Shelf&) = delete;

    store::Library& library() { return library_; }
    const Settings& settings() const { return settings_; }

    /// Calls something on a file thread and comes back with its result to the caller's own.
    template <class F, class R = std::invoke_result_t<F>>
    net::awaitable<R> run(F f)
    {
        std::optional<R> result;
        co_await net::asio::co_spawn(
            pool_.get_executor(),
            [&result, &f]() -> net::awaitable<void> {
                result.emplace(f());
                co_return;
            },
            net::asio::use_awaitable);
        co_return std::move(*result);
    }

    /// Finds and opens a file. Errors: those of Library::find and Library::open.
    net::awaitable<Result<std::unique_ptr<store::Title>>> open(std::string name, std::string form);
    /// Only finds it.
    net::awaitable<Result<store::Library::Found>> find(std::string name, std::string form);

    /// Waits for what the threads are doing; nothing is run any more. To be called when no worker runs,
    /// before they go.
    void stop();

private:
    store::Library& library_;
    Settings settings_;
    net::asio::thread_pool pool_;
};

} // namespace millrace::vod
