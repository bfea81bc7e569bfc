#include "rtsp_call.hpp"

#include <millrace/crypto/base64.hpp>
#include <millrace/crypto/random.hpp>
#include <millrace/rtsp/tunnel.hpp>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace millrace::clients {
namespace {

/// How long only the ports count that the server told; the fallback to TCP comes later.
constexpr std::chrono::milliseconds kStrict{1500};

constexpr std::size_t kInbox = std::size_t{64} << 10U;
constexpr std::uint16_t kLeastPort = 20000;
constexpr std::uint16_t kMostPort = 29999;
constexpr int kReceiveBuffer = 4 << 20;
constexpr std::chrono::milliseconds kGoodbye{500};

net::PortPairs& ports()
{
    static net::PortPairs pairs{kLeastPort, kMostPort};
    return pairs;
}

rtsp::Transport transport_of(RtspWay way, std::size_t stream, bool record)
{
    rtsp::Transport transport{.record = record};
    if (way != RtspWay::udp) {
        const auto channel = static_cast<std::uint16_t>(2 * stream);
        transport.lower = rtsp::Lower::tcp;
        transport.interleaved = rtsp::Ports{channel, static_cast<std::uint16_t>(channel + 1)};
    }
    return transport;
}

/// The address of a channel's peer.
net::asio::ip::address address_of(net::Channel& channel)
{
    net::error_code ignored;
    if (auto* tcp = dynamic_cast<net::TcpChannel*>(&channel)) {
        return net::unmapped(tcp->socket().remote_endpoint(ignored).address());
    }
    return {};
}

} // namespace

void fill_random(std::span<std::uint8_t> out)
{
    crypto::random_fill(out);
}

rtsp::Client::Options rtsp_options(const Url& url, rtsp::Client::Role role)
{
    rtsp::Client::Options options{.role = role};
    options.url.scheme = url.tls() ? "rtsps" : "rtsp";
    options.url.user = url.user;
    options.url.password = url.password;
    options.url.host = url.host;
    options.url.port = url.port;
    options.url.path = "/" + url.path;
    options.url.query = url.query;
    return options;
}

Outcome to_outcome(const rtsp::Refused& refused)
{
    return {fmt::format("refused by the server: {} {}", refused.status, refused.reason)};
}

RtspCall::RtspCall(const net::asio::any_io_executor& executor, Url url, RtspWay way,
                   rtsp::Client::Options options, Source::Limits limits)
    : executor_{executor}, url_{std::move(url)}, way_{way}, limits_{limits}, core_{std::move(options),
                                                                                   Clock::now(), fill_random},
      line_{executor}, up_{executor}, to_say_{executor}, rung_{executor}, timer_{executor}
{
}

net::awaitable<Outcome> RtspCall::connect()
{
    const auto due = Clock::now() + limits_.connect;
    auto connected = co_await line_.connect(url_, due);
    if (connected && way_ == RtspWay::http) {
        connected = co_await open_tunnel(due);
    }
    if (!connected) {
        over_ = true;
        outcome_ = connected;
        co_return connected;
    }
    server_ = address_of(line_.channel());
    net::asio::co_spawn(executor_, listen(shared_from_this()), net::kDetached);
    net::asio::co_spawn(executor_, speak(shared_from_this()), net::kDetached);
    net::asio::co_spawn(executor_, keep_time(shared_from_this()), net::kDetached);
    co_return Outcome{};
}

/// A GET whose answer never ends, and a POST that never ends.
net::awaitable<Outcome> RtspCall::open_tunnel(Clock::time_point due)
{
    std::array<std::uint8_t, 12> random{};
    fill_random(random);
    std::string cookie;
    for (const auto byte : random) {
        cookie += fmt::format("{:02x}", byte);
    }
    const auto get = rtsp::tunnel_get(url_.target(), url_.authority(), cookie);
    auto error = co_await line_.write(as_bytes(get), due);
    std::string answer;
    std::array<std::uint8_t, 1> byte{};
    while (!error && !answer.ends_with("\r\n\r\n") && answer.size() < rtsp::kMostTunnelHead) {
        const auto got = co_await line_.read(byte, due);
        error = got.error;
        answer.push_back(static_cast<char>(byte[0]));
    }
    if (error) {
        co_return Outcome{describe(error)};
    }
    const auto space = answer.find(' ');
    if (!answer.starts_with("HTTP/1.") || answer.substr(space, 4) != " 200") {
        co_return Outcome{"the server opens no RTSP tunnel: " + answer.substr(0, answer.find("\r\n"))};
    }
    auto connected = co_await up_.connect(url_, due);
    if (connected) {
        const auto post = rtsp::tunnel_post(url_.target(), url_.authority(), cookie);
        error = co_await up_.write(as_bytes(post), due);
        if (error) {
            connected = Outcome{describe(error)};
        }
    }
    co_return connected;
}

