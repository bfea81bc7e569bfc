// This server without its doors: two workers, an exchange and its relays, and one who watches.
#pragma once

#include "elsewhere.hpp"
#include <millrace/relay/relays.hpp>

#include <gtest/gtest.h>

#include <future>

namespace millrace::relay {

/// Frames that pass by.
struct Bell : hub::Outlet {
    void flush(Clock::time_point) override { ++rings; }
    void ended() override { over = true; }
    std::atomic<int> rings{0};
    std::atomic<bool> over{false};
};

inline Settings quick(Settings settings)
{
    settings.pause = {.first = 100ms, .longest = 200ms};
    settings.wait = 5s;
    settings.random = [] { return 0.0; };
    return settings;
}

/// This server, without doors.
struct House {
    explicit House(Settings settings, exchange::Settings streams = {.grace = 1s, .silence = 1s})
        : exchange{*workers, std::move(streams)}, relays{exchange, quick(std::move(settings))}
    {
        exchange.set_relay(&relays);
        workers->start();
        exchange.start();
        relays.start();
    }
    ~House()
    {
        relays.stop();
        EXPECT_TRUE(eventually([this] { return relays.running() == 0; })) << "all end when told to";
        workers->stop();
        exchange.clear();
        relays.clear();
        workers.reset();
    }

    template <class F>
    auto on(std::size_t worker, F f)
    {
        using R = typename std::invoke_result_t<F>::value_type;
        std::promise<R> result;
        (*workers)[worker].spawn([&]() -> net::awaitable<void> { result.set_value(co_await f()); });
        return result.get_future().get();
    }
    std::string watch(const std::string& name, std::string route = {})
    {
        std::string why;
        auto found = on(1, [&]() -> net::awaitable<Result<std::shared_ptr<exchange::LocalStream>>> {
            co_return co_await exchange.watch(exchange.desk(1), name, route, &why);
        });
        if (found) {
            stream = *found;
        } else if (why.empty()) {
            why = found.error().message();
        }
        return why;
    }
    /// A viewer on worker 1.
    void attach()
    {
        on(1, [&]() -> net::awaitable<bool> {
            viewer = std::make_unique<hub::Viewer>(bell, hub::Viewer::Options{}, Clock::now());
            stream->stream().attach(
                *viewer, {.key = "rtmp/1", .make = [] { return std::make_unique<rtmp::Muxer>(1); }});
            co_return true;
        });
    }
    void leave()
    {
        on(1, [&]() -> net::awaitable<bool> {
            viewer.reset();
            stream.reset();
            co_return true;
        });
    }
    Report report()
    {
        return on(0, [&]() -> net::awaitable<Report> { co_return co_await relays.report(); });
    }
    RelayInfo only()
    {
        const auto all = report().relays;
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? RelayInfo{} : all[0];
    }
    std::unique_ptr<exchange::Publication> publish(const std::string& name, std::string route = {})
    {
        auto claimed = on(0, [&]() -> net::awaitable<Result<std::unique_ptr<exchange::Publication>>> {
            exchange::Claim claim{.stream = name, .protocol = "test", .route = route};
            co_return co_await exchange.publish(exchange.desk(0), std::move(claim));
        });
        return std::move(*claimed);
    }
    void push(exchange::Publication& publication, std::int64_t ms, bool key)
    {
        on(0, [&]() -> net::awaitable<bool> {
            std::vector<media::Item> items{kVideo, video_frame(ms, key)};
            publication.push(items);
            co_return true;
        });
    }

    std::unique_ptr<net::Workers> workers = std::make_unique<net::Workers>(2);
    exchange::Exchange exchange;
    Relays relays;
    std::shared_ptr<exchange::LocalStream> stream;
    Bell bell;
    std::unique_ptr<hub::Viewer> viewer;
};

} // namespace millrace::relay
