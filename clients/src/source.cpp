#include "hls_source.hpp"
#include "http_source.hpp"
#include "input.hpp"
#include "mp4_source.hpp"
#include "rtmp_source.hpp"
#include "rtsp_source.hpp"
#include "udp_source.hpp"
#include "ws_source.hpp"
#include <millrace/clients/source.hpp>

namespace millrace::clients {

std::unique_ptr<Source> make_source(const net::asio::any_io_executor& executor, Url url)
{
    return make_source(executor, std::move(url), Source::Limits{});
}

std::unique_ptr<Source> make_source(const net::asio::any_io_executor& executor, Url url,
                                    Source::Limits limits)
{
    if (url.web_socket()) {
        return std::make_unique<WsSource>(executor, std::move(url), limits);
    }
    if (url.scheme == Scheme::udp) {
        return std::make_unique<UdpSource>(executor, std::move(url), limits);
    }
    if (url.rtsp()) {
        return std::make_unique<RtspSource>(executor, std::move(url), limits);
    }
    if (HlsSource::takes(url)) {
        return std::make_unique<HlsSource>(executor, std::move(url), limits);
    }
    if (!url.rtmp()) {
        return std::make_unique<HttpSource>(executor, std::move(url), limits);
    }
    return std::make_unique<RtmpSource>(executor, std::move(url), limits);
}

std::unique_ptr<Source> make_input(const net::asio::any_io_executor& executor, std::string name)
{
    if (Mp4Source::takes(name)) {
        return std::make_unique<Mp4Source>(std::move(name));
    }
    return std::make_unique<Input>(executor, std::move(name));
}

} // namespace millrace::clients
