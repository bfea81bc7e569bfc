// Relays between two houses on loopback: what the states and the clock alone cannot show.
#include "house.hpp"

#include <gmock/gmock.h>

namespace millrace::relay {
namespace {

using testing::HasSubstr;

Settings pulls(const std::string& name, const std::string& url, bool on_demand,
               Clock::duration linger = 500ms)
{
    Settings settings;
    settings.pulls.push_back({.name = exchange::Pattern{name},
                              .source = UrlTemplate{url},
                              .on_demand = on_demand,
                              .linger = linger});
    return settings;
}

TEST(Pull, RunsAlwaysAndComesBackWhenItsSourceIsLostWhileViewersStay)
{
    Elsewhere origin;
    House house{pulls("live/cam", origin.url("live/cam"), false)};
    EXPECT_TRUE(eventually([&] { return house.only().state == State::running; }));
    EXPECT_EQ(origin.path(), "live/cam");
    EXPECT_EQ(origin.route(), house.exchange.id());
    EXPECT_EQ(house.watch("live/cam"), "");
    house.attach();
    EXPECT_TRUE(eventually([&] { return house.bell.rings > 3; }));
    origin.cut = true;
    EXPECT_TRUE(eventually([&] { return house.only().state == State::waiting; }));
    origin.cut = false;
    EXPECT_TRUE(eventually([&] { return house.only().state == State::running; }));
    const int before = house.bell.rings;
    EXPECT_TRUE(eventually([&] { return house.bell.rings > before + 3; })) << "the viewer is still there";
    EXPECT_FALSE(house.bell.over);
    const auto info = house.only();
    EXPECT_GE(info.attempts, 2U);
    EXPECT_NE(info.last_error, "");
    EXPECT_GT(info.bytes, 0U);
    EXPECT_GT(info.bitrate, 0);
    EXPECT_THAT(info.url, testing::Not(HasSubstr("secret")));
    house.leave();
}

TEST(Pull, StartsOnDemandAndStopsAfterTheLastViewer)
{
    Elsewhere origin;
    House house{pulls("edge/*", origin.url("live/*"), true)};
    EXPECT_TRUE(house.report().relays.empty());
    EXPECT_EQ(house.report().rules.size(), 1U);
    EXPECT_EQ(house.watch("live/cam"), "nobody publishes a stream of that name") << "no rule is for it";
    EXPECT_EQ(house.watch("edge/cam"), "");
    EXPECT_EQ(origin.path(), "live/cam");
    house.attach();
    std::this_thread::sleep_for(800ms); // More than it lingers.
    EXPECT_EQ(house.only().state, State::running);
    EXPECT_EQ(house.watch("edge/cam"), "") << "a second one is let in at once";
    EXPECT_EQ(origin.visits, 1);
    house.leave();
    EXPECT_TRUE(eventually([&] { return origin.open == 0; }));
    EXPECT_TRUE(eventually([&] { return house.report().relays.empty(); })) << "what came by a pattern goes";
    EXPECT_EQ(house.watch("edge/cam"), "") << "and comes again";
    EXPECT_EQ(origin.visits, 2);
    house.leave();
}

TEST(Pull, TellsAViewerAtOnceWhyTheSourceFails)
{
    Elsewhere origin;
    origin.refuse = "no such camera";
    House house{pulls("edge/cam", origin.url("live/cam"), true)};
    const auto why = house.watch("edge/cam");
    EXPECT_THAT(why, HasSubstr("no such camera"));
    EXPECT_THAT(why, testing::Not(HasSubstr("secret")));
    EXPECT_TRUE(eventually([&] { return house.only().state == State::stopped; })) << "nobody waits for it";
    const auto visits = origin.visits.load();
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(origin.visits, visits);
}

TEST(Pull, TellsAViewerThatNothingCame)
{
    net::asio::io_context context;
    net::tcp::acceptor deaf{context, {net::asio::ip::address_v4::loopback(), 0}};
    auto settings = pulls(
        "edge/cam", "rtmp://127.0.0.1:" + std::to_string(deaf.local_endpoint().port()) + "/live/cam", true);
    House house{std::move(settings)};
    EXPECT_THAT(house.watch("edge/cam"), HasSubstr("has sent nothing for 5 s"));
}

TEST(Pull, TellsTheNextServerWhereTheWishCameFrom)
{
    Elsewhere origin;
    House house{pulls("edge/cam", origin.url("live/cam"), true)};
    EXPECT_EQ(house.watch("edge/cam", "0123456789abcdef"), "");
    EXPECT_EQ(origin.route(), "0123456789abcdef," + house.exchange.id());
    EXPECT_THAT(house.watch("edge/cam", origin.route()), HasSubstr("a relay loop"));
    house.leave();
}

TEST(Pull, TakesNoStreamThatHasComeThroughItsOwnServer)
{
    Elsewhere origin;
    House house{{}};
    origin.comes_through = house.exchange.id() + ",0123456789abcdef";
    house.relays.add(
        PullRule{.name = exchange::Pattern{"live/cam"}, .source = UrlTemplate{origin.url("live/cam")}});
    EXPECT_TRUE(eventually([&] { return house.only().state == State::waiting; }));
    EXPECT_THAT(house.only().last_error, HasSubstr("a relay loop"));
    EXPECT_FALSE(house.exchange.desk(0).find("live/cam"));
}

TEST(Push, SendsEachStreamThatMatchesToEveryTargetAndEndsWithIt)
{
    Elsewhere one;
    Elsewhere two;
    Settings settings;
    settings.pushes.push_back({exchange::Pattern{"live/*"}, UrlTemplate{one.url("in/{name}")}});
    settings.pushes.push_back({exchange::Pattern{"live/*"}, UrlTemplate{two.url("{stream}")}});
    House house{std::move(settings), {.grace = 300ms}};
    auto other = house.publish("private/cam");
    auto publication = house.publish("live/cam", "feedfeedfeedfeed");
    house.push(*publication, 0, true);
    EXPECT_TRUE(eventually([&] { return one.frames == 1 && two.frames == 1; }))
        << "with what was there before";
    house.push(*publication, 40, false);
    EXPECT_TRUE(eventually([&] { return one.frames == 2 && two.frames == 2; }));
    EXPECT_EQ(one.path(), "in/cam");
    EXPECT_EQ(two.path(), "live/cam");
    EXPECT_EQ(one.route(), "feedfeedfeedfeed," + house.exchange.id());
    EXPECT_EQ(one.visits + two.visits, 2) << "the other stream is not sent";
    EXPECT_EQ(house.report().relays.size(), 2U);
    publication.reset();
    EXPECT_TRUE(eventually([&] { return one.open == 0 && two.open == 0 && house.report().relays.empty(); }));
    other.reset();
}

TEST(Push, CallsAgainWhenItsTargetIsLost)
{
    Elsewhere target;
    Settings settings;
    settings.pushes.push_back({exchange::Pattern{"live/cam"}, UrlTemplate{target.url("live/cam")}});
    House house{std::move(settings)};
    auto publication = house.publish("live/cam");
    target.cut = true;
    house.push(*publication, 0, true);
    EXPECT_TRUE(eventually([&] { return house.only().attempts > 1; }));
    target.cut = false;
    int ms = 40;
    EXPECT_TRUE(eventually([&] {
        ms += 40;
        house.push(*publication, ms, ms % 400 == 0);
        return target.frames > 20;
    }));
    EXPECT_EQ(house.only().state, State::running);
    publication.reset();
}

TEST(Relays, AreAddedAndRemovedAtRunTime)
{
    Elsewhere there;
    House house{{}};
    auto publication = house.publish("live/cam");
    house.push(*publication, 0, true);
    const auto push = house.on(1, [&]() -> net::awaitable<std::string> {
        PushRule rule{exchange::Pattern{"live/*"}, UrlTemplate{there.url("in/*")}};
        co_return co_await house.relays.add(std::move(rule));
    });
    EXPECT_TRUE(eventually([&] { return there.frames == 1; })) << "also streams that were there before";
    const auto pull = house.relays.add(
        PullRule{.name = exchange::Pattern{"edge/cam"}, .source = UrlTemplate{there.url("live/cam")}});
    EXPECT_TRUE(eventually([&] { return house.report().relays.size() == 2 && there.open == 2; }));
    EXPECT_THROW(house.relays.add(PullRule{.name = exchange::Pattern{"edge/cam"},
                                           .source = UrlTemplate{there.url("live/cam")}}),
                 std::runtime_error);
    EXPECT_TRUE(house.relays.remove(push));
    EXPECT_TRUE(house.relays.remove(pull));
    EXPECT_FALSE(house.relays.remove(pull));
    EXPECT_TRUE(eventually([&] { return there.open == 0 && house.report().relays.empty(); }));
    publication.reset();
}

} // namespace
} // namespace millrace::relay
