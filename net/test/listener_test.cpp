#include <millrace/net/listener.hpp>
#include <millrace/net/notice.hpp>
#include <millrace/net/send.hpp>
#include <millrace/net/tls.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <future>

namespace millrace::net {
namespace {

struct House {
    Workers workers{2};
    std::promise<Protocol> said;
    Listener listener{workers,
                      "127.0.0.1:0",
                      [this](Worker& worker, Caller caller) {
                          said.set_value(caller.protocol);
                          worker.spawn(echo(std::move(caller)));
                      },
                      {.first_byte = std::chrono::milliseconds{200}}};

    House()
    {
        workers.start();
        listener.start();
    }
    static awaitable<void> echo(Caller caller)
    {
        std::uint8_t byte = 0;
        co_await read_some(*caller.channel, {&byte, 1});
        co_await write_all(*caller.channel, {&byte, 1});
    }
    tcp::socket call(asio::io_context& context)
    {
        tcp::socket socket{context};
        socket.connect({asio::ip::address_v4::loopback(), listener.port()});
        return socket;
    }
};

TEST(Listener, HandsAConnectionOnWithNothingTakenFromIt)
{
    House house;
    asio::io_context context;
    auto socket = house.call(context);
    const std::string hello = "GET /";
    asio::write(socket, asio::buffer(hello));
    EXPECT_EQ(house.said.get_future().get(), Protocol::http);
    char back = 0;
    asio::read(socket, asio::buffer(&back, 1));
    EXPECT_EQ(back, 'G');
}

// Told otherwise in tutorials: that RTMPS is RTMPT with TLS around it. It is RTMP itself; RTMPT in TLS is
// RTMPTS.
TEST(Listener, FindsRtmpItselfInTlsAndHttpForATunnelInTls)
{
    const auto folder =
        std::filesystem::temp_directory_path() / ("millrace_listener_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    bool made = false;
    const TlsServer certificate{self_signed(folder.string(), made)};
    for (const auto& [first, inside] : std::vector<std::pair<Bytes, Protocol>>{
             {{3}, Protocol::rtmp},
             {{6}, Protocol::rtmpe},
             {to_bytes(as_bytes("POST /open/1 HTTP/1.1\r\n")), Protocol::http}}) {
        std::promise<std::pair<Protocol, bool>> said;
        Workers workers{1};
        Listener listener{workers,
                          "127.0.0.1:0",
                          [&](Worker& worker, Caller caller) {
                              said.set_value({caller.protocol, caller.tls});
                              worker.spawn(House::echo(std::move(caller)));
                          },
                          {},
                          &certificate};
        workers.start();
        listener.start();
        asio::io_context context;
        tcp::socket socket{context};
        socket.connect({asio::ip::address_v4::loopback(), listener.port()});
        socket.non_blocking(true);
        TlsChannel channel{std::move(socket), tls_client_context(), false};
        channel.expect("localhost", false);
        std::uint8_t back = 0;
        const auto speak = [&]() -> awaitable<void> {
            const auto why = co_await channel.handshake();
            EXPECT_EQ(why, "");
            co_await write_all(channel, first);
            co_await read_some(channel, {&back, 1});
        };
        asio::co_spawn(context, speak(), kDetached);
        context.run();
        EXPECT_EQ(said.get_future().get(), std::pair(inside, true));
        EXPECT_EQ(back, first[0]) << "nothing was taken from it";
        workers.stop();
    }
    std::filesystem::remove_all(folder);
}

TEST(Listener, ClosesWhoSaysNothing)
{
    House house;
    asio::io_context context;
    auto socket = house.call(context);
    char byte = 0;
    error_code error;
    asio::read(socket, asio::buffer(&byte, 1), error);
    EXPECT_EQ(error, asio::error::eof);
    EXPECT_EQ(house.listener.counters().silent, 1U);
}

TEST(Listener, SaysWhatToDoAboutATakenPort)
{
    House house;
    Workers others{1};
    try {
        const Listener second{others, house.listener.address(), {}};
        FAIL() << "two listeners on one port";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string{error.what()}.find("the port is taken"), std::string::npos);
    }
}

TEST(Listener, SaysWhatAnAddressLooksLike)
{
    for (const auto* bad : {"1935", "localhost:1935", "127.0.0.1:99999", "127.0.0.1:", ""}) {
        EXPECT_THROW(parse_endpoint(bad), std::runtime_error) << bad;
    }
    EXPECT_EQ(to_string(parse_endpoint("[::]:1935")), "[::]:1935");
    EXPECT_EQ(to_string(parse_endpoint("[::ffff:1.2.3.4]:5")), "1.2.3.4:5");
}

TEST(Workers, RunOnComesBackWithTheResult)
{
    Workers workers{2};
    workers.start();
    std::promise<std::pair<std::thread::id, std::thread::id>> seen;
    workers[0].spawn([&]() -> awaitable<void> {
        const auto there = co_await run_on(workers[1], [] { return std::this_thread::get_id(); });
        seen.set_value({std::this_thread::get_id(), there});
    });
    const auto [here, there] = seen.get_future().get();
    EXPECT_NE(here, there);
}

} // namespace
} // namespace millrace::net
