// A request and its answer on an HTTP/2 stream, translated to HTTP/1.1 and back (RFC 9113 §8).
#pragma once

#include "http2_stream.hpp"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace millrace::doors {

namespace http = boost::beast::http;

/// Collects the header fields of a request and writes them as HTTP/1.1; reads the answer out of the channel
/// as far as there is room for it.
class Http2Exchange {
public:
    static constexpr std::size_t kMostHeader = std::size_t{16} << 10U; ///< Names and values of a request.
    static constexpr std::size_t kMostBody = std::size_t{64} << 10U;   ///< Of the answer, read ahead.

    Http2Exchange(std::int32_t id, std::shared_ptr<Http2Stream> channel)
        : id_{id}, channel_{std::move(channel)}
    {
    }

    std::int32_t id() const { return id_; }
    const std::shared_ptr<Http2Stream>& channel() const { return channel_; }

    // The request. Names and values are as nghttp2 lets them through: no CR, LF or upper case in names.
    /// Gives false when the request has more header bytes than there may be.
    bool field(std::string_view name, std::string_view value);
    /// All fields have come; `ends`: there is no body. Gives false when it is no request.
    bool begin(bool ends);
    void body(ByteView bytes);
    void end_body();
    /// Of so many bytes that the other side has taken in, those of the body: the client may send as many
    /// more.
    std::size_t acknowledge(std::size_t received);
    std::size_t unacknowledged() const { return unacknowledged_; }

    // The answer.
    struct Head {
        unsigned status = 200;
        std::vector<std::pair<std::string, std::string>>
            fields; ///< Names in lower case, without those of a connection.
    };
    enum class Progress { waiting, more, done, broken };
    /// Reads on in what the other side has said.
    Progress read();
    /// Once, when it has been read.
    std::optional<Head> take_head();
    /// Of the body, read and not yet taken.
    ByteView ready() const { return ByteView{body_}.subspan(body_done_); }
    void taken(std::size_t bytes);
    /// There is nothing behind what is ready.
    bool complete() const { return complete_; }
    bool broken() const { return broken_; }
    bool submitted = false; ///< The head has been given to the connection.

private:
    void put(ByteView bytes);

    std::int32_t id_;
    std::shared_ptr<Http2Stream> channel_;
    std::string method_;
    std::string path_;
    std::string authority_;
    std::string fields_;
    std::string cookies_;
    std::size_t header_bytes_ = 0;
    std::size_t unacknowledged_ = 0; ///< Of the body.
    bool has_length_ = false;
    bool has_host_ = false;
    bool chunked_ = false; ///< The body goes in chunks, because its length is not known.

    http::response_parser<http::buffer_body> parser_;
    bool head_taken_ = false;
    Bytes body_;
    std::size_t body_done_ = 0;
    bool complete_ = false;
    bool broken_ = false;
};

} // namespace millrace::doors
