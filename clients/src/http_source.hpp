// A stream that is played over HTTP-FLV.
#pragma once

#include "file_source.hpp"
#include "http_body.hpp"
#include "line.hpp"

namespace millrace::clients {

class HttpSource final : public FileSource {
public:
    HttpSource(const net::asio::any_io_executor& executor, Url url, Limits limits)
        : url_{std::move(url)}, limits_{limits}, line_{executor}, inbox_(std::size_t{64} << 10U)
    {
    }

    net::awaitable<Outcome> open() override;

protected:
    net::awaitable<ByteView> more() override;
    void interrupt() override { line_.cancel(); }
    net::awaitable<void> leave() override;

private:
    net::awaitable<Outcome> ask();
    net::awaitable<Outcome> hear(std::chrono::milliseconds patience);

    Url url_;
    Limits limits_;
    Line line_;
    HttpBody answer_;
    Bytes inbox_;
    Bytes body_; ///< What has come of it and was not given out.
    Bytes given_;
};

/// The value of an Authorization field for the URL's user; empty when it has none (RFC 7617).
std::string basic_credentials(const Url& url);

} // namespace millrace::clients
