// Takes a stream from one server to another, and calls again when either is lost: relay FROM TO
#include "run.hpp"
#include <millrace/clients/backoff.hpp>
#include <millrace/clients/publisher.hpp>

namespace {

namespace clients = millrace::clients;
using namespace std::chrono_literals;

/// One try: until a side is lost. Tells whether the stream was under way, and why it is not any more.
example::awaitable<clients::Outcome> carry(example::Executor executor, std::string from, std::string to,
                                           clients::Backoff& backoff)
{
    const std::shared_ptr<clients::Source> source = clients::make_source(executor, clients::parse_url(from));
    clients::Publisher publisher{executor, clients::parse_url(to)};
    auto outcome = co_await source->open();
    if (outcome) {
        outcome = co_await publisher.open();
    }
    if (!outcome) {
        co_return outcome;
    }
    backoff.works(millrace::Clock::now());
    publisher.on_lost = [source] { source->stop(); };
    while (const auto item = co_await source->next()) {
        publisher.write(*item);
    }
    outcome = co_await publisher.finish(1s);
    co_return outcome ? source->outcome() : outcome;
}

example::awaitable<int> relay(example::Executor executor, std::string from, std::string to)
{
    clients::Backoff backoff{{.first = 500ms, .longest = 10s}, clients::make_random()};
    boost::asio::steady_timer pause{executor};
    for (;;) {
        const auto outcome = co_await carry(executor, from, to, backoff);
        if (outcome) {
            co_return 0; // The stream has ended in good order.
        }
        pause.expires_after(backoff.failed(millrace::Clock::now()));
        std::fprintf(stderr, "%s; calling again\n", outcome.why.c_str());
        co_await pause.async_wait(millrace::net::kNoThrow);
    }
}

} // namespace

int main(int count, char** arguments)
{
    return count == 3
               ? example::run([&](auto executor) { return relay(executor, arguments[1], arguments[2]); })
               : 2;
}
