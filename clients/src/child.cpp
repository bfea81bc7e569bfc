#include "child_start.hpp"
#include <millrace/clients/child.hpp>
#include <millrace/net/notice.hpp>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <sys/wait.h>

#include <csignal>

namespace millrace::clients {
namespace {

constexpr std::size_t kMostWords = 4096;

std::string last_line(std::string_view text)
{
    while (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    const auto end = text.rfind('\n');
    return std::string{end == std::string_view::npos ? text : text.substr(end + 1)};
}

} // namespace

/// The newest of what a child says; its end is the child's end.
struct Child::Words {
    Words(const net::asio::any_io_executor& executor, int errors) : pipe{executor, errors}, ended{executor} {}

    static net::awaitable<void> listen(std::shared_ptr<Words> words)
    {
        std::string inbox(1024, '\0');
        for (;;) {
            const auto [error, count] =
                co_await words->pipe.async_read_some(net::asio::buffer(inbox), net::kNoThrow);
            if (error) {
                break;
            }
            words->text.append(inbox.data(), count);
            if (words->text.size() > kMostWords) {
                words->text.erase(0, words->text.size() - kMostWords);
            }
        }
        words->over = true;
        words->ended.notify();
    }

    net::asio::posix::stream_descriptor pipe;
    net::Notice ended;
    std::string text;
    bool over = false;
};

Result<std::unique_ptr<Child>> Child::start(const net::asio::any_io_executor& executor,
                                            const std::vector<std::string>& command, Pipe pipe)
{
    const bool reads = pipe == Pipe::input;
    const auto started = start_child(command, {.in = reads, .out = !reads, .err = true});
    if (!started) {
        return Unexpected{started.error()};
    }
    return std::unique_ptr<Child>{
        new Child{executor, started->process, reads ? started->in : started->out, started->err}};
}

Child::Child(const net::asio::any_io_executor& executor, int process, int pipe, int errors)
    : process_{process}, pipe_{executor, pipe}, words_{std::make_shared<Words>(executor, errors)}
{
    net::asio::co_spawn(executor, Words::listen(words_), net::kDetached);
}

Child::~Child()
{
    words_->pipe.cancel();
    if (process_ > 0) {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
}

net::awaitable<Outcome> Child::wait()
{
    net::error_code ignored;
    pipe_.close(ignored);
    while (!words_->over) {
        co_await words_->ended.wait();
    }
    int status = 0;
    const bool reaped = process_ > 0 && ::waitpid(process_, &status, 0) == process_;
    process_ = 0;
    if (!reaped || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
        co_return Outcome{};
    }
    auto why = last_line(words_->text);
    if (why.empty()) {
        why = WIFEXITED(status) ? fmt::format("ended with status {}", WEXITSTATUS(status))
                                : fmt::format("was killed by signal {}", WTERMSIG(status));
    }
    co_return Outcome{std::move(why)};
}

} // namespace millrace::clients
