// Two real workers with an exchange, and those who watch and publish on them.
#pragma once

#include <millrace/exchange/exchange.hpp>

#include <future>

namespace millrace::exchange {

using namespace std::chrono_literals;

class CountingMuxer : public media::Muxer {
public:
    void prologue(const media::Head&, MediaTime, media::Pieces&) const override {}
    void write(const media::Track&, MediaTime, media::Pieces&) override {}
    void write(const media::Metadata&, MediaTime, media::Pieces&) override {}
    void write(const media::Frame& frame, bool, media::Pieces& out) override { out.push_back(frame.payload); }
};

inline const hub::Packaging kPlain{.key = "plain", .make = [] { return std::make_unique<CountingMuxer>(); }};

/// A viewer that counts what it gets and can be waited for.
struct CountingViewer : hub::Outlet {
    explicit CountingViewer(LocalStream& stream) : viewer{*this, {}, Clock::now()}
    {
        stream.stream().attach(viewer, kPlain);
    }
    void flush(Clock::time_point now) override
    {
        viewer.step(now);
        for (const auto& piece : viewer.take(SIZE_MAX, now)) {
            bytes += piece.size();
        }
    }
    void ended() override { over = true; }

    std::atomic<std::size_t> bytes = 0;
    std::atomic<bool> over = false;
    hub::Viewer viewer;
};

struct Someone : Session {
    SessionInfo info(Clock::time_point) const override { return {.protocol = "test"}; }
    void disconnect(std::string_view reason) override { told.set_value(std::string{reason}); }
    std::promise<std::string> told;
};

struct House {
    std::unique_ptr<net::Workers> workers = std::make_unique<net::Workers>(2);
    Exchange exchange;

    explicit House(Settings settings = {.grace = 300ms, .silence = 100ms})
        : exchange{*workers, std::move(settings)}
    {
        workers->start();
        exchange.start();
    }
    ~House()
    {
        workers->stop();
        exchange.clear();
        workers.reset();
    }

    /// Runs a coroutine on a worker and waits for its result.
    template <class F>
    auto on(std::size_t worker, F f)
    {
        using R = typename std::invoke_result_t<F>::value_type;
        std::promise<R> result;
        (*workers)[worker].spawn([&]() -> net::awaitable<void> { result.set_value(co_await f()); });
        return result.get_future().get();
    }
    template <class F>
    auto call(std::size_t worker, F f)
    {
        std::promise<decltype(f())> result;
        (*workers)[worker].post([&] { result.set_value(f()); });
        return result.get_future().get();
    }

    Result<std::unique_ptr<Publication>> publish(std::size_t worker, Claim claim)
    {
        return on(worker, [&]() -> net::awaitable<Result<std::unique_ptr<Publication>>> {
            co_return co_await exchange.publish(exchange.desk(worker), std::move(claim));
        });
    }
    Result<std::unique_ptr<Publication>> publish(std::size_t worker, std::uint64_t session = 1)
    {
        return publish(worker, Claim{.stream = "live/cam", .session = session, .protocol = "test"});
    }
    Result<std::shared_ptr<LocalStream>> watch(std::size_t worker)
    {
        return on(worker, [&]() -> net::awaitable<Result<std::shared_ptr<LocalStream>>> {
            co_return co_await exchange.watch(exchange.desk(worker), "live/cam");
        });
    }
    void push(std::size_t worker, Publication& publication, std::int64_t ms, bool key)
    {
        call(worker, [&] {
            std::vector<media::Item> items;
            items.emplace_back(media::Track{.id = 0, .kind = media::Kind::video});
            items.emplace_back(media::Frame{.track = 0,
                                            .kind = media::Kind::video,
                                            .key = key,
                                            .dts = media_ms(ms),
                                            .payload = SharedBytes{Bytes(10)}});
            publication.push(items);
            return 0;
        });
    }
    /// Waits for the condition, which is not asked again once it holds; half a minute at least.
    static bool eventually(const std::function<bool()>& condition)
    {
        for (int i = 0; i < 3000; ++i) {
            if (condition()) {
                return true;
            }
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }
};

} // namespace millrace::exchange
