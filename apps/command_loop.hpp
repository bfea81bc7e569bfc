// The event loop of a command that talks to one server.
#pragma once

#include <millrace/net/asio.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace millrace::apps {

/// Runs a command's coroutine to its end. The first SIGINT or SIGTERM asks it to come to an end, the second
/// ends the process.
class CommandLoop {
public:
    /// `command` stands before what goes wrong: "millrace play".
    explicit CommandLoop(std::string_view command);

    net::asio::any_io_executor executor() { return context_.get_executor(); }

    /// Gives the exit status. What the coroutine throws is told to the user: status 1.
    int run(net::awaitable<int> work);

    /// What is to be done when the user wants it to end.
    std::function<void()> on_stop;
    bool stopped() const { return stopped_; }

    /// Tells the user why it did not work, on a line of its own; gives the exit status.
    int fail(std::string_view subject, std::string_view why) const;

private:
    net::awaitable<void> await_signals();

    std::string_view command_;
    net::asio::io_context context_{1};
    net::asio::signal_set signals_;
    bool stopped_ = false;
};

/// Calls something again and again for as long as this lives.
class Ticker {
public:
    Ticker(const net::asio::any_io_executor& executor, std::chrono::milliseconds interval,
           std::function<void()> tick);
    ~Ticker();
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace millrace::apps
