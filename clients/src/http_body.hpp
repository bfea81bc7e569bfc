// The body of an answer to an HTTP request, as its bytes come.
#pragma once

#include <millrace/base/bytes.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace millrace::clients {

/// Takes an HTTP/1 answer apart: bytes in, those of the body out (RFC 9112). Chunked bodies come out whole.
class HttpBody {
public:
    HttpBody();
    ~HttpBody();
    HttpBody(const HttpBody&) = delete;
    HttpBody& operator=(const HttpBody&) = delete;

    /// Takes bytes, appends what they hold of the body. False: this is no HTTP; `flaw` says why.
    bool feed(ByteView bytes, Bytes& body);
    /// The connection has ended. False: the body should have gone on.
    bool end();

    /// The head has come.
    bool begun() const;
    /// The body has ended.
    bool done() const;
    unsigned status() const;
    /// Empty when there is none of that name.
    std::string header(std::string_view name) const;
    /// "404 Not Found", and where a redirection leads.
    std::string verdict() const;
    const std::string& flaw() const { return flaw_; }

private:
    struct State;
    std::unique_ptr<State> state_;
    Bytes waiting_; ///< Too little for the parser to go on.
    std::string flaw_;
};

} // namespace millrace::clients
