// A publisher that is sent from one server to another, both on loopback.
#include "house.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/clients/roaming_publisher.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::clients {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kEnough = 20'000; ///< Steps of a millisecond before a test gives up.

/// Two servers, and who publishes to the first of them.
struct Journey {
    House house;
    net::tcp::acceptor other_door{house.context, {net::asio::ip::address_v4::loopback(), 0}};
    RtmpHost here;
    RtmpHost there;
    RoamingPublisher publisher{house.context.get_executor(),
                               parse_url("rtmp://" + house.place() + "/live/cam?token=1")};
    net::asio::steady_timer clock{house.context};
    std::vector<std::string> news;
    int times_lost = 0;
    Outcome opened;
    Outcome outcome;
    std::int64_t frames = 0; ///< Of each kind.

    Journey()
    {
        here.move_to = other_place() + "/live";
        publisher.on_lost = [this] { ++times_lost; };
        publisher.on_news = [this](const std::string& text) { news.push_back(text); };
    }

    std::string other_place() const
    {
        return "rtmp://127.0.0.1:" + std::to_string(other_door.local_endpoint().port());
    }

    /// Opens, does that, and says goodbye.
    template <class Do>
    void run(Do what)
    {
        house.serve(here.serve(house.door));
        house.serve(there.serve(other_door));
        house.receive([&]() -> net::awaitable<void> {
            opened = co_await publisher.open();
            publisher.write(media::Metadata{.name = "onMetaData",
                                            .values = SharedBytes{amf::write_amf0({amf::EcmaArray{}})}});
            publisher.write(kVideo);
            publisher.write(kAudio);
            co_await what();
            outcome = co_await publisher.finish(10s);
            co_await until([&] { return there.unpublished || here.unpublished || times_lost > 0; });
        });
    }

    /// One video frame and one of sound, every 40 ms of media.
    void write(bool key)
    {
        publisher.write(video_frame(frames * 40, key));
        publisher.write(audio_frame(frames * 40 + 5));
        ++frames;
    }

    net::awaitable<void> tick()
    {
        clock.expires_after(1ms);
        co_await clock.async_wait(net::kNoThrow);
    }

    net::awaitable<void> until(std::function<bool()> condition)
    {
        for (int i = 0; i < kEnough && !condition(); ++i) {
            co_await tick();
        }
        EXPECT_TRUE(condition());
    }

    /// Writes until then, a key frame in each eight.
    net::awaitable<void> write_until(std::function<bool()> condition)
    {
        for (int i = 0; i < kEnough && !condition(); ++i) {
            write(frames % 8 == 0);
            co_await tick();
        }
        EXPECT_TRUE(condition());
    }
};

std::vector<media::Frame> frames_of(const RtmpHost& host, media::Kind kind)
{
    std::vector<media::Frame> found;
    for (const auto& item : host.received) {
        if (const auto* frame = std::get_if<media::Frame>(&item); frame != nullptr && frame->kind == kind) {
            found.push_back(*frame);
        }
    }
    return found;
}

/// The frames' times in steps of 40 ms, first those of one host, then those of the other.
std::vector<std::int64_t> steps_of(std::initializer_list<const RtmpHost*> hosts, media::Kind kind)
{
    std::vector<std::int64_t> steps;
    for (const auto* host : hosts) {
        for (const auto& frame : frames_of(*host, kind)) {
            steps.push_back(to_ms(frame.dts) / 40);
        }
    }
    return steps;
}

std::vector<std::int64_t> all_steps(std::int64_t count)
{
    std::vector<std::int64_t> steps(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < steps.size(); ++i) {
        steps[i] = static_cast<std::int64_t>(i);
    }
    return steps;
}

