#include "house.hpp"
#include <millrace/exchange/route.hpp>

#include <gtest/gtest.h>

namespace millrace::exchange {
namespace {

TEST(Route, SeesAServerThatItHasBeenTo)
{
    const auto a = make_server_id();
    const auto b = make_server_id();
    EXPECT_EQ(a.size(), 16U);
    EXPECT_NE(a, b);
    const auto route = extend_route(extend_route("", a), b);
    EXPECT_EQ(route, a + "," + b);
    EXPECT_TRUE(goes_in_circles(route, a));
    EXPECT_TRUE(goes_in_circles(route, b));
    EXPECT_FALSE(goes_in_circles(route, make_server_id()));
    EXPECT_FALSE(goes_in_circles("", a));
    EXPECT_FALSE(goes_in_circles(a + a, a)) << "an id is a whole word";
}

TEST(Route, EndsAfterSixteenServers)
{
    std::string route;
    for (std::size_t i = 0; i < kMostHops - 1; ++i) {
        EXPECT_FALSE(goes_in_circles(route, "x"));
        route = extend_route(route, make_server_id());
    }
    route = extend_route(route, make_server_id());
    EXPECT_TRUE(goes_in_circles(route, "x"));
    EXPECT_TRUE(goes_in_circles(std::string(kMostRoute + 1, 'a'), "x"));
}

TEST(Exchange, RefusesARequestThatHasComeThroughItAlready)
{
    House house;
    const auto route = extend_route("0123456789abcdef", house.exchange.id());
    const auto published = house.publish(0, Claim{.stream = "live/cam", .route = route});
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error(), make_error_code(Errc::relay_loop));
    auto here = house.publish(0);
    ASSERT_TRUE(here);
    const auto watched = house.on(1, [&]() -> net::awaitable<Result<std::shared_ptr<LocalStream>>> {
        co_return co_await house.exchange.watch(house.exchange.desk(1), "live/cam", route);
    });
    ASSERT_FALSE(watched);
    EXPECT_EQ(watched.error(), make_error_code(Errc::relay_loop));
    EXPECT_TRUE(house.watch(1)) << "others may";
}

/// Brings "edge/…", or says why not.
struct Bringer : Relay {
    explicit Bringer(House& with) : house{with} {}
    bool brings(const std::string& name) const override { return name.starts_with("edge/"); }
    net::awaitable<std::string> bring(std::string name, std::string route) override
    {
        asked = route;
        if (name == "edge/none") {
            co_return "the source is gone";
        }
        auto& desk = house.exchange.desk(0);
        Claim claim{.stream = name};
        auto published = co_await house.exchange.publish(desk, std::move(claim));
        publication = std::move(*published);
        co_return "";
    }
    void began(const std::shared_ptr<LocalStream>& stream, Desk&) override
    {
        streams.push_back(stream->stream().name());
    }

    House& house;
    std::string asked;
    std::vector<std::string> streams;
    std::unique_ptr<Publication> publication;
};

TEST(Exchange, AsksARelayForAStreamThatItBrings)
{
    House house;
    Bringer bringer{house};
    house.exchange.set_relay(&bringer);
    std::string why;
    const auto watch = [&](std::string name) {
        return house.on(1, [&]() -> net::awaitable<Result<std::shared_ptr<LocalStream>>> {
            co_return co_await house.exchange.watch(house.exchange.desk(1), name, "abc", &why);
        });
    };
    EXPECT_EQ(watch("live/cam").error(), make_error_code(Errc::no_such_stream));
    EXPECT_EQ(watch("edge/none").error(), make_error_code(Errc::relay_failed));
    EXPECT_EQ(why, "the source is gone");
    EXPECT_TRUE(watch("edge/cam"));
    EXPECT_EQ(bringer.asked, "abc");
    EXPECT_EQ(bringer.streams, std::vector<std::string>{"edge/cam"});
    bringer.publication.reset();
}

/// Counts frames, and hears of the end.
struct Counter : Tap {
    void take(std::span<const hub::Update> updates) override { steps += updates.size(); }
    void ended() override { over = true; }
    std::atomic<std::size_t> steps = 0;
    std::atomic<bool> over = false;
};

TEST(Exchange, TellsTapsOfEachStepOnAnyWorkerAndOfTheEnd)
{
    House house;
    auto publication = house.publish(0);
    ASSERT_TRUE(publication);
    Counter counters[2];
    for (const std::size_t worker : {0U, 1U}) {
        auto stream = house.watch(worker);
        ASSERT_TRUE(stream);
        house.call(worker, [&] {
            (*stream)->attach(counters[worker]);
            return 0;
        });
    }
    house.push(0, **publication, 0, true);
    EXPECT_TRUE(House::eventually([&] { return counters[0].steps == 2 && counters[1].steps == 2; }));
    house.call(0, [&] {
        (*publication)->finish();
        return 0;
    });
    EXPECT_TRUE(House::eventually([&] { return counters[0].over && counters[1].over; }));
}

} // namespace
} // namespace millrace::exchange
