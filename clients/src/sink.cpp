#include "rtsp_publisher.hpp"
#include "udp_sink.hpp"
#include <millrace/clients/publisher.hpp>
#include <millrace/clients/sink.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace millrace::clients {

bool can_send_to(Scheme scheme)
{
    const Url url{.scheme = scheme};
    return scheme == Scheme::udp || url.rtmp() || url.rtsp();
}

std::unique_ptr<Sink> make_sink(const net::asio::any_io_executor& executor, Url url)
{
    if (url.scheme == Scheme::udp) {
        return std::make_unique<UdpSink>(executor, std::move(url));
    }
    if (url.rtsp()) {
        return std::make_unique<RtspSink>(executor, std::move(url));
    }
    if (!can_send_to(url.scheme)) {
        throw std::runtime_error{fmt::format("{}: expected rtmp[s|e|t|te|ts]://HOST[:PORT]/APP/NAME, "
                                             "rtsp[t|h|s]://HOST[:PORT]/APP/NAME or udp://HOST:PORT",
                                             url.shown())};
    }
    return std::make_unique<Publisher>(executor, std::move(url));
}

} // namespace millrace::clients
