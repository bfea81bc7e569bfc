#include "http_source.hpp"

#include <boost/beast/core/detail/base64.hpp>
#include <fmt/format.h>

#include <utility>

namespace millrace::clients {

std::string basic_credentials(const Url& url)
{
    if (url.user.empty()) {
        return {};
    }
    namespace base64 = boost::beast::detail::base64;
    const auto plain = url.user + ':' + url.password;
    std::string coded(base64::encoded_size(plain.size()), '\0');
    coded.resize(base64::encode(coded.data(), plain.data(), plain.size()));
    return "Basic " + coded;
}

net::awaitable<Outcome> HttpSource::open()
{
    auto opened = co_await line_.connect(url_, Clock::now() + limits_.connect);
    if (opened) {
        opened = co_await ask();
    }
    while (opened && !answer_.begun()) {
        opened = co_await hear(limits_.answer);
    }
    if (opened && answer_.status() != 200) {
        opened.why = "refused: " + answer_.verdict();
    } else if (opened) {
        route_ = answer_.header(kRouteHeader);
    }
    co_return opened;
}

net::awaitable<Outcome> HttpSource::ask()
{
    const auto credentials = basic_credentials(url_);
    const auto request = fmt::format(
        "GET {} HTTP/1.1\r\n"
        "Host: {}\r\n"
        "User-Agent: Millrace\r\n"
        "Accept: video/x-flv, video/mp2t, */*\r\n"
        "Connection: close\r\n"
        "{}{}\r\n",
        url_.target(), url_.authority(), credentials.empty() ? "" : "Authorization: " + credentials + "\r\n",
        url_.route.empty() ? "" : fmt::format("{}: {}\r\n", kRouteHeader, url_.route));
    const auto error = co_await line_.write(as_bytes(request), Clock::now() + limits_.answer);
    co_return Outcome{error ? describe(error) : std::string{}};
}

/// Reads once.
net::awaitable<Outcome> HttpSource::hear(std::chrono::milliseconds patience)
{
    const auto got = co_await line_.read(inbox_, Clock::now() + patience);
    if (got.error == net::asio::error::eof && answer_.begun()) {
        co_return Outcome{answer_.end() ? "" : "the server closed the connection in mid-stream"};
    }
    if (got.error) {
        co_return Outcome{describe_loss(got.error)};
    }
    if (!answer_.feed(ByteView{inbox_}.first(got.bytes), body_)) {
        co_return Outcome{"the server does not speak HTTP: " + answer_.flaw()};
    }
    co_return Outcome{};
}

net::awaitable<ByteView> HttpSource::more()
{
    Outcome heard;
    while (heard && body_.empty() && !answer_.done()) {
        heard = co_await hear(limits_.silence);
    }
    if (!heard) {
        fail(heard.why);
    }
    given_ = std::exchange(body_, {});
    co_return ByteView{given_};
}

net::awaitable<void> HttpSource::leave()
{
    line_.cancel();
    co_return;
}

} // namespace millrace::clients
