// Streams across two real workers: what cores on a virtual clock cannot show.
#include "house.hpp"

#include <gtest/gtest.h>

namespace millrace::exchange {
namespace {

TEST(Exchange, ShowsAStreamOnAllWorkersWhereverItIsPublished)
{
    for (const std::size_t home : {0U, 1U}) {
        House house;
        EXPECT_EQ(house.watch(0).error(), make_error_code(Errc::no_such_stream));
        auto publication = house.publish(home);
        ASSERT_TRUE(publication);
        house.push(home, **publication, 0, true);
        std::unique_ptr<CountingViewer> audience[2];
        for (const std::size_t worker : {0U, 1U}) {
            auto stream = house.watch(worker);
            ASSERT_TRUE(stream);
            house.call(worker, [&] {
                audience[worker] = std::make_unique<CountingViewer>(**stream);
                audience[worker]->flush(Clock::now());
                return 0;
            });
        }
        house.push(home, **publication, 40, false);
        EXPECT_TRUE(House::eventually([&] { return audience[0]->bytes == 20 && audience[1]->bytes == 20; }));
        const auto report =
            house.on(0, [&]() -> net::awaitable<Report> { co_return co_await house.exchange.report(); });
        ASSERT_EQ(report.streams.size(), 1U);
        EXPECT_EQ(report.streams[0].viewers, 2U);
        EXPECT_EQ(report.streams[0].bytes_out, 40U);
        publication = Unexpected{Errc::busy};
        EXPECT_TRUE(House::eventually([&] { return audience[0]->over && audience[1]->over; }))
            << "the grace window ends";
        for (const std::size_t worker : {0U, 1U}) {
            house.call(worker, [&] {
                audience[worker].reset();
                return 0;
            });
        }
    }
}

TEST(Exchange, RefusesASecondPublisherWhileTheFirstIsHeard)
{
    House house{{.silence = 1h}};
    auto first = house.publish(0);
    ASSERT_TRUE(first);
    EXPECT_EQ(house.publish(1).error(), make_error_code(Errc::busy));
}

TEST(Exchange, LetsAnotherTakeOverFromASilentPublisherAndTellsIt)
{
    House house;
    Someone silent;
    const auto session = house.call(0, [&] { return house.exchange.desk(0).enter(silent); });
    auto first = house.publish(0, session);
    ASSERT_TRUE(first);
    Result<std::unique_ptr<Publication>> second = Unexpected{Errc::busy};
    ASSERT_TRUE(House::eventually([&] {
        second = house.publish(1, 2);
        return second.has_value();
    })) << "the first one is silent for longer and longer";
    EXPECT_NE(silent.told.get_future().get().find("took over"), std::string::npos);

    auto stream = house.watch(1);
    ASSERT_TRUE(stream);
    std::unique_ptr<CountingViewer> audience;
    house.call(1, [&] {
        audience = std::make_unique<CountingViewer>(**stream);
        return 0;
    });
    house.push(0, **first, 0, true);
    house.push(1, **second, 0, true);
    EXPECT_TRUE(House::eventually([&] { return audience->bytes == 10; })) << "only the new one is on air";
    house.call(1, [&] {
        audience.reset();
        return 0;
    });
}

TEST(Exchange, KeepsViewersWhenAPublisherComesBackInTime)
{
    House house{{.grace = 1h, .silence = 1h}};
    auto publication = house.publish(0);
    ASSERT_TRUE(publication);
    house.push(0, **publication, 0, true);
    auto stream = house.watch(1);
    ASSERT_TRUE(stream);
    std::unique_ptr<CountingViewer> audience;
    house.call(1, [&] {
        audience = std::make_unique<CountingViewer>(**stream);
        audience->flush(Clock::now());
        return 0;
    });
    publication = Unexpected{Errc::busy};
    publication = house.publish(1);
    ASSERT_TRUE(publication) << "also on another worker";
    house.push(1, **publication, 0, true);
    EXPECT_TRUE(House::eventually([&] { return audience->bytes == 20; }));
    EXPECT_FALSE(audience->over);
    house.call(1, [&] {
        audience.reset();
        return 0;
    });
}

TEST(SessionId, ReadsWhatItWrites)
{
    for (const auto number : {std::uint64_t{1}, (std::uint64_t{3} << 48U) + 17}) {
        EXPECT_EQ(parse_session_id(session_id(number)), number);
    }
    EXPECT_EQ(session_id((std::uint64_t{3} << 48U) + 17), "s3-17");
    for (const auto* bad : {"", "s", "s1", "s-", "s1-", "x1-2", "s1-2x", "s1-99999999999999999999"}) {
        EXPECT_FALSE(parse_session_id(bad)) << bad;
    }
}

} // namespace
} // namespace millrace::exchange