net::awaitable<void> RtspCall::listen(std::shared_ptr<RtspCall> self)
{
    Bytes inbox(kInbox);
    while (!self->over_) {
        const auto got = co_await self->line_.read(inbox, Clock::time_point::max());
        if (self->over_) {
            break;
        }
        if (got.error) {
            self->lose({describe_loss(got.error)});
            break;
        }
        self->bytes_in_ += got.bytes;
        const auto fed = self->core_.feed(ByteView{inbox}.first(got.bytes), Clock::now());
        self->take_events();
        if (!fed) {
            self->lose({fed.error().message()});
        }
        self->say();
        self->rung_.notify();
    }
}

void RtspCall::take_events()
{
    while (const auto event = core_.next_event()) {
        if (const auto* packet = std::get_if<rtsp::PacketArrived>(&*event)) {
            if (on_packet) {
                on_packet(packet->stream, packet->packet);
            }
            continue;
        }
        if (const auto* set_up = std::get_if<rtsp::StreamSetUp>(&*event)) {
            learn(*set_up);
        }
        if (on_event) {
            on_event(*event);
        }
        if (const auto* refused = std::get_if<rtsp::Refused>(&*event)) {
            lose(to_outcome(*refused));
        } else if (const auto* ended = std::get_if<rtsp::Ended>(&*event)) {
            lose({ended->why});
        }
    }
}

Outcome RtspCall::set_up(std::vector<std::string> urls, bool record)
{
    streams_.clear();
    std::vector<rtsp::Client::Wanted> wanted;
    for (std::size_t i = 0; i < urls.size(); ++i) {
        Stream stream{.url = std::move(urls[i])};
        auto transport = transport_of(way_, i, record);
        if (way_ == RtspWay::udp) {
            const auto any = server_.is_v6() ? net::asio::ip::address{net::asio::ip::address_v6::any()}
                                             : net::asio::ip::address{net::asio::ip::address_v4::any()};
            auto pair = ports().open(executor_, any);
            if (!pair) {
                return {"no ports are left for RTP over UDP"};
            }
            stream.sockets = std::move(*pair);
            stream.sockets.rtp->set_receive_buffer(kReceiveBuffer);
            transport.client_port = rtsp::Ports{stream.sockets.rtp->port(), stream.sockets.rtcp->port()};
            for (const auto& socket : {stream.sockets.rtp, stream.sockets.rtcp}) {
                net::asio::co_spawn(executor_, receive(shared_from_this(), i, socket), net::kDetached);
            }
        }
        wanted.push_back({stream.url, transport});
        streams_.push_back(std::move(stream));
    }
    core_.setup(std::move(wanted));
    say();
    return {};
}

/// Where the server's ports are: what we send there opens the way for what it sends.
void RtspCall::learn(const rtsp::StreamSetUp& event)
{
    if (event.stream >= streams_.size()) {
        return;
    }
    auto& stream = streams_[event.stream];
    stream.transport = event.transport;
    if (way_ != RtspWay::udp || !event.transport.server_port || event.transport.server_port->rtp == 0) {
        return; // Quirk: some cameras do not tell; the first packet does.
    }
    auto host = server_;
    net::error_code bad;
    if (const auto source = net::asio::ip::make_address(event.transport.source, bad); !bad) {
        host = source;
    }
    stream.rtp_to.emplace(host, event.transport.server_port->rtp);
    stream.rtcp_to.emplace(host, event.transport.server_port->rtcp);
    stream.strict_until = Clock::now() + kStrict;
    const std::array<std::uint8_t, 12> punch{0x80};
    const std::array<std::uint8_t, 8> report{0x80, 0xc9, 0, 1};
    const ByteView first{punch};
    const ByteView second{report};
    stream.sockets.rtp->send_now({&first, 1}, *stream.rtp_to);
    stream.sockets.rtcp->send_now({&second, 1}, *stream.rtcp_to);
}

