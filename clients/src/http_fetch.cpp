#include "http_fetch.hpp"

#include "http_source.hpp"

#include <fmt/format.h>

namespace millrace::clients {
namespace {

constexpr unsigned kMostRedirections = 5;
constexpr std::size_t kInbox = std::size_t{64} << 10U;

std::string request_for(const Url& url, const hls::Fetch& wanted, bool with_credentials)
{
    const auto credentials = with_credentials ? basic_credentials(url) : std::string{};
    std::string range;
    if (wanted.range && wanted.range->bytes > 0) {
        range = fmt::format("Range: bytes={}-{}\r\n", wanted.range->offset,
                            wanted.range->offset + wanted.range->bytes - 1);
    }
    return fmt::format("GET {} HTTP/1.1\r\n"
                       "Host: {}\r\n"
                       "User-Agent: Millrace\r\n"
                       "Accept: */*\r\n"
                       "Connection: close\r\n"
                       "{}{}\r\n",
                       url.target(), url.authority(), range,
                       credentials.empty() ? "" : "Authorization: " + credentials + "\r\n");
}

bool is_redirection(unsigned status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// What was asked for, also of a server that gives the whole although a part was wanted (RFC 9110 §14.2).
std::optional<NotFetched> cut_to_range(Bytes& body, const hls::Fetch& wanted, unsigned status)
{
    if (!wanted.range || status == 206) {
        return std::nullopt;
    }
    const auto [offset, bytes] = *wanted.range;
    if (offset > body.size() || bytes > body.size() - offset) {
        return NotFetched{"the part that is wanted lies behind the end"};
    }
    body.erase(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(offset));
    body.resize(bytes);
    return std::nullopt;
}

} // namespace

net::awaitable<std::variant<Fetched, NotFetched>> HttpFetcher::get(hls::Fetch wanted,
                                                                   std::chrono::milliseconds connect)
{
    for (unsigned i = 0; i <= kMostRedirections; ++i) {
        std::optional<Url> url;
        try {
            url = parse_url(wanted.url);
        } catch (const std::runtime_error& error) {
            co_return NotFetched{error.what(), true};
        }
        if (url->scheme != Scheme::http && url->scheme != Scheme::https) {
            co_return NotFetched{fmt::format("{}: only HTTP and HTTPS are followed", url->shown()), true};
        }
        url->verify = origin_.verify;
        if (url->host == origin_.host && url->port == origin_.port && url->user.empty()) {
            url->user = origin_.user;
            url->password = origin_.password;
        }
        std::string redirection;
        auto answer = co_await get_once(*url, wanted, Clock::now() + connect, redirection);
        if (redirection.empty()) {
            co_return answer;
        }
        wanted.url = hls::resolve(wanted.url, redirection);
    }
    co_return NotFetched{"is redirected again and again", true};
}

net::awaitable<std::variant<Fetched, NotFetched>> HttpFetcher::get_once(const Url& url,
                                                                        const hls::Fetch& wanted,
                                                                        Clock::time_point connect_due,
                                                                        std::string& redirection)
{
    const auto line = std::make_shared<Line>(executor_);
    line_ = line;
    const auto fail = [&](const std::string& why, bool gone) {
        return NotFetched{fmt::format("{}: {}", url.shown(), why), gone};
    };
    if (cancelled_) {
        co_return fail("stopped", true);
    }
    const auto connected = co_await line->connect(url, connect_due);
    if (!connected) {
        co_return fail(connected.why, false);
    }
    const auto due = Clock::now() + wanted.patience;
    const auto request = request_for(url, wanted, true);
    const auto error = co_await line->write(as_bytes(request), due);
    if (error) {
        co_return fail(describe(error), false);
    }
    HttpBody answer;
    Fetched fetched{.url = wanted.url, .body = {}};
    Bytes inbox(kInbox);
    while (!answer.done()) {
        // Each piece has its time: a long segment over a slow line is none that has stopped.
        const auto got = co_await line->read(inbox, answer.begun() ? Clock::now() + wanted.patience : due);
        bytes_ += got.bytes;
        if (got.error == net::asio::error::eof && answer.begun() && answer.end()) {
            break;
        }
        if (got.error) {
            co_return fail(describe_loss(got.error), false);
        }
        if (!answer.feed(ByteView{inbox}.first(got.bytes), fetched.body)) {
            co_return fail("the server does not speak HTTP: " + answer.flaw(), true);
        }
        if (answer.begun() && is_redirection(answer.status())) {
            redirection = answer.header("Location");
            co_return fail(redirection.empty() ? "a redirection to nowhere" : "redirected", true);
        }
        if (answer.begun() && answer.status() != 200 && answer.status() != 206) {
            co_return fail("refused: " + answer.verdict(), answer.status() == 404 || answer.status() == 410);
        }
        const auto most = wanted.most + (wanted.range ? wanted.range->offset : 0);
        if (fetched.body.size() > most) {
            co_return fail(fmt::format("has more than {} bytes", wanted.most), true);
        }
    }
    if (auto failure = cut_to_range(fetched.body, wanted, answer.status())) {
        co_return fail(failure->why, true);
    }
    co_return fetched;
}

void HttpFetcher::cancel()
{
    cancelled_ = true;
    if (line_) {
        line_->cancel();
    }
}

} // namespace millrace::clients
