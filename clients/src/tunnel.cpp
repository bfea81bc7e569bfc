#include "tunnel.hpp"

#include <millrace/base/clock.hpp>
#include <millrace/net/channel_stream.hpp>
#include <millrace/net/notice.hpp>
#include <millrace/rtmp/tunnel.hpp>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace millrace::clients {
namespace {

namespace http = boost::beast::http;
using Body = http::vector_body<std::uint8_t>;

constexpr std::size_t kMostWaiting = std::size_t{256} * 1024; ///< For the next request.
constexpr std::size_t kMostAnswer = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kMostUnread = std::size_t{1024} * 1024; ///< No request is made while more is unread.
constexpr std::chrono::seconds kPatience{15};                 ///< For an answer.
constexpr std::chrono::milliseconds kShortest{5};
constexpr std::chrono::milliseconds kLongest{100}; ///< Between two requests without anything to say.

enum class Trouble { refused = 1, lost, mangled };

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "millrace.rtmpt"; }
    std::string message(int code) const override
    {
        switch (static_cast<Trouble>(code)) {
        case Trouble::refused:
            return "the server does not speak RTMPT here: it did not answer /open/1 with 200";
        case Trouble::lost: return "the server does not know the RTMPT session any more";
        case Trouble::mangled: return "the answer is no HTTP";
        }
        return "unknown error";
    }
};

net::error_code trouble(Trouble what)
{
    static const Category kCategory;
    return std::error_code{static_cast<int>(what), kCategory};
}

class Tunnel final : public net::Channel, public std::enable_shared_from_this<Tunnel> {
public:
    Tunnel(std::shared_ptr<net::Channel> below, std::string host)
        : Channel{below->executor()}, below_{std::move(below)}, host_{std::move(host)}, stream_{*below_},
          arrived_{executor()}, room_{executor()}, to_say_{executor(), Clock::time_point::max()}
    {
    }

    static net::awaitable<void> run(std::shared_ptr<Tunnel> self)
    {
        co_await self->converse();
        self->over_ = true;
        self->below_->close();
        self->arrived_.notify();
        self->room_.notify();
    }

    net::Attempt receive_now(std::span<std::uint8_t> into) override
    {
        const auto count = std::min(into.size(), in_.size() - in_done_);
        if (count == 0) {
            return {.would_block = !over_, .error = over_ ? error_ : net::error_code{}};
        }
        std::copy_n(in_.begin() + static_cast<std::ptrdiff_t>(in_done_), count, into.begin());
        in_done_ += count;
        if (in_done_ == in_.size()) {
            in_.clear();
            in_done_ = 0;
            to_say_.cancel();
        }
        return {.bytes = count};
    }

    net::awaitable<net::error_code> readable() override
    {
        const auto cancels = cancels_;
        while (in_.empty() && !over_) {
            co_await arrived_.wait();
            if (cancels != cancels_) {
                co_return net::asio::error::operation_aborted;
            }
        }
        co_return net::error_code{};
    }

    void cancel() override
    {
        ++cancels_;
        arrived_.notify();
        room_.notify();
    }
    void prepare() override { below_->prepare(); }
    void shut() override
    {
        shut_ = true;
        to_say_.cancel();
    }
    void close() override
    {
        over_ = true;
        below_->close();
        to_say_.cancel();
        cancel();
    }

protected:
    net::Attempt send_below(std::span<const ByteView> views) override
    {
        if (over_) {
            return {.error = error_ ? error_ : net::asio::error::connection_reset};
        }
        net::Attempt sent;
        for (const auto view : views) {
            const auto part = view.first(std::min(view.size(), kMostWaiting - out_.size()));
            out_.insert(out_.end(), part.begin(), part.end());
            sent.bytes += part.size();
            if (part.size() < view.size()) {
                sent.would_block = true;
                break;
            }
        }
        to_say_.cancel();
        return sent;
    }

