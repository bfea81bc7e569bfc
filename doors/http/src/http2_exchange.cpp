#include "http2_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace millrace::doors {
namespace {

/// RFC 9113 §8.2.2: fields of a connection have no place in HTTP/2.
bool of_a_connection(std::string_view name)
{
    constexpr std::array<std::string_view, 6> kNames{"connection",        "keep-alive", "proxy-connection",
                                                     "transfer-encoding", "upgrade",    "te"};
    return std::ranges::find(kNames, name) != kNames.end();
}

std::string lower(std::string_view text)
{
    std::string out{text};
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c; });
    return out;
}

} // namespace

bool Http2Exchange::field(std::string_view name, std::string_view value)
{
    header_bytes_ += name.size() + value.size() + 32; // RFC 9113 §6.5.2 counts so.
    if (header_bytes_ > kMostHeader) {
        return false;
    }
    if (name == ":method") {
        method_ = value;
    } else if (name == ":path") {
        path_ = value;
    } else if (name == ":authority") {
        authority_ = value;
    } else if (name == "cookie") { // RFC 9113 §8.2.3: may come in crumbs.
        cookies_ += (cookies_.empty() ? "" : "; ") + std::string{value};
    } else if (!name.starts_with(':') && !of_a_connection(name) && name != "expect") {
        has_length_ = has_length_ || name == "content-length";
        has_host_ = has_host_ || name == "host";
        fields_ += fmt::format("{}: {}\r\n", name, value);
    }
    return true;
}

bool Http2Exchange::begin(bool ends)
{
    if (method_.empty() || path_.empty() || method_ == "CONNECT" || path_.find(' ') != std::string::npos) {
        return false;
    }
    chunked_ = !ends && !has_length_;
    const auto head = fmt::format("{} {} HTTP/1.1\r\n{}{}{}{}Connection: close\r\n\r\n", method_, path_,
                                  authority_.empty() || has_host_ ? "" : "Host: " + authority_ + "\r\n",
                                  fields_, cookies_.empty() ? "" : "Cookie: " + cookies_ + "\r\n",
                                  chunked_ ? "Transfer-Encoding: chunked\r\n" : "");
    parser_.body_limit(boost::none);
    parser_.eager(true);
    parser_.skip(method_ == "HEAD");
    channel_->put(as_bytes(head));
    return true;
}

void Http2Exchange::body(ByteView bytes)
{
    if (bytes.empty()) {
        return;
    }
    unacknowledged_ += bytes.size();
    if (chunked_) {
        channel_->put(as_bytes(fmt::format("{:x}\r\n", bytes.size())));
    }
    channel_->put(bytes);
    if (chunked_) {
        channel_->put(as_bytes("\r\n"));
    }
}

void Http2Exchange::end_body()
{
    if (chunked_) {
        channel_->put(as_bytes("0\r\n\r\n"));
    }
}

std::size_t Http2Exchange::acknowledge(std::size_t received)
{
    const auto count = std::min(received, unacknowledged_); // The rest was the head, or between chunks.
    unacknowledged_ -= count;
    return count;
}

Http2Exchange::Progress Http2Exchange::read()
{
    while (!complete_ && !broken_ && ready().size() < kMostBody) {
        const auto before = channel_->waiting().size();
        if (before > 0) {
            put(channel_->waiting());
        } else if (channel_->finished()) {
            boost::beast::error_code error;
            if (parser_.got_some()) {
                parser_.put_eof(error);
            }
            complete_ = !error && parser_.is_done();
            broken_ = !complete_;
        }
        complete_ = complete_ || parser_.is_done();
        if (channel_->waiting().size() == before && !complete_ && !broken_) {
            break; // Nothing more for now.
        }
    }
    if (broken_) {
        return Progress::broken;
    }
    if (!ready().empty()) {
        return Progress::more;
    }
    return complete_ ? Progress::done : Progress::waiting;
}

/// Gives the parser as much as it takes.
void Http2Exchange::put(ByteView bytes)
{
    std::array<std::uint8_t, 16384> room;
    auto& into = parser_.get().body();
    into = {room.data(), room.size(), true};
    boost::beast::error_code error;
    const auto used = parser_.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (parser_.is_header_done()) {
        body_.insert(body_.end(), room.begin(), room.end() - static_cast<std::ptrdiff_t>(into.size));
    }
    into = {nullptr, 0, true};
    channel_->taken(used);
    const bool wants_more = error == http::error::need_more || error == http::error::need_buffer;
    broken_ = error && !wants_more;
}

std::optional<Http2Exchange::Head> Http2Exchange::take_head()
{
    if (head_taken_ || !parser_.is_header_done()) {
        return std::nullopt;
    }
    head_taken_ = true;
    Head head{.status = parser_.get().result_int(), .fields = {}};
    for (const auto& field : parser_.get()) {
        auto name = lower(field.name_string());
        if (!of_a_connection(name)) {
            head.fields.emplace_back(std::move(name), std::string{field.value()});
        }
    }
    return head;
}

void Http2Exchange::taken(std::size_t bytes)
{
    body_done_ += bytes;
    if (body_done_ == body_.size()) {
        body_.clear();
        body_done_ = 0;
    }
}

} // namespace millrace::doors
