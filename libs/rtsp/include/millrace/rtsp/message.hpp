// RTSP's messages: requests, responses, and the binary frames between them (RFC 2326 §4 to §7, §10.12).
#pragma once

#include <millrace/base/shared_bytes.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace::rtsp {

/// Whether two names of headers, parameters or codings are the same, whatever their case.
bool same_name(std::string_view a, std::string_view b);
/// Without blanks and tabs at both ends.
std::string_view trim(std::string_view text);

/// The headers of a message in their order; names whatever their case.
class Headers {
public:
    struct Field {
        std::string name;
        std::string value;

        friend bool operator==(const Field&, const Field&) = default;
    };

    Headers() = default;
    Headers(std::initializer_list<Field> fields) : fields_{fields} {}

    /// The first of that name; null when there is none.
    const std::string* find(std::string_view name) const;
    /// The first of that name; empty when there is none.
    std::string_view value(std::string_view name) const;
    /// All of that name, joined by commas: for headers whose grammar is a list.
    std::string list(std::string_view name) const;

    void add(std::string_view name, std::string_view value);
    /// Replaces all of that name.
    void set(std::string_view name, std::string_view value);
    /// Goes on with the newest header's value (a continuation line).
    void extend(std::string_view more);

    std::size_t size() const { return fields_.size(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

    friend bool operator==(const Headers&, const Headers&) = default;

private:
    std::vector<Field> fields_;
};

struct Request {
    std::string method;
    std::string uri;
    std::string version = "RTSP/1.0";
    Headers headers;
    std::string body;

    friend bool operator==(const Request&, const Request&) = default;
};

struct Response {
    int status = 200;
    std::string reason; ///< Empty: that of the status code is written.
    Headers headers;
    std::string body;

    friend bool operator==(const Response&, const Response&) = default;
};

/// One RTP or RTCP packet among the messages (RFC 2326 §10.12).
struct Frame {
    std::uint8_t channel = 0;
    SharedBytes payload;

    friend bool operator==(const Frame&, const Frame&) = default;
};

using Message = std::variant<Request, Response, Frame>;

/// The words of a status code (RFC 2326 §7.1.1); "Unknown" for others.
std::string_view reason_of(int status);

/// Appends the message as it goes on the wire; Content-Length is added to a body. What is written of texts
/// never has a `$` in it: some players take that for the begin of a frame wherever it stands, so it becomes
/// "%24"; nor line ends within a line.
void write(Bytes& out, const Request& request);
void write(Bytes& out, const Response& response);
/// Appends `$`, the channel and the length: the head of an interleaved frame. Expects: size <= 65535.
void write_frame_head(Bytes& out, std::uint8_t channel, std::size_t size);
void write(Bytes& out, const Frame& frame);

} // namespace millrace::rtsp