/// Whether a datagram is of this session: a port may be that of somebody else's stream of a moment ago.
bool RtspCall::from_the_server(Stream& stream, const net::udp::endpoint& from)
{
    const bool told = stream.rtp_to && (from == *stream.rtp_to || from == *stream.rtcp_to);
    stream.heard = stream.heard || told;
    if (told || !stream.rtp_to) {
        return told || from.address() == server_;
    }
    // Quirk: some cameras send from other ports than they tell.
    const bool may_be = from.address() == server_ || from.address() == stream.rtp_to->address();
    return may_be && !stream.heard && Clock::now() >= stream.strict_until;
}

net::awaitable<void> RtspCall::receive(std::shared_ptr<RtspCall> self, std::size_t index,
                                       std::shared_ptr<net::DatagramSocket> socket)
{
    while (!self->over_) {
        const auto error = co_await socket->readable();
        if (error || self->over_) {
            break;
        }
        socket->receive_now([&](ByteView bytes, const net::udp::endpoint& from) {
            if (self->from_the_server(self->streams_[index], from) && self->on_packet) {
                self->bytes_in_ += bytes.size();
                self->on_packet(index, SharedBytes::copy_of(bytes));
            }
        });
        self->rung_.notify();
    }
}

void RtspCall::send(std::size_t index, bool rtcp, ByteView packet)
{
    if (over_ || index >= streams_.size()) {
        return;
    }
    if (way_ != RtspWay::udp) {
        core_.send(index, rtcp, packet);
        say();
        return;
    }
    const auto& stream = streams_[index];
    const auto& to = rtcp ? stream.rtcp_to : stream.rtp_to;
    if (to) {
        const auto& socket = rtcp ? stream.sockets.rtcp : stream.sockets.rtp;
        bytes_out_ += socket->send_now({&packet, 1}, *to) * packet.size();
    }
}

net::awaitable<void> RtspCall::speak(std::shared_ptr<RtspCall> self)
{
    while (!self->over_ || self->core_.has_output()) {
        if (!self->core_.has_output()) {
            co_await self->to_say_.wait();
            continue;
        }
        self->waiting_ = self->core_.take_output();
        const auto due = Clock::now() + (self->over_ ? kGoodbye : self->limits_.silence);
        net::error_code error;
        if (self->way_ == RtspWay::http) {
            const auto text = crypto::base64(self->waiting_);
            error = co_await self->up_.write(as_bytes(text), due);
        } else {
            error = co_await self->line_.write(self->waiting_, due);
        }
        self->bytes_out_ += self->waiting_.size();
        self->waiting_.clear();
        self->rung_.notify();
        if (error) {
            self->lose({describe_loss(error)});
            break;
        }
    }
    self->line_.cancel();
    self->up_.cancel();
    self->rung_.notify();
}

net::awaitable<void> RtspCall::keep_time(std::shared_ptr<RtspCall> self)
{
    constexpr std::chrono::milliseconds kStep{20};
    while (!self->over_) {
        self->timer_.expires_after(kStep);
        co_await self->timer_.async_wait(net::kNoThrow);
        const auto now = Clock::now();
        if (self->over_) {
            break;
        }
        if (self->on_tick) {
            self->on_tick(now);
        }
        if (const auto ticked = self->core_.tick(now); !ticked) {
            self->lose({ticked.error().message()});
        }
        if (self->core_.has_output()) {
            self->say();
        }
        self->rung_.notify();
    }
}

void RtspCall::leave()
{
    if (!over_) {
        core_.close();
        over_ = true;
        to_say_.notify();
        rung_.notify();
        timer_.cancel();
        for (auto& stream : streams_) {
            if (stream.sockets.rtp) {
                stream.sockets.rtp->close();
                stream.sockets.rtcp->close();
            }
        }
    }
    on_event = {};
    on_packet = {};
    on_tick = {};
}

void RtspCall::lose(Outcome why)
{
    if (over_) {
        return;
    }
    outcome_ = std::move(why);
    over_ = true;
    to_say_.notify();
    rung_.notify();
    timer_.cancel();
    for (auto& stream : streams_) {
        if (stream.sockets.rtp) {
            stream.sockets.rtp->close();
            stream.sockets.rtcp->close();
        }
    }
}

} // namespace millrace::clients
