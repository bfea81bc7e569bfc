// Publishes an FLV file in real time: publish_file FILE URL
#include "run.hpp"
#include <millrace/clients/pacing.hpp>
#include <millrace/clients/publisher.hpp>

namespace {

namespace clients = millrace::clients;
using namespace std::chrono_literals;

example::awaitable<int> publish(example::Executor executor, std::string file, std::string url)
{
    auto input = clients::make_input(executor, file);
    clients::Publisher publisher{executor, clients::parse_url(url)};
    auto outcome = co_await input->open();
    if (outcome) {
        outcome = co_await publisher.open();
    }
    clients::Timeline timeline; // One line of time, whatever jumps the file makes.
    clients::Pacer pacer;       // And when each of its frames is due.
    boost::asio::steady_timer pause{executor};
    while (outcome && !publisher.lost()) {
        auto item = co_await input->next();
        if (!item) {
            break;
        }
        if (auto* frame = std::get_if<millrace::media::Frame>(&*item)) {
            const auto now = millrace::Clock::now();
            frame->dts = timeline.map(*frame, now);
            pause.expires_at(pacer.due(frame->dts, now));
            co_await pause.async_wait(millrace::net::kNoThrow);
        }
        publisher.write(*item);
    }
    if (outcome) {
        outcome = co_await publisher.finish(5s);
    }
    std::printf("%s: %llu bytes sent%s%s\n", url.c_str(), static_cast<unsigned long long>(publisher.bytes()),
                outcome ? "" : ": ", outcome.why.c_str());
    co_return outcome ? 0 : 1;
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 3) {
        std::fprintf(stderr, "usage: publish_file FILE.flv rtmp://HOST/APP/NAME\n");
        return 2;
    }
    return example::run([&](auto executor) { return publish(executor, arguments[1], arguments[2]); });
}
