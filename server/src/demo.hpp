// The built-in test picture, published as live/demo.
#pragma once

#include <millrace/exchange/exchange.hpp>

namespace millrace::server {

/// Runs ffmpeg as a child process and publishes what it makes, until told to stop. When ffmpeg ends it is
/// started again, less and less often.
class Demo {
public:
    Demo(exchange::Exchange& exchange, exchange::Desk& desk);
    ~Demo();
    Demo(const Demo&) = delete;
    Demo& operator=(const Demo&) = delete;

    /// To be spawned on the desk's worker.
    net::awaitable<void> run();
    /// Ends the child and the coroutine. To be called on the desk's worker.
    void stop();

private:
    struct Child;
    net::awaitable<bool> publish_one();

    exchange::Exchange& exchange_;
    exchange::Desk& desk_;
    std::unique_ptr<Child> child_;
    net::asio::steady_timer pause_;
    bool stopping_ = false;
};

} // namespace millrace::server
