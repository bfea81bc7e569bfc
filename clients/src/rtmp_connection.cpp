#include "rtmp_connection.hpp"

#include <millrace/crypto/random.hpp>
#include <millrace/rtmp/error.hpp>

#include <fmt/format.h>

#include <fstream>

namespace millrace::clients {
namespace {

constexpr std::size_t kInbox = std::size_t{64} << 10U;

rtmp::Client::Options options_for(const RtmpWay& way, rtmp::Client::Role role)
{
    const auto& url = way.url();
    rtmp::Client::Options options{
        .role = role,
        .app = way.app(),
        .tc_url = way.tc_url(),
        .name = url.name(),
        .kind = url.kind,
        .digest = url.encrypted() ? rtmp::DigestLayout::d772 : rtmp::DigestLayout::d8,
        .version = url.encrypted() ? rtmp::HandshakeVersion::rtmpe : rtmp::HandshakeVersion::plain};
    if (!url.route.empty()) {
        options.properties.emplace_back(kRouteProperty, url.route);
    }
    return options;
}

/// The file that the options shall say that we are, when the URL has one.
Outcome read_swf(const Url& url, rtmp::Client::Options& options)
{
    if (url.swf.empty()) {
        return {};
    }
    std::ifstream file{url.swf, std::ios::binary};
    Bytes bytes;
    for (std::array<char, 4096> part{}; file && bytes.size() <= rtmp::kMaxSwfBytes;) {
        file.read(part.data(), part.size());
        bytes.insert(bytes.end(), part.begin(), part.begin() + file.gcount());
    }
    if (bytes.empty()) {
        return {fmt::format("the SWF file {} cannot be read", url.swf)};
    }
    const auto swf = rtmp::swf_file(bytes);
    if (!swf) {
        return {fmt::format("{}: {}", url.swf, swf.error().message())};
    }
    options.swf = *swf;
    return {};
}

} // namespace

RtmpConnection::RtmpConnection(const net::asio::any_io_executor& executor, Url url, rtmp::Client::Role role,
                               Source::Limits limits)
    : executor_{executor}, way_{std::move(url)}, role_{role}, limits_{limits}, line_{std::make_unique<Line>(
                                                                                   executor)},
      inbox_(kInbox)
{
}

net::awaitable<Outcome> RtmpConnection::open()
{
    for (;;) {
        auto opened = co_await open_once();
        if (opened || !refused_) {
            co_return opened;
        }
        const auto refused = std::move(*refused_);
        refused_.reset();
        auto again = way_.go_on(refused);
        if (!again) {
            co_return again;
        }
        line_ = std::make_unique<Line>(executor_);
        enciphered_ = false;
    }
}

net::awaitable<Outcome> RtmpConnection::open_once()
{
    auto options = options_for(way_, role_);
    auto opened = read_swf(way_.url(), options);
    if (opened) {
        opened = co_await line_->connect(way_.url(), Clock::now() + limits_.connect);
    }
    if (opened) {
        rtmp::Client::Limits bounds;
        bounds.answer = limits_.answer;
        bounds.handshake = limits_.answer;
        core_ = std::make_unique<rtmp::Client>(
            std::move(options), Clock::now(),
            [](std::span<std::uint8_t> bytes) { crypto::random_fill(bytes); }, bounds);
        opened = co_await shake_hands();
    }
    co_return opened;
}

net::awaitable<Outcome> RtmpConnection::shake_hands()
{
    for (;;) {
        auto said = co_await say();
        if (!said) {
            co_return said;
        }
        const auto heard = co_await hear(Clock::time_point::max());
        while (const auto event = core_->next_event()) {
            if (const auto* notice = std::get_if<rtmp::Noticed>(&*event)) {
                if (notice->code == kRouteStatus) {
                    route_ = notice->description;
                }
                continue;
            }
            const auto* refused = std::get_if<rtmp::Refused>(&*event);
            if (refused == nullptr) {
                co_return Outcome{};
            }
            refused_ = *refused;
            co_return to_outcome(*refused);
        }
        if (!heard) {
            co_return heard;
        }
    }
}

net::awaitable<Outcome> RtmpConnection::hear(Clock::time_point due)
{
    due = std::min(due, core_->deadline());
    const auto got = co_await line_->read(inbox_, due);
    const auto now = Clock::now();
    if (got.error == net::asio::error::timed_out) {
        const auto ticked = core_->tick(now);
        co_return Outcome{ticked ? "nothing came for too long" : ticked.error().message()};
    }
    if (got.error) {
        co_return Outcome{describe_loss(got.error)};
    }
    bytes_in_ += got.bytes;
    const auto fed = core_->feed(ByteView{inbox_}.first(got.bytes), now);
    if (core_->encrypted() && !enciphered_) {
        if (auto last_clear = co_await say_clear(); !last_clear) {
            co_return last_clear;
        }
    }
    if (!fed && fed.error() != make_error_code(rtmp::Errc::disconnected)) {
        co_return Outcome{fed.error().message()};
    }
    co_return Outcome{};
}

net::awaitable<Outcome> RtmpConnection::say(std::size_t most)
{
    while (core_->has_output()) {
        const auto bytes = core_->take_output(most);
        const auto error = co_await line_->write(bytes, Clock::now() + limits_.answer);
        if (error) {
            co_return Outcome{error == net::asio::error::timed_out ? "the server takes nothing any more"
                                                                   : describe_loss(error)};
        }
        bytes_out_ += bytes.size();
    }
    co_return Outcome{};
}

/// When the handshake of RTMPE ends: its last bytes go out as they are, all others enciphered.
net::awaitable<Outcome> RtmpConnection::say_clear()
{
    auto said = co_await say();
    if (auto cipher = core_->take_output_cipher()) {
        auto shared = std::make_shared<rtmp::OutputCipher>(std::move(*cipher));
        line_->channel().encipher([shared](std::span<std::uint8_t> bytes) { shared->apply(bytes); });
        enciphered_ = true;
    }
    co_return said;
}

std::unique_ptr<RtmpConnection> RtmpConnection::elsewhere(const std::string& tc_url, Outcome& why) const
{
    RtmpWay way{way_.url()};
    why = way.turn_to(tc_url);
    return why ? std::make_unique<RtmpConnection>(executor_, way.url(), role_, limits_) : nullptr;
}

net::awaitable<void> RtmpConnection::leave(std::chrono::milliseconds within)
{
    core_->close();
    const auto due = Clock::now() + within;
    const auto bytes = core_->take_output();
    const auto error = co_await line_->write(bytes, due);
    if (!error) {
        bytes_out_ += bytes.size();
        co_await line_->close(due);
    }
}

Outcome to_outcome(const rtmp::Refused& refused, std::string_view word)
{
    if (refused.description.empty()) {
        return {fmt::format("{}: {}", word, refused.code.empty() ? "no reason given" : refused.code)};
    }
    if (refused.code.empty()) {
        return {fmt::format("{}: {}", word, refused.description)};
    }
    return {fmt::format("{}: {} ({})", word, refused.description, refused.code)};
}

} // namespace millrace::clients
