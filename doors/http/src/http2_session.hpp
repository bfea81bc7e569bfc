// The frames of an HTTP/2 connection, which nghttp2 reads and writes, and the streams in it.
#pragma once

#include "http2_exchange.hpp"

#include <nghttp2/nghttp2.h>

#include <map>

namespace millrace::doors {

/// Bytes in, bytes out, streams beside. Knows no socket; lives on one worker.
class Http2Session {
public:
    static constexpr std::uint32_t kMostStreams = 100;                 ///< Open at once.
    static constexpr std::int32_t kStreamWindow = 256 * 1024;          ///< Of a request's body.
    static constexpr std::int32_t kConnectionWindow = 1024 * 1024;     ///< Of all bodies together.
    static constexpr std::size_t kMostOutput = std::size_t{64} << 10U; ///< Taken at once.

    /// `welcome`: answers a stream's request.
    Http2Session(net::asio::any_io_executor executor,
                 std::function<void(std::shared_ptr<Http2Stream>)> welcome);
    ~Http2Session();
    Http2Session(const Http2Session&) = delete;
    Http2Session& operator=(const Http2Session&) = delete;

    /// Takes what the client has sent; gives what is wrong with it, or nothing.
    std::string feed(ByteView bytes);
    /// Frames for the client, about kMostOutput bytes; empty when there is nothing to say now.
    Bytes take_output();
    /// Nothing more will be said or heard.
    bool over() const;
    std::size_t streams() const { return streams_.size(); }
    std::uint64_t requests() const { return requests_; }

    /// Says goodbye to the client: no new streams.
    void close();
    /// Lets all streams go.
    void leave();

    std::function<void()> on_output; ///< take_output() has something.

private:
    struct Free {
        void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
    };
    struct Calls;

    Http2Exchange* find(std::int32_t id);
    void open(std::int32_t id);
    void pump(std::int32_t id);
    void submit(Http2Exchange& stream);
    std::ptrdiff_t read_body(Http2Exchange& stream, std::uint8_t* into, std::size_t most,
                             std::uint32_t& flags);
    void wake();

    net::asio::any_io_executor executor_;
    std::function<void(std::shared_ptr<Http2Stream>)> welcome_;
    std::unique_ptr<nghttp2_session, Free> session_;
    std::map<std::int32_t, std::unique_ptr<Http2Exchange>> streams_;
    std::uint64_t requests_ = 0;
    bool inside_ = false;               ///< nghttp2 is at work: it must not be called again.
    std::vector<std::int32_t> pending_; ///< Streams to be pumped when it is not.
    std::vector<std::pair<std::int32_t, std::size_t>> heard_; ///< Bytes to be acknowledged when it is not.
};

} // namespace millrace::doors
