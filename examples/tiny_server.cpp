// A server in a page: takes one publisher at a time and counts what it sends: tiny_server PORT
#include "run.hpp"
#include <millrace/crypto/random.hpp>
#include <millrace/net/channel.hpp>
#include <millrace/rtmp/server.hpp>

#include <cstdlib>

namespace {

namespace net = millrace::net;
namespace rtmp = millrace::rtmp;
using millrace::Clock;
/// Answers what the session asks; media is counted.
void decide(rtmp::Server& session, const rtmp::ServerEvent& event, std::size_t& messages)
{
    if (std::holds_alternative<rtmp::ConnectRequested>(event)) {
        session.accept_connect();
    } else if (const auto* publish = std::get_if<rtmp::PublishRequested>(&event)) {
        std::printf("publishing %s\n", publish->path.c_str());
        session.accept_publish(publish->stream);
    } else if (const auto* play = std::get_if<rtmp::PlayRequested>(&event)) {
        session.refuse_play(play->stream, "NetStream.Play.StreamNotFound", "there is nothing to play here");
    } else if (std::holds_alternative<rtmp::MediaReceived>(event)) {
        ++messages;
    } else if (std::holds_alternative<rtmp::PublishStopped>(event)) {
        session.close(); // One is enough.
    }
}

example::awaitable<int> serve(example::Executor executor, unsigned short port)
{
    net::tcp::acceptor door{executor, {net::asio::ip::address_v4::loopback(), port}};
    auto [error, socket] = co_await door.async_accept(net::kNoThrow);
    net::TcpChannel channel{std::move(socket)};
    rtmp::Server session{Clock::now(), [](auto bytes) { millrace::crypto::random_fill(bytes); }};
    millrace::Bytes inbox(65536);
    std::size_t messages = 0;
    while (!session.closed()) {
        const auto got = co_await net::read_some(channel, inbox);
        if (got.error || !session.feed(millrace::ByteView{inbox}.first(got.bytes), Clock::now())) {
            break;
        }
        while (const auto event = session.next_event()) {
            decide(session, *event, messages);
        }
        const auto answers = session.take_output();
        co_await net::write_all(channel, answers);
    }
    std::printf("%zu messages\n", messages);
    co_return messages > 0 ? 0 : 1;
}

} // namespace

int main(int count, char** arguments)
{
    const auto port = static_cast<unsigned short>(count == 2 ? std::atoi(arguments[1]) : 1935);
    return example::run([port](auto executor) { return serve(executor, port); });
}
