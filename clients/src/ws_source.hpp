// A stream that is played over WebSocket-FLV: FLV in binary messages, cut anywhere.
#pragma once

#include "file_source.hpp"
#include "line.hpp"

namespace millrace::clients {

class WsSource final : public FileSource {
public:
    WsSource(const net::asio::any_io_executor& executor, Url url, Limits limits);
    ~WsSource() override;

    net::awaitable<Outcome> open() override;

protected:
    net::awaitable<ByteView> more() override;
    void interrupt() override { line_.cancel(); }
    net::awaitable<void> leave() override;

private:
    struct Socket;

    Url url_;
    Limits limits_;
    Line line_;
    std::unique_ptr<Socket> socket_;
    Bytes inbox_;
};

} // namespace millrace::clients
