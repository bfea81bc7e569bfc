#include "child_start.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

extern char** environ;

namespace millrace::clients {
namespace {

/// A pipe whose ends are closed with it, but for those that were taken out.
class Pipe {
public:
    Pipe() = default;
    ~Pipe()
    {
        for (const int end : ends_) {
            if (end >= 0) {
                ::close(end);
            }
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    bool open() { return ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
    int end(std::size_t which) const { return ends_[which]; }
    int take(std::size_t which) { return std::exchange(ends_[which], -1); }

private:
    std::array<int, 2> ends_{-1, -1}; ///< To read from, to write to.
};

/// What the child shall be like; freed with this.
class Plan {
public:
    Plan()
    {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes,
                                 POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes, &signals);
        for (const int number : {SIGPIPE, SIGINT, SIGTERM}) {
            sigaddset(&signals, number);
        }
        posix_spawnattr_setsigdefault(&attributes, &signals);
    }
    ~Plan()
    {
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

} // namespace

Result<Started> start_child(const std::vector<std::string>& command, Streams streams)
{
    const std::array wanted{streams.in, streams.out, streams.err};
    std::array<Pipe, 3> pipes;
    Plan plan;
    for (std::size_t i = 0; i < pipes.size(); ++i) {
        const bool reads = i == 0; // the child
        if (!wanted[i]) {
            posix_spawn_file_actions_addopen(&plan.actions, static_cast<int>(i), "/dev/null",
                                             reads ? O_RDONLY : O_WRONLY, 0);
        } else if (pipes[i].open()) {
            posix_spawn_file_actions_adddup2(&plan.actions, pipes[i].end(reads ? 0 : 1), static_cast<int>(i));
        } else {
            return Unexpected{std::error_code{errno, std::system_category()}};
        }
    }
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (const auto& word : command) {
        words.push_back(const_cast<char*>(word.c_str()));
    }
    words.push_back(nullptr);
    Started started;
    const int failed = ::posix_spawnp(&started.process, words.front(), &plan.actions, &plan.attributes,
                                      words.data(), environ);
    if (failed != 0) {
        return Unexpected{std::error_code{failed, std::system_category()}};
    }
    started.in = pipes[0].take(1);
    started.out = pipes[1].take(0);
    started.err = pipes[2].take(0);
    return started;
}

} // namespace millrace::clients