    net::awaitable<net::error_code> writable_below() override
    {
        const auto cancels = cancels_;
        while (out_.size() >= kMostWaiting && !over_) {
            co_await room_.wait();
            if (cancels != cancels_) {
                co_return net::asio::error::operation_aborted;
            }
        }
        co_return net::error_code{};
    }

private:
    /// Request after request, each when the one before it is answered.
    net::awaitable<void> converse()
    {
        std::string path = "/open/1";
        Bytes nothing(1);
        if (!co_await ask(std::move(path), std::move(nothing))) {
            error_ = error_ ? error_ : trouble(Trouble::refused);
            co_return;
        }
        const auto id = read_id();
        auto pause = kShortest;
        for (std::uint32_t sequence = 0; !over_; ++sequence) {
            co_await wait(pause);
            if (over_) {
                break;
            }
            if (shut_ && out_.empty()) {
                auto farewell = fmt::format("/close/{}/{}", id, sequence);
                Bytes unused(1);
                co_await ask(std::move(farewell), std::move(unused));
                break;
            }
            auto saying = std::exchange(out_, {});
            room_.notify();
            const bool speaks = !saying.empty();
            auto target = fmt::format("/{}/{}/{}", speaks ? "send" : "idle", id, sequence);
            if (!speaks) {
                saying.push_back(0);
            }
            if (!co_await ask(std::move(target), std::move(saying))) {
                error_ = error_ ? error_ : trouble(Trouble::lost);
                break;
            }
            const auto heard = take_in();
            pause = speaks || heard ? kShortest : std::min(pause * 2, kLongest);
        }
    }

    /// Until there is something to say, though not longer than that; and while too much is unread.
    net::awaitable<void> wait(std::chrono::milliseconds pause)
    {
        const auto due = Clock::now() + pause;
        while (!over_ && !shut_ &&
               ((out_.empty() && Clock::now() < due) || in_.size() - in_done_ > kMostUnread)) {
            to_say_.expires_at(in_.size() - in_done_ > kMostUnread ? Clock::time_point::max() : due);
            co_await to_say_.async_wait(net::kNoThrow);
        }
    }

    /// One request; false when its answer is not 200.
    net::awaitable<bool> ask(std::string path, Bytes body)
    {
        http::request<Body> request{http::verb::post, path, 11};
        request.set(http::field::host, host_);
        request.set(http::field::user_agent, "Shockwave Flash");
        request.set(http::field::content_type, rtmp::kTunnelType);
        request.set(http::field::cache_control, "no-cache");
        request.body() = std::move(body);
        request.prepare_payload();
        stream_.expires_after(kPatience);
        http::request_serializer<Body> serializer{request};
        const auto [unsent, sent] = co_await http::async_write(stream_, serializer, net::kNoThrow);
        if (unsent) {
            error_ = unsent;
            co_return false;
        }
        http::response_parser<Body> parser;
        parser.body_limit(kMostAnswer);
        const auto [failed, got] = co_await http::async_read(stream_, buffer_, parser, net::kNoThrow);
        stream_.expires_never();
        if (failed) {
            const bool http_error =
                failed.category() == http::make_error_code(http::error::bad_method).category();
            error_ = failed == http::error::end_of_stream ? net::error_code{net::asio::error::eof}
                     : http_error                         ? trouble(Trouble::mangled)
                                                          : failed;
            co_return false;
        }
        answer_ = std::move(parser.get().body());
        co_return parser.get().result() == http::status::ok;
    }

    /// Up to white space: servers end it with a line feed.
    std::string read_id() const
    {
        std::string id{answer_.begin(), answer_.end()};
        id.resize(std::min(id.find_first_of("\r\n \t"), id.size()));
        return id;
    }

    /// The RTMP of an answer, behind its polling byte; false when there is none.
    bool take_in()
    {
        if (answer_.size() <= 1) {
            return false;
        }
        in_.insert(in_.end(), answer_.begin() + 1, answer_.end());
        arrived_.notify();
        return true;
    }

    std::shared_ptr<net::Channel> below_;
    std::string host_;
    net::ChannelStream stream_;
    boost::beast::flat_buffer buffer_;
    Bytes in_;
    std::size_t in_done_ = 0;
    Bytes out_;
    Bytes answer_;
    net::Notice arrived_;
    net::Notice room_;
    net::asio::steady_timer to_say_;
    net::error_code error_; ///< Why it is over; none: in good order.
    std::uint64_t cancels_ = 0;
    bool shut_ = false; ///< Nothing more will be said.
    bool over_ = false;
};

} // namespace

std::shared_ptr<net::Channel> open_tunnel(std::shared_ptr<net::Channel> below, const Url& url)
{
    auto tunnel = std::make_shared<Tunnel>(std::move(below), url.authority());
    net::asio::co_spawn(tunnel->executor(), Tunnel::run(tunnel), net::kDetached);
    return tunnel;
}

} // namespace millrace::clients