TEST(RoamingPublisher, GoesOverWithAKeyFrameAndLosesNothing)
{
    Journey journey;
    journey.run([&]() -> net::awaitable<void> {
        co_await journey.write_until(
            [&] { return frames_of(journey.there, media::Kind::video).size() > 10; });
        co_await journey.until([&] { return journey.here.unpublished; });
    });
    EXPECT_EQ(journey.opened.why, "");
    EXPECT_EQ(journey.outcome.why, "");
    EXPECT_EQ(journey.times_lost, 0);
    EXPECT_THAT(journey.news, ElementsAre("the server asks us to connect to " + journey.here.move_to));
    EXPECT_EQ(journey.there.path, "live/cam");
    EXPECT_EQ(journey.there.query, "token=1");
    EXPECT_TRUE(journey.there.unpublished);

    for (const auto kind : {media::Kind::video, media::Kind::audio}) {
        EXPECT_EQ(steps_of({&journey.here, &journey.there}, kind), all_steps(journey.frames));
    }
    EXPECT_TRUE(frames_of(journey.there, media::Kind::video).at(0).key);
    const auto first_picture = std::ranges::find_if(
        journey.there.received, [](const auto& item) { return std::holds_alternative<media::Frame>(item); });
    const auto told =
        std::ranges::count_if(journey.there.received.begin(), first_picture,
                              [](const auto& item) { return std::holds_alternative<media::Metadata>(item); });
    EXPECT_EQ(told, 1) << "the new server is told the metadata first";
    EXPECT_GT(journey.publisher.bytes(), 0U);
}

TEST(RoamingPublisher, SendsSoundOverTheOldConnectionUntilTheKeyFrame)
{
    Journey journey;
    journey.run([&]() -> net::awaitable<void> {
        journey.write(true);
        co_await journey.until([&] { return !journey.there.path.empty(); });
        for (int i = 0; i < 30; ++i) { // Also when the other connection has long been open.
            journey.write(false);
            co_await journey.tick();
        }
        const auto before = journey.frames;
        co_await journey.write_until([&] { return !journey.there.received.empty(); });
        co_await journey.until([&] { return journey.here.unpublished; });
        EXPECT_GE(frames_of(journey.here, media::Kind::audio).size(), static_cast<std::size_t>(before));
    });
    EXPECT_TRUE(frames_of(journey.there, media::Kind::video).at(0).key);
    EXPECT_EQ(steps_of({&journey.here, &journey.there}, media::Kind::audio), all_steps(journey.frames));
}

TEST(RoamingPublisher, GoesOverWithAnyFrameWhenThereIsOnlySound)
{
    Journey journey;
    std::int64_t count = 0;
    journey.house.serve(journey.here.serve(journey.house.door));
    journey.house.serve(journey.there.serve(journey.other_door));
    journey.house.receive([&]() -> net::awaitable<void> {
        journey.opened = co_await journey.publisher.open();
        journey.publisher.write(kAudio);
        for (int i = 0; i < kEnough && journey.there.received.empty(); ++i) {
            journey.publisher.write(audio_frame(40 * count++));
            co_await journey.tick();
        }
        co_await journey.until([&] { return journey.here.unpublished; });
        journey.outcome = co_await journey.publisher.finish(10s);
    });
    EXPECT_EQ(journey.outcome.why, "");
    EXPECT_EQ(steps_of({&journey.here, &journey.there}, media::Kind::audio), all_steps(count));
}

TEST(RoamingPublisher, IsNotLostWhileItMovesFromAServerThatGoes)
{
    Journey journey;
    journey.here.hang_up_after = 1;
    journey.run([&]() -> net::awaitable<void> {
        co_await journey.write_until([&] {
            EXPECT_FALSE(journey.publisher.lost());
            return frames_of(journey.there, media::Kind::video).size() > 10;
        });
    });
    EXPECT_EQ(journey.times_lost, 0);
    EXPECT_EQ(journey.outcome.why, "");
    EXPECT_TRUE(journey.there.unpublished);
}

