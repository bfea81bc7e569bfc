// RTMPT as our client speaks it, before an HTTP server by script.
#include "../src/tunnel.hpp"
#include "house.hpp"
#include <millrace/testing/hex.hpp>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>
#include <gtest/gtest.h>

namespace millrace::clients {
namespace {

namespace http = boost::beast::http;
using namespace testing::literals;
using Body = http::vector_body<std::uint8_t>;

struct Request {
    std::string target;
    Bytes body;
};

/// Answers whatever is asked, and remembers it.
struct Front {
    std::vector<Request> asked;
    std::function<Bytes(const Request&)> answer;
    http::status status = http::status::ok;

    net::awaitable<void> serve(net::tcp::acceptor& door)
    {
        auto [error, socket] = co_await door.async_accept(net::kNoThrow);
        boost::beast::flat_buffer buffer;
        for (;;) {
            http::request<Body> request;
            const auto [failed, got] = co_await http::async_read(socket, buffer, request, net::kNoThrow);
            if (failed) {
                break;
            }
            EXPECT_EQ(request.method(), http::verb::post);
            EXPECT_EQ(request[http::field::content_type], "application/x-fcs");
            asked.push_back({std::string{request.target()}, request.body()});
            http::response<Body> response{status, 11};
            response.body() = answer(asked.back());
            response.prepare_payload();
            const auto [unsent, sent] = co_await http::async_write(socket, response, net::kNoThrow);
            if (unsent) {
                break;
            }
        }
    }

    std::size_t count(const std::string& begin) const
    {
        return static_cast<std::size_t>(std::ranges::count_if(
            asked, [&](const Request& request) { return request.target.starts_with(begin); }));
    }
};

std::shared_ptr<net::Channel> tunnel_to(House& house)
{
    net::tcp::socket socket{house.context};
    socket.connect(house.door.local_endpoint());
    socket.non_blocking(true);
    return open_tunnel(std::make_shared<net::TcpChannel>(std::move(socket)),
                       parse_url("rtmpt://" + house.place() + "/live/cam"));
}

net::awaitable<Bytes> read(net::Channel& channel, std::size_t size)
{
    Bytes all;
    Bytes part(100);
    while (all.size() < size) {
        const auto got = co_await net::read_some(channel, part);
        if (got.error) {
            break;
        }
        all.insert(all.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got.bytes));
    }
    co_return all;
}

// V13: StreamBegin comes with the answer to the eighth request; all before it have the polling byte alone.
TEST(Tunnel, AsksWithAZeroByteWhenItHasNothingToSayAndDropsThePollingByteOfTheAnswer)
{
    const auto stream_begin = "02 000000 000006 04 00000000 0000 00000001"_hex;
    House house;
    Front front;
    front.answer = [&](const Request& request) {
        if (request.target == "/open/1") {
            return to_bytes(as_bytes("AbC123\n"));
        }
        Bytes body{1};
        if (request.target == "/idle/AbC123/7") {
            body.insert(body.end(), stream_begin.begin(), stream_begin.end());
        }
        return body;
    };
    house.serve(front.serve(house.door));
    Bytes heard;
    house.receive([&]() -> net::awaitable<void> {
        const auto tunnel = tunnel_to(house);
        heard = co_await read(*tunnel, stream_begin.size());
        tunnel->close();
    });
    EXPECT_EQ(heard, Bytes(stream_begin));
    ASSERT_GE(front.asked.size(), 9U);
    EXPECT_EQ(front.asked[0].target, "/open/1");
    EXPECT_EQ(front.asked[0].body, Bytes{0});
    for (std::size_t i = 1; i < 9; ++i) {
        EXPECT_EQ(front.asked[i].target, "/idle/AbC123/" + std::to_string(i - 1));
        EXPECT_EQ(front.asked[i].body, Bytes{0});
    }
}

TEST(Tunnel, SendsWhatIsWrittenAndClosesBehindIt)
{
    House house;
    Front front;
    front.answer = [](const Request& request) {
        return request.target == "/open/1"            ? to_bytes(as_bytes("1\r\n"))
               : request.target.starts_with("/send/") ? Bytes{1, 42}
                                                      : Bytes{1};
    };
    house.serve(front.serve(house.door));
    Bytes heard;
    house.receive([&]() -> net::awaitable<void> {
        const auto tunnel = tunnel_to(house);
        const Bytes words{3, 4, 5};
        const auto error = co_await net::write_all(*tunnel, words);
        EXPECT_FALSE(error);
        heard = co_await read(*tunnel, 1);
        tunnel->shut();
        co_await read(*tunnel, 1); // Nothing more: it ends when the goodbye is answered.
    });
    EXPECT_EQ(heard, Bytes{42});
    ASSERT_EQ(front.count("/send/1/"), 1U);
    for (const auto& request : front.asked) {
        EXPECT_EQ(request.body, request.target.starts_with("/send/") ? (Bytes{3, 4, 5}) : Bytes{0})
            << request.target;
    }
    EXPECT_EQ(front.asked.back().target, "/close/1/" + std::to_string(front.asked.size() - 2));
}

TEST(Tunnel, SaysThatTheServerKnowsNoTunnels)
{
    House house;
    Front front;
    front.status = http::status::not_found;
    front.answer = [](const Request&) { return Bytes{}; };
    house.serve(front.serve(house.door));
    std::string why;
    house.receive([&]() -> net::awaitable<void> {
        const auto tunnel = tunnel_to(house);
        Bytes part(1);
        const auto got = co_await net::read_some(*tunnel, part);
        why = got.error.message();
    });
    EXPECT_NE(why.find("does not speak RTMPT"), std::string::npos) << why;
    EXPECT_EQ(front.asked.size(), 1U);
}

} // namespace
} // namespace millrace::clients
