// Publishes audio and video messages over a socket of one's own: own_socket_publisher PORT APP NAME
#include <millrace/crypto/random.hpp>
#include <millrace/rtmp/client.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace rtmp = millrace::rtmp;
using millrace::Clock;

int main(int count, char** arguments)
{
    if (count != 4) {
        std::fprintf(stderr, "usage: own_socket_publisher PORT APP NAME\n");
        return 2;
    }
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{.sin_family = AF_INET,
                      .sin_port = htons(static_cast<unsigned short>(std::atoi(arguments[1])))};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&place), sizeof place) != 0) {
        std::perror("connect");
        return 1;
    }
    const std::string app = arguments[2];
    rtmp::Client session{{.role = rtmp::Client::Role::publish,
                          .app = app,
                          .tc_url = "rtmp://127.0.0.1:" + std::string{arguments[1]} + "/" + app,
                          .name = arguments[3]},
                         Clock::now(),
                         [](auto bytes) { millrace::crypto::random_fill(bytes); }};
    millrace::Bytes inbox(4096);
    const auto say = [&] {
        const auto bytes = session.take_output();
        return bytes.empty() || ::send(socket, bytes.data(), bytes.size(), 0) > 0;
    };
    for (bool started = false; !started && say();) {
        const auto got = ::recv(socket, inbox.data(), inbox.size(), 0);
        if (got <= 0 ||
            !session.feed(millrace::ByteView{inbox}.first(static_cast<std::size_t>(got)), Clock::now())) {
            return 1;
        }
        const auto event = session.next_event();
        started = event && std::holds_alternative<rtmp::Started>(*event);
    }
    const millrace::Bytes g711_head{0x72}; // FLV 10.1 §E.4.2.1: G.711 A-law, 8 kHz, 16 bits, mono.
    for (std::uint32_t ms = 0; ms < 2000; ms += 20, ::usleep(20'000)) {
        session.send(rtmp::MessageType::audio, ms, g711_head,
                     millrace::SharedBytes{millrace::Bytes(160, 0xD5)});
        say();
    }
    session.close();
    return say() && ::close(socket) == 0 ? 0 : 1;
}
