// MPEG-TS that comes over UDP, unicast or multicast.
#pragma once

#include "udp_place.hpp"
#include <millrace/clients/source.hpp>
#include <millrace/mpegts/demuxer.hpp>
#include <millrace/net/watchdog.hpp>

namespace millrace::clients {

/// Hears datagrams of transport packets; nobody is asked for anything. It is open when the first one has
/// come.
class UdpSource final : public Source {
public:
    UdpSource(const net::asio::any_io_executor& executor, Url url, Limits limits);

    net::awaitable<Outcome> open() override;
    net::awaitable<std::optional<media::Item>> next() override;
    void stop() override;

private:
    net::awaitable<void> hear();
    void take(ByteView datagram);

    Url url_;
    Limits limits_;
    udp::resolver resolver_;
    udp::socket socket_;
    net::Watchdog silence_;
    mpegts::Demuxer demuxer_;
    Bytes inbox_;
    bool stopping_ = false;
    bool over_ = false;
    bool odd_told_ = false;
};

} // namespace millrace::clients
