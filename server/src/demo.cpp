#include "demo.hpp"

#include <millrace/clients/test_picture.hpp>
#include <millrace/flv/demuxer.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

extern char** environ;

namespace millrace::server {
namespace {

constexpr const char* kName = "live/demo";
constexpr std::chrono::milliseconds kWrap{std::int64_t{1} << 32};
constexpr std::chrono::seconds kFirstPause{1};
constexpr std::chrono::seconds kLongestPause{30};

/// Starts a program with its standard output in a pipe; gives the process and the pipe's other end.
Result<std::pair<pid_t, int>> start(const std::vector<std::string>& command)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return Unexpected{Error{{errno, std::system_category()}}};
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // A group of its own: Ctrl-C in the terminal is for the server, which ends the child itself.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const auto& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    pid_t process = 0;
    const int failed =
        ::posix_spawnp(&process, arguments[0], &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failed != 0) {
        ::close(ends[0]);
        return Unexpected{Error{{failed, std::system_category()}}};
    }
    return std::pair{process, ends[0]};
}

} // namespace

/// The running ffmpeg; ended and reaped when this goes.
struct Demo::Child {
    Child(pid_t id, int pipe, const net::asio::any_io_executor& executor)
        : process{id}, output{executor, pipe}
    {
    }
    ~Child()
    {
        ::kill(process, SIGKILL);
        ::waitpid(process, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t process;
    net::asio::posix::stream_descriptor output;
};

Demo::Demo(exchange::Exchange& exchange, exchange::Desk& desk)
    : exchange_{exchange}, desk_{desk}, pause_{desk.worker().executor()}
{
}

Demo::~Demo() = default;

net::awaitable<void> Demo::run()
{
    auto pause = kFirstPause;
    while (!stopping_) {
        const bool published = co_await publish_one();
        pause = published ? kFirstPause : std::min(pause * 2, kLongestPause);
        if (!stopping_) {
            pause_.expires_after(pause);
            co_await pause_.async_wait(net::kNoThrow);
        }
    }
}

/// Gives true when at least one frame was published.
net::awaitable<bool> Demo::publish_one()
{
    auto started = start(clients::test_picture_command());
    if (!started) {
        spdlog::error("{}: cannot start ffmpeg: {}; install the package ffmpeg", kName,
                      started.error().message());
        co_return false;
    }
    child_ = std::make_unique<Child>(started->first, started->second, desk_.worker().executor());
    exchange::Claim claim{
        .stream = kName, .session = 0, .protocol = "demo", .remote = "built in", .wrap = kWrap};
    auto publication = co_await exchange_.publish(desk_, std::move(claim));
    if (!publication) {
        spdlog::warn("{}: {}", kName, publication.error().message());
        child_.reset();
        co_return false;
    }
    flv::Demuxer demuxer;
    std::vector<media::Item> items;
    std::vector<std::uint8_t> inbox(std::size_t{64} * 1024);
    bool any = false;
    for (;;) {
        const auto [error, count] =
            co_await child_->output.async_read_some(net::asio::buffer(inbox), net::kNoThrow);
        if (error || stopping_ || !demuxer.feed(ByteView{inbox}.first(count))) {
            break;
        }
        while (auto item = demuxer.next()) {
            any = any || std::holds_alternative<media::Frame>(*item);
            items.push_back(std::move(*item));
        }
        (*publication)->push(items);
    }
    if (!stopping_) {
        spdlog::error("{}: ffmpeg ended; starting it again", kName);
    }
    child_.reset();
    co_return any;
}

void Demo::stop()
{
    stopping_ = true;
    pause_.cancel();
    if (child_) {
        net::error_code ignored;
        child_->output.cancel(ignored);
    }
}

} // namespace millrace::server
