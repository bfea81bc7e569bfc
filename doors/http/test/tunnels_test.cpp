// RTMPT's requests as they come in at the door.
#include <millrace/doors/http/tunnels.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

#include <future>

namespace millrace::doors {
namespace {

using namespace testing::literals;

/// A worker with tunnels, and a session that listens and says only what it is told to.
struct House {
    std::unique_ptr<net::Workers> workers = std::make_unique<net::Workers>(1);
    exchange::Exchange exchange{*workers, {}};
    std::shared_ptr<net::Channel> channel;
    Bytes heard;
    Tunnels tunnels{exchange,
                    [this](exchange::Desk& desk, net::Caller caller) {
                        channel = caller.channel;
                        desk.worker().spawn(listen(channel));
                    },
                    {.hold = std::chrono::milliseconds{1}}};

    House()
    {
        workers->start();
        exchange.start();
    }
    ~House()
    {
        workers->stop();
        tunnels.clear();
        exchange.clear();
        channel.reset();
        workers.reset();
    }

    net::awaitable<void> listen(std::shared_ptr<net::Channel> from)
    {
        Bytes part(1000);
        for (;;) {
            const auto got = co_await net::read_some(*from, part);
            if (got.error || got.bytes == 0) {
                break;
            }
            heard.insert(heard.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got.bytes));
        }
    }

    Tunnels::Reply post(std::string path, Bytes body)
    {
        std::promise<Tunnels::Reply> reply;
        (*workers)[0].spawn([&]() -> net::awaitable<void> {
            auto got =
                co_await tunnels.take(exchange.desk(0), std::move(path), std::move(body), "test", false);
            reply.set_value(std::move(got));
        });
        return reply.get_future().get();
    }

    std::string open()
    {
        const auto body = post("/open/1", {0}).body;
        EXPECT_EQ(body.back(), '\n') << "librtmp drops the last byte";
        return {body.begin(), body.end() - 1};
    }

    template <class F>
    void call(F f)
    {
        std::promise<void> done;
        (*workers)[0].post([&] {
            f();
            done.set_value();
        });
        done.get_future().get();
    }
};

// V13: StreamBegin is pending when the eighth request comes, which has nothing to say.
TEST(Tunnels, AnswerAnIdleRequestWithThePollingByteAndWhatIsPendingAndTakeItsBodyForNothing)
{
    const auto stream_begin = "02 000000 000006 04 00000000 0000 00000001"_hex;
    House house;
    const auto id = house.open();
    EXPECT_EQ(house.post("/send/" + id + "/0", "030405"_hex).body, Bytes("01"_hex));
    for (int sequence = 1; sequence < 7; ++sequence) {
        const auto reply = house.post("/idle/" + id + "/" + std::to_string(sequence), "00"_hex);
        EXPECT_EQ(reply.status, 200U);
        EXPECT_EQ(reply.body, Bytes("01"_hex));
    }
    house.call([&] {
        const ByteView view{stream_begin};
        EXPECT_EQ(house.channel->send_now({&view, 1}).bytes, 18U);
    });
    const auto reply = house.post("/idle/" + id + "/7", "00"_hex);
    EXPECT_EQ(reply.body, Bytes("01 02 000000 000006 04 00000000 0000 00000001"_hex));
    EXPECT_EQ(reply.body.size(), 19U);
    house.call([&] { EXPECT_EQ(house.heard, Bytes("030405"_hex)); });
}

TEST(Tunnels, EndWithAZeroByteAndAreUnknownFromThenOn)
{
    House house;
    const auto id = house.open();
    EXPECT_EQ(house.post("/close/" + id + "/0", "00"_hex).body, Bytes("00"_hex));
    EXPECT_EQ(house.post("/idle/" + id + "/1", "00"_hex).status, 404U);
}

TEST(Tunnels, RefuseSequenceNumbersThatWereAnsweredOrAreTooFarAhead)
{
    for (const char* wrong : {"0", "19"}) {
        House house;
        const auto id = house.open();
        for (int sequence = 0; sequence < 2; ++sequence) {
            house.post("/idle/" + id + "/" + std::to_string(sequence), "00"_hex);
        }
        EXPECT_EQ(house.post("/idle/" + id + "/" + wrong, "00"_hex).status, 400U) << wrong;
    }
}

TEST(Tunnels, GiveTheNewestAnswerAgain)
{
    House house;
    const auto id = house.open();
    house.call([&] {
        const Bytes said{7};
        const ByteView view{said};
        house.channel->send_now({&view, 1});
    });
    EXPECT_EQ(house.post("/idle/" + id + "/0", "00"_hex).body, Bytes("0107"_hex));
    EXPECT_EQ(house.post("/idle/" + id + "/0", "00"_hex).body, Bytes("0107"_hex));
}

} // namespace
} // namespace millrace::doors
