// Publishers in reserve across workers; their succession itself is tested in the hub.
#include "house.hpp"

#include <gtest/gtest.h>

namespace millrace::exchange {
namespace {

Claim claim(std::uint64_t session, bool backup)
{
    return {.stream = "live/cam", .session = session, .protocol = "test", .backup = backup};
}

StreamInfo only_stream(House& house)
{
    auto report =
        house.on(0, [&]() -> net::awaitable<Report> { co_return co_await house.exchange.report(); });
    EXPECT_EQ(report.streams.size(), 1U);
    return report.streams.at(0);
}

TEST(Backup, IsHeldInReserveAndGoesOnAirWhenThePrimaryLeaves)
{
    House house{{.grace = 1h, .silence = 1h, .succession = {.silence = 1h}}}; // Nobody falls silent.
    auto primary = house.publish(0, claim(1, false));
    ASSERT_TRUE(primary);
    auto backup = house.publish(1, claim(2, true));
    ASSERT_TRUE(backup);
    EXPECT_EQ(house.publish(1, claim(3, true)).error(), make_error_code(Errc::busy)) << "one is enough";
    const auto another = house.publish(1, claim(4, false));
    ASSERT_FALSE(another);
    EXPECT_EQ(another.error(), make_error_code(Errc::busy));

    house.push(0, **primary, 0, true);
    auto stream = house.watch(1);
    ASSERT_TRUE(stream);
    std::unique_ptr<CountingViewer> audience;
    house.call(1, [&] {
        audience = std::make_unique<CountingViewer>(**stream);
        audience->flush(Clock::now());
        return 0;
    });
    for (int i = 0; i < 5; ++i) {
        house.push(1, **backup, 7000 + 40 * i, i == 0);
    }
    EXPECT_TRUE(House::eventually([&] { return only_stream(house).bytes_in_reserve == 50U; }));
    EXPECT_TRUE(House::eventually([&] { return audience->bytes == 10U; }));
    const auto both = only_stream(house);
    ASSERT_TRUE(both.publisher && both.backup);
    EXPECT_EQ(both.publisher->session, 1U);
    EXPECT_EQ(both.backup->session, 2U);
    EXPECT_TRUE(both.backup->backup);
    EXPECT_EQ(audience->bytes, 10U) << "what is held is not seen";

    primary = Unexpected{Errc::busy};
    EXPECT_TRUE(House::eventually([&] { return audience->bytes == 60U; })) << "with its held GOP";
    EXPECT_FALSE(audience->over);
    const auto after = only_stream(house);
    ASSERT_TRUE(after.publisher);
    EXPECT_FALSE(after.backup);
    EXPECT_EQ(after.publisher->session, 2U);
    EXPECT_EQ(after.takeovers, 1U);

    auto again = house.publish(0, claim(5, false));
    ASSERT_TRUE(again) << "the primary comes back behind the backup";
    EXPECT_EQ(only_stream(house).backup->session, 5U);
    house.call(1, [&] {
        audience.reset();
        return 0;
    });
}

TEST(Backup, IsHeldByARuleUnasked)
{
    House house{{.grace = 300ms, .silence = 1h, .backups = {{Pattern{"live/*"}, {}}}}};
    auto primary = house.publish(0, claim(1, false));
    auto second = house.publish(1, claim(2, false));
    ASSERT_TRUE(primary && second);
    const auto info = only_stream(house);
    EXPECT_EQ(info.publisher->session, 1U);
    EXPECT_FALSE(info.publisher->backup);
    ASSERT_TRUE(info.backup);
    EXPECT_TRUE(info.backup->backup);
}

TEST(Backup, GivesWayToAnotherWhenItIsSilentItself)
{
    House house;
    Someone silent;
    const auto session = house.call(1, [&] { return house.exchange.desk(1).enter(silent); });
    auto primary = house.publish(0, claim(1, false));
    auto backup = house.publish(1, claim(session, true));
    ASSERT_TRUE(primary && backup);
    Result<std::unique_ptr<Publication>> other = Unexpected{Errc::busy};
    ASSERT_TRUE(House::eventually([&] {
        other = house.publish(1, claim(3, true));
        return other.has_value();
    })) << "it is silent for longer and longer";
    EXPECT_NE(silent.told.get_future().get().find("took over"), std::string::npos);
    EXPECT_EQ(only_stream(house).backup->session, 3U);
}

TEST(Backup, ThatLeavesIsNotMissed)
{
    House house{{.silence = 1h}};
    auto primary = house.publish(0, claim(1, false));
    auto backup = house.publish(1, claim(2, true));
    ASSERT_TRUE(primary && backup);
    backup = Unexpected{Errc::busy};
    EXPECT_TRUE(House::eventually([&] { return !only_stream(house).backup; }));
    EXPECT_EQ(only_stream(house).publisher->session, 1U);
    EXPECT_EQ(only_stream(house).takeovers, 0U);
}

} // namespace
} // namespace millrace::exchange
