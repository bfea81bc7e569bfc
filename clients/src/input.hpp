// A stream from a file, standard input or a program.
#pragma once

#include "borrowed.hpp"
#include "file_source.hpp"
#include <millrace/clients/child.hpp>

namespace millrace::clients {

class Input final : public FileSource {
public:
    Input(const net::asio::any_io_executor& executor, std::string name);

    net::awaitable<Outcome> open() override;

protected:
    net::awaitable<ByteView> more() override;
    void interrupt() override;
    net::awaitable<void> leave() override;

private:
    Outcome open_file();
    Outcome start(const std::vector<std::string>& command);

    net::asio::any_io_executor executor_;
    std::string name_;
    std::optional<Borrowed> borrowed_;
    net::asio::posix::stream_descriptor file_; ///< Closed when a child brings the bytes.
    std::unique_ptr<Child> child_;
    Bytes inbox_;
};

} // namespace millrace::clients
