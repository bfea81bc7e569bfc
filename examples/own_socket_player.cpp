// Plays over a socket of one's own, without Asio and without threads: own_socket_player PORT APP NAME SECONDS
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
    if (count != 5) {
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
    rtmp::Client session{{.role = rtmp::Client::Role::play,
                          .app = app,
                          .tc_url = "rtmp://127.0.0.1:" + std::string{arguments[1]} + "/" + app,
                          .name = arguments[3]},
                         Clock::now(),
                         [](auto bytes) { millrace::crypto::random_fill(bytes); }};
    const auto end = Clock::now() + std::chrono::seconds{std::atoi(arguments[4])};
    millrace::Bytes inbox(65536);
    std::size_t messages = 0;
    while (!session.closed() && Clock::now() < end) {
        const auto said = session.take_output(); // What the session has to say,
        if (!said.empty() && ::send(socket, said.data(), said.size(), 0) < 0) {
            break;
        }
        const auto got = ::recv(socket, inbox.data(), inbox.size(), 0); // and what it is told.
        if (got <= 0) {
            break;
        }
        const auto fed =
            session.feed(millrace::ByteView{inbox}.first(static_cast<std::size_t>(got)), Clock::now());
        while (const auto event = session.next_event()) {
            if (const auto* refused = std::get_if<rtmp::Refused>(&*event)) {
                std::fprintf(stderr, "refused: %s\n", refused->description.c_str());
            }
            messages += std::holds_alternative<rtmp::MediaArrived>(*event) ? 1U : 0U;
        }
        if (!fed) { // The events told why.
            break;
        }
    }
    std::printf("%zu messages\n", messages);
    return ::close(socket) == 0 && messages > 0 ? 0 : 1;
}