TEST(RoamingPublisher, AsksAgainWhereItIsNotTakenAtOnce)
{
    Journey journey;
    RtmpHost refusing{.refuse_publish = "starting"};
    journey.house.serve([](Journey& to, RtmpHost& first) -> net::awaitable<void> {
        co_await first.serve(to.other_door);
        co_await to.there.serve(to.other_door);
    }(journey, refusing));
    journey.house.serve(journey.here.serve(journey.house.door));
    journey.house.receive([&]() -> net::awaitable<void> {
        journey.opened = co_await journey.publisher.open();
        journey.publisher.write(kVideo);
        journey.publisher.write(kAudio);
        co_await journey.write_until([&] { return !journey.there.received.empty(); });
        journey.outcome = co_await journey.publisher.finish(10s);
    });
    EXPECT_EQ(refusing.path, "live/cam");
    EXPECT_EQ(journey.times_lost, 0);
    EXPECT_EQ(journey.outcome.why, "");
    EXPECT_TRUE(frames_of(journey.there, media::Kind::video).at(0).key);
}

TEST(RoamingPublisher, StaysWhereItIsWhenTheOtherServerGoesBeforeItHasTakenOver)
{
    Journey journey;
    bool go = false;
    journey.there.hang_up_when = [&] { return go; };
    journey.run([&]() -> net::awaitable<void> {
        journey.write(true);
        co_await journey.until([&] { return !journey.there.path.empty(); });
        for (int i = 0; i < 100; ++i) {
            go = i > 50; // By then the other connection has been open for a while.
            co_await journey.tick();
        }
        for (int i = 0; i < 20; ++i) {
            journey.write(i % 4 == 0);
            co_await journey.tick();
        }
        EXPECT_FALSE(journey.publisher.lost());
    });
    EXPECT_EQ(journey.times_lost, 0);
    EXPECT_EQ(journey.outcome.why, "");
    EXPECT_TRUE(journey.here.unpublished);
    EXPECT_THAT(journey.news, ElementsAre(HasSubstr("asks us to connect"), HasSubstr("stay")));
    EXPECT_EQ(steps_of({&journey.here}, media::Kind::video), all_steps(journey.frames));
}

TEST(RoamingPublisher, EndsInGoodOrderWhileItAsksInVain)
{
    Journey journey;
    journey.other_door.close();
    journey.run([&]() -> net::awaitable<void> {
        journey.write(true);
        co_await journey.until([&] { return !journey.news.empty(); });
        for (int i = 0; i < 20; ++i) {
            journey.write(i % 4 == 0);
            co_await journey.tick();
        }
    });
    EXPECT_EQ(journey.times_lost, 0);
    EXPECT_EQ(journey.outcome.why, "");
    EXPECT_TRUE(journey.here.unpublished);
    EXPECT_EQ(steps_of({&journey.here}, media::Kind::video), all_steps(journey.frames));
}

TEST(RoamingPublisher, TellsOnceThatItIsLostWhenNobodyAskedItToMove)
{
    Journey journey;
    journey.here.move_to.clear();
    journey.here.hang_up_after = 3;
    journey.run([&]() -> net::awaitable<void> {
        co_await journey.write_until([&] { return journey.publisher.lost(); });
    });
    EXPECT_EQ(journey.times_lost, 1);
    EXPECT_FALSE(journey.outcome);
    EXPECT_TRUE(journey.news.empty());
    EXPECT_TRUE(journey.there.path.empty());
}

TEST(RoamingPublisher, GoesNowhereThatSpeaksNoRtmp)
{
    Journey journey;
    journey.here.move_to = "gopher://example.org/live";
    journey.run([&]() -> net::awaitable<void> {
        co_await journey.write_until([&] { return !journey.news.empty(); });
        journey.write(true);
    });
    EXPECT_THAT(journey.news, ElementsAre(HasSubstr("not to where we can go")));
    EXPECT_EQ(journey.times_lost, 0);
    EXPECT_TRUE(journey.here.unpublished);
    EXPECT_EQ(steps_of({&journey.here}, media::Kind::audio), all_steps(journey.frames));
}

} // namespace
} // namespace millrace::clients
