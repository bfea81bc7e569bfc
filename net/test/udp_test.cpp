#include <millrace/net/udp.hpp>
#include <millrace/net/workers.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace millrace::net {
namespace {

const auto kHome = asio::ip::make_address("127.0.0.1");

class Udp : public ::testing::Test {
protected:
    /// Waits until something has come, though not for ever.
    std::size_t receive(DatagramSocket& socket, const DatagramSocket::Take& take)
    {
        std::size_t count = 0;
        asio::co_spawn(
            context,
            [](DatagramSocket& from, const DatagramSocket::Take& taker, std::size_t& sum) -> awaitable<void> {
                co_await from.readable();
                sum = from.receive_now(taker);
            }(socket, take, count),
            kDetached);
        context.restart();
        context.run_for(std::chrono::seconds{5});
        return count;
    }

    asio::io_context context;
};

TEST_F(Udp, CarriesManyDatagramsWithOneCall)
{
    DatagramSocket here{context.get_executor()};
    DatagramSocket there{context.get_executor()};
    ASSERT_FALSE(here.open({kHome, 0}));
    ASSERT_FALSE(there.open({asio::ip::address_v6::any(), 0}));
    std::vector<Bytes> packets;
    std::vector<ByteView> views;
    for (std::uint8_t i = 0; i < 20; ++i) {
        packets.emplace_back(i + 1U, i);
    }
    views.assign(packets.begin(), packets.end());
    EXPECT_EQ(here.send_now(views, {kHome, there.port()}), 20U);
    std::vector<Bytes> got;
    EXPECT_EQ(receive(there,
                      [&](ByteView bytes, const udp::endpoint& from) {
                          got.push_back(to_bytes(bytes));
                          EXPECT_EQ(from, (udp::endpoint{kHome, here.port()}));
                      }),
              20U);
    EXPECT_EQ(got, packets);
    // The other way: a socket of both families reaches IPv4.
    EXPECT_EQ(there.send_now({views.data(), 1}, {kHome, here.port()}), 1U);
    EXPECT_EQ(receive(here, [](ByteView, const udp::endpoint&) {}), 1U);
}

TEST_F(Udp, HandsOutPairsOnceEach)
{
    PortPairs pool{40001, 40007};
    std::vector<DatagramPair> pairs;
    while (auto pair = pool.open(context.get_executor(), kHome)) {
        EXPECT_EQ(pair->rtp->port() % 2, 0);
        EXPECT_EQ(pair->rtcp->port(), pair->rtp->port() + 1);
        EXPECT_GE(pair->rtp->port(), 40002);
        EXPECT_LE(pair->rtcp->port(), 40007);
        pairs.push_back(std::move(*pair));
        ASSERT_LE(pairs.size(), 3U);
    }
    ASSERT_FALSE(pairs.empty());
    const auto port = pairs.front().rtp->port();
    pairs.erase(pairs.begin());
    const auto again = pool.open(context.get_executor(), kHome);
    ASSERT_TRUE(again) << "what is given back can be had again";
    EXPECT_EQ(again->rtp->port(), port);
}

} // namespace
} // namespace millrace::net
