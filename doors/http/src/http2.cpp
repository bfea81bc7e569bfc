#include "http2.hpp"

#include "http2_session.hpp"

#include <spdlog/spdlog.h>

#include <atomic>

namespace millrace::doors {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::chrono::seconds kIdle{75};  ///< Without a stream.
constexpr std::chrono::seconds kStall{30}; ///< Accepting nothing of what it asked for.

/// Streams are no connections of the listener: they are counted here, where nobody looks.
std::atomic<std::uint64_t> inner_callers{0};

/// The connection's two directions on its channel.
class Http2Line : public std::enable_shared_from_this<Http2Line> {
public:
    Http2Line(Connection& connection, HttpOffer offer)
        : desk_{connection.desk}, channel_{connection.channel}, remote_{connection.remote},
          tls_{connection.tls}, offer_{std::move(offer)}, wake_{channel_->executor()},
          session_{channel_->executor(),
                   [this](std::shared_ptr<Http2Stream> stream) { welcome(std::move(stream)); }},
          idle_{channel_->executor(), [channel = channel_] { channel->close(); }},
          stall_{channel_->executor(), [channel = channel_] { channel->close(); }}
    {
        session_.on_output = [this] { wake_.notify(); };
    }

    static net::awaitable<void> listen(std::shared_ptr<Http2Line> self, Bytes first);
    static net::awaitable<void> speak(std::shared_ptr<Http2Line> self);

private:
    void welcome(std::shared_ptr<Http2Stream> stream);
    bool take(ByteView bytes);
    void watch();

    exchange::Desk& desk_;
    std::shared_ptr<net::Channel> channel_;
    std::string remote_;
    bool tls_;
    HttpOffer offer_;
    net::Notice wake_;
    Http2Session session_;
    net::Watchdog idle_;
    net::Watchdog stall_;
    bool over_ = false;
};

void Http2Line::welcome(std::shared_ptr<Http2Stream> stream)
{
    net::Caller caller{.channel = std::move(stream),
                       .protocol = net::Protocol::http,
                       .tls = tls_,
                       .remote = remote_,
                       .ticket = net::Ticket{inner_callers}};
    desk_.worker().spawn(serve_http(desk_, std::move(caller), offer_));
}

bool Http2Line::take(ByteView bytes)
{
    const auto wrong = session_.feed(bytes);
    if (!wrong.empty()) {
        desk_.count("http_errors", wrong);
        spdlog::info("http2 {}: closed: {}", remote_, wrong);
    }
    return wrong.empty();
}

void Http2Line::watch()
{
    session_.streams() > 0 ? idle_.rest() : idle_.set(Clock::now() + kIdle);
}

net::awaitable<void> Http2Line::listen(std::shared_ptr<Http2Line> self, Bytes first)
{
    auto& line = *self;
    line.desk_.worker().spawn(speak(self));
    bool good = line.take(first);
    while (good && !line.session_.over()) {
        line.wake_.notify();
        line.watch();
        const auto error = co_await line.channel_->readable();
        const auto inbox = line.desk_.inbox();
        const auto got = error ? net::Attempt{.error = error} : line.channel_->receive_now(inbox);
        if (got.would_block) {
            continue;
        }
        good = !got.error && got.bytes > 0 && line.take(inbox.first(got.bytes));
    }
    line.over_ = true;
    line.session_.leave();
    line.wake_.notify();
}

net::awaitable<void> Http2Line::speak(std::shared_ptr<Http2Line> self)
{
    auto& line = *self;
    for (;;) {
        const auto out = line.session_.take_output();
        if (out.empty()) {
            if (line.over_ || line.session_.over()) {
                break;
            }
            line.watch();
            co_await line.wake_.wait();
            continue;
        }
        line.stall_.set(Clock::now() + kStall);
        const auto error = co_await net::write_all(*line.channel_, out);
        line.stall_.rest();
        if (error) {
            break;
        }
    }
    line.desk_.count("http2_requests", "", line.session_.requests());
    line.session_.leave();
    line.channel_->shut();
    line.channel_->close(); // Ends what listens.
}

} // namespace

net::awaitable<bool> begins_http2(Connection& connection)
{
    auto& buffer = connection.buffer;
    for (;;) {
        const std::string_view seen{static_cast<const char*>(buffer.data().data()), buffer.size()};
        if (!kPreface.starts_with(seen.substr(0, kPreface.size()))) {
            co_return false;
        }
        if (seen.size() >= kPreface.size()) {
            co_return true;
        }
        const auto [error, count] =
            co_await connection.stream.async_read_some(buffer.prepare(4096), net::kNoThrow);
        buffer.commit(count);
        if (error) {
            co_return false;
        }
    }
}

net::awaitable<void> serve_http2(Connection& connection, HttpOffer offer)
{
    connection.stream.expires_never();
    const auto data = connection.buffer.data();
    const auto* bytes = static_cast<const std::uint8_t*>(data.data());
    Bytes first(bytes, bytes + data.size());
    connection.desk.count("http2_connections");
    auto line = std::make_shared<Http2Line>(connection, std::move(offer));
    co_await Http2Line::listen(std::move(line), std::move(first));
}

} // namespace millrace::doors
