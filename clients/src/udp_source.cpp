#include "udp_source.hpp"

#include <millrace/mpegts/packet.hpp>

#include <fmt/format.h>

namespace millrace::clients {
namespace {

constexpr std::size_t kMostDatagram = 65536;

} // namespace

UdpSource::UdpSource(const net::asio::any_io_executor& executor, Url url, Limits limits)
    : url_{std::move(url)}, limits_{limits}, resolver_{executor}, socket_{executor},
      silence_{executor, [this] { socket_.cancel(); }}, inbox_(kMostDatagram)
{
}

net::awaitable<Outcome> UdpSource::open()
{
    const auto place = udp_place(url_);
    udp::endpoint at{udp::v4(), place.port};
    if (!place.host.empty()) {
        const auto [error, found] =
            co_await resolver_.async_resolve(place.host, std::to_string(place.port), net::kNoThrow);
        if (error || found.empty()) {
            co_return Outcome{fmt::format("cannot find {}: {}", place.host, error.message())};
        }
        at = found.begin()->endpoint();
    }
    auto opened = listen_there(socket_, place, at);
    if (opened) {
        co_await hear();
        opened = over_ && !stopping_ ? outcome_ : Outcome{};
    }
    co_return opened;
}

/// Takes one datagram; ends when there is none for too long.
net::awaitable<void> UdpSource::hear()
{
    net::error_code error = net::asio::error::operation_aborted;
    std::size_t count = 0;
    if (!stopping_) {
        silence_.set(Clock::now() + limits_.silence);
        const auto [failed, got] = co_await socket_.async_receive(net::asio::buffer(inbox_), net::kNoThrow);
        error = failed;
        count = got;
    }
    if (!error) {
        take(ByteView{inbox_}.first(count));
        co_return;
    }
    over_ = true;
    demuxer_.end();
    if (!stopping_) {
        const auto seconds = std::chrono::duration<double>{limits_.silence}.count();
        outcome_ = {silence_.bitten() ? fmt::format("nothing has come for {:.0f} s", seconds)
                                      : error.message()};
    }
    net::error_code ignored;
    socket_.close(ignored);
}

net::awaitable<std::optional<media::Item>> UdpSource::next()
{
    for (;;) {
        if (auto item = demuxer_.next()) {
            co_return item;
        }
        if (over_) {
            co_return std::nullopt;
        }
        co_await hear();
    }
}

void UdpSource::take(ByteView datagram)
{
    bytes_ += datagram.size();
    // What is no transport stream must not spoil what is: anybody may send here.
    const bool whole =
        !datagram.empty() && datagram.size() % mpegts::kPacketBytes == 0 && datagram[0] == mpegts::kSyncByte;
    if (!whole) {
        if (!std::exchange(odd_told_, true)) {
            warn(
                fmt::format("passed over a datagram of {} bytes that is no whole number of transport packets",
                            datagram.size()));
        }
        return;
    }
    if (const auto fed = demuxer_.feed(datagram); !fed) {
        over_ = true;
        outcome_ = {fed.error().message()};
    }
    while (const auto warning = demuxer_.next_warning()) {
        warn(warning->reason);
    }
}

void UdpSource::stop()
{
    stopping_ = true;
    resolver_.cancel();
    net::error_code ignored;
    socket_.cancel(ignored);
}

} // namespace millrace::clients
