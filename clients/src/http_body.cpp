#include "http_body.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include <array>

namespace millrace::clients {

namespace http = boost::beast::http;

struct HttpBody::State {
    http::response_parser<http::buffer_body> parser;
};

HttpBody::HttpBody() : state_{std::make_unique<State>()}
{
    state_->parser.body_limit(boost::none);
}

HttpBody::~HttpBody() = default;

bool HttpBody::feed(ByteView bytes, Bytes& body)
{
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    auto& parser = state_->parser;
    std::array<std::uint8_t, 16384> room;
    ByteView left{waiting_};
    while (!left.empty() && !parser.is_done()) {
        auto& part = parser.get().body();
        part = {room.data(), room.size(), true};
        boost::system::error_code error;
        const auto used = parser.put(boost::asio::buffer(left.data(), left.size()), error);
        left = left.subspan(used);
        if (parser.is_header_done()) {
            body.insert(body.end(), room.begin(), room.end() - static_cast<std::ptrdiff_t>(part.size));
        }
        if (error == http::error::need_more) {
            break;
        }
        if (error && error != http::error::need_buffer) {
            flaw_ = error.message();
            return false;
        }
    }
    waiting_.assign(left.begin(), left.end());
    return true;
}

bool HttpBody::end()
{
    if (!begun()) {
        return false;
    }
    boost::system::error_code error;
    state_->parser.put_eof(error);
    return !error;
}

bool HttpBody::begun() const
{
    return state_->parser.is_header_done();
}

bool HttpBody::done() const
{
    return state_->parser.is_done();
}

unsigned HttpBody::status() const
{
    return state_->parser.get().result_int();
}

std::string HttpBody::header(std::string_view name) const
{
    return std::string{state_->parser.get()[name]};
}

std::string HttpBody::verdict() const
{
    const auto& head = state_->parser.get();
    auto text = fmt::format("{} {}", head.result_int(), std::string{head.reason()});
    if (const auto where = head.find(http::field::location); where != head.end()) {
        text += fmt::format(", see {}", std::string{where->value()});
    }
    return text;
}

} // namespace millrace::clients
