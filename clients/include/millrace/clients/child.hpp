// A program that runs for us, with a pipe to it or from it.
#pragma once

#include <millrace/base/result.hpp>
#include <millrace/clients/outcome.hpp>
#include <millrace/net/asio.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace millrace::clients {

/// A child process; ended with this. It stands in a process group of its own, so that Ctrl-C in the terminal
/// does not reach it.
class Child {
public:
    enum class Pipe {
        input, ///< We write what it reads from its standard input.
        output ///< We read what it writes to its standard output.
    };

    /// Errors: those of the system, such as no_such_file_or_directory when there is no such program.
    static Result<std::unique_ptr<Child>> start(const net::asio::any_io_executor& executor,
                                                const std::vector<std::string>& command, Pipe pipe);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    net::asio::posix::stream_descriptor& pipe() { return pipe_; }

    /// Closes the pipe and waits for the end; an exit status that is not 0 gives what it said last.
    net::awaitable<Outcome> wait();

private:
    struct Words;
    Child(const net::asio::any_io_executor& executor, int process, int pipe, int errors);

    int process_; ///< 0: it has ended.
    net::asio::posix::stream_descriptor pipe_;
    std::shared_ptr<Words> words_; ///< What it says on its standard error.
};

} // namespace millrace::clients
