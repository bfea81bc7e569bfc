// Relays between two houses on loopback: what the states and the clock alone cannot show.
#include <millrace/crypto/random.hpp>
#include <millrace/exchange/route.hpp>
#include <millrace/flv/body.hpp>
#include <millrace/relay/relays.hpp>
#include <millrace/rtmp/muxer.hpp>
#include <millrace/rtmp/server.hpp>

#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace millrace::relay {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Codecs that need no configuration, so that frames are read back as they were written.
const media::Track kVideo{.id = 0, .kind = media::Kind::video, .codec = media::Codec::h263, .origin = 0x02};

media::Frame video_frame(std::int64_t ms, bool key)
{
    return {.track = 0,
            .kind = media::Kind::video,
            .key = key,
            .dts = media_ms(ms),
            .payload = SharedBytes{Bytes(10, 1)}};
}

bool eventually(const std::function<bool()>& condition)
{
    for (int i = 0; i < 1500 && !condition(); ++i) {
        std::this_thread::sleep_for(10ms);
    }
    return condition();
}

/// Another server: plays some frames to whoever comes and goes on while he stays, or takes what he publishes.
class Elsewhere {
public:
    Elsewhere() : port_{door_.local_endpoint().port()} { run(); }
    ~Elsewhere() { stop(); }
    Elsewhere(const Elsewhere&) = delete;
    Elsewhere& operator=(const Elsewhere&) = delete;

    std::string url(const std::string& path) const
    {
        return "rtmp://me:secret@127.0.0.1:" + std::to_string(port_) + '/' + path;
    }

    std::atomic<int> visits{0};
    std::atomic<int> open{0};
    std::atomic<int> frames{0};   ///< That publishers sent.
    std::atomic<bool> cut{false}; ///< Connections are cut after their next frame.
    std::string comes_through;    ///< Servers that its stream came through; set before anybody comes.
    std::string refuse;           ///< Who plays is refused with these words; set before anybody comes.

    std::string route() const
    {
        const std::scoped_lock lock{mutex_};
        return route_;
    }
    std::string path() const
    {
        const std::scoped_lock lock{mutex_};
        return path_;
    }

private:
    struct Guest {
        explicit Guest(net::tcp::socket with) : socket{std::move(with)} {}
        net::tcp::socket socket;
        rtmp::Server core{Clock::now(), [](std::span<std::uint8_t> bytes) { crypto::random_fill(bytes); }};
        flv::BodyReader bodies;
        std::optional<rtmp::Muxer> muxer;
        Bytes media;
        std::int64_t time = 0;
    };

    void run()
    {
        net::asio::co_spawn(
            context_,
            [this]() -> net::awaitable<void> {
                for (;;) {
                    auto [error, socket] = co_await door_.async_accept(net::kNoThrow);
                    if (error) {
                        co_return;
                    }
                    net::asio::co_spawn(context_, receive(std::make_shared<Guest>(std::move(socket))),
                                        net::kDetached);
                }
            },
            net::kDetached);
        thread_ = std::thread{[this] { context_.run(); }};
    }

    void stop()
    {
        context_.stop();
        thread_.join();
    }

    net::awaitable<void> receive(std::shared_ptr<Guest> guest)
    {
        ++visits;
        ++open;
        Bytes inbox(65536);
        while (!guest->core.closed()) {
            const auto [failed, count] =
                co_await guest->socket.async_read_some(net::asio::buffer(inbox), net::kNoThrow);
            if (failed || !guest->core.feed(ByteView{inbox}.first(count), Clock::now())) {
                break;
            }
            while (auto event = guest->core.next_event()) {
                std::visit([&](auto& what) { on(guest, what); }, *event);
            }
            auto out = guest->core.take_output();
            co_await net::asio::async_write(guest->socket, net::asio::buffer(out), net::kNoThrow);
            if (cut && frames > 0) {
                break;
            }
        }
        net::error_code ignored;
        guest->socket.close(ignored);
        --open;
    }

    /// A picture each 20 ms, each fifth a key frame.
    net::awaitable<void> play(std::shared_ptr<Guest> guest)
    {
        net::asio::steady_timer timer{context_};
        media::Pieces pieces;
        guest->muxer->write(kVideo, MediaTime{}, pieces);
        while (guest->socket.is_open()) {
            guest->muxer->write(video_frame(guest->time, guest->time % 100 == 0), false, pieces);
            guest->time += 20;
            Bytes out;
            for (const auto& piece : pieces) {
                out.insert(out.end(), piece.view().begin(), piece.view().end());
            }
            pieces.clear();
            const auto [error, count] =
                co_await net::asio::async_write(guest->socket, net::asio::buffer(out), net::kNoThrow);
            if (error || (cut && guest->time > 200)) {
                break;
            }
            timer.expires_after(20ms);
            co_await timer.async_wait(net::kNoThrow);
        }
        net::error_code ignored;
        guest->socket.close(ignored);
    }

    void on(const std::shared_ptr<Guest>& guest, rtmp::ConnectRequested& event)
    {
        if (const auto* route = event.properties.find(exchange::kRouteProperty)) {
            const std::scoped_lock lock{mutex_};
            route_ = route->text();
        }
        guest->core.accept_connect();
    }
    void on(const std::shared_ptr<Guest>& guest, rtmp::PublishRequested& event)
    {
        {
            const std::scoped_lock lock{mutex_};
            path_ = event.path;
        }
        guest->core.accept_publish(event.stream);
    }
    void on(const std::shared_ptr<Guest>& guest, rtmp::PlayRequested& event)
    {
        {
            const std::scoped_lock lock{mutex_};
            path_ = event.path;
        }
        if (!refuse.empty()) {
            return guest->core.refuse_play(event.stream, "NetStream.Play.StreamNotFound", refuse);
        }
        if (!comes_through.empty()) {
            guest->core.notify(event.stream, "status", exchange::kRouteStatus, comes_through);
        }
        guest->core.accept_play(event.stream);
        guest->muxer.emplace(event.stream);
        net::asio::co_spawn(
            context_,
            [this, guest]() -> net::awaitable<void> {
                net::asio::steady_timer timer{context_, 10ms}; // So that the answer is out before.
                co_await timer.async_wait(net::kNoThrow);
                co_await play(guest);
            },
            net::kDetached);
    }
    void on(const std::shared_ptr<Guest>& guest, rtmp::MediaReceived& event)
    {
        guest->bodies.feed(static_cast<flv::TagType>(event.type), event.timestamp, std::move(event.payload));
        while (auto item = guest->bodies.next()) {
            frames += std::holds_alternative<media::Frame>(*item) ? 1 : 0;
        }
    }
    template <class Other>
    void on(const std::shared_ptr<Guest>&, const Other&)
    {
    }

    net::asio::io_context context_{1};
    net::tcp::acceptor door_{context_, {net::asio::ip::address_v4::loopback(), 0}};
    std::uint16_t port_;
    std::thread thread_;
    mutable std::mutex mutex_;
    std::string route_;
    std::string path_;
};

/// Frames that pass by.
struct Bell : hub::Outlet {
    void flush(Clock::time_point) override { ++rings; }
    void ended() override { over = true; }
    std::atomic<int> rings{0};
    std::atomic<bool> over{false};
};

Settings quick(Settings settings)
{
    settings.pause = {.first = 100ms, .longest = 200ms};
    settings.wait = 5s;
    settings.random = [] { return 0.0; };
    return settings;
}

/// This server, without doors.
struct House {
    explicit House(Settings settings, exchange::Settings streams = {.grace = 1s, .silence = 1s})
        : exchange{*workers, std::move(streams)}, relays{exchange, quick(std::move(settings))}
    {
        exchange.set_relay(&relays);
        workers->start();
        exchange.start();
        relays.start();
    }
    ~House()
    {
        relays.stop();
        EXPECT_TRUE(eventually([this] { return relays.running() == 0; })) << "all end when told to";
        workers->stop();
        exchange.clear();
        relays.clear();
        workers.reset();
    }

    template <class F>
    auto on(std::size_t worker, F f)
    {
        using R = typename std::invoke_result_t<F>::value_type;
        std::promise<R> result;
        (*workers)[worker].spawn([&]() -> net::awaitable<void> { result.set_value(co_await f()); });
        return result.get_future().get();
    }
    std::string watch(const std::string& name, std::string route = {})
    {
        std::string why;
        auto found = on(1, [&]() -> net::awaitable<Result<std::shared_ptr<exchange::LocalStream>>> {
            co_return co_await exchange.watch(exchange.desk(1), name, route, &why);
        });
        if (found) {
            stream = *found;
        } else if (why.empty()) {
            why = found.error().message();
        }
        return why;
    }
    /// A viewer on worker 1.
    void attach()
    {
        on(1, [&]() -> net::awaitable<bool> {
            viewer = std::make_unique<hub::Viewer>(bell, hub::Viewer::Options{}, Clock::now());
            stream->stream().attach(
                *viewer, {.key = "rtmp/1", .make = [] { return std::make_unique<rtmp::Muxer>(1); }});
            co_return true;
        });
    }
    void leave()
    {
        on(1, [&]() -> net::awaitable<bool> {
            viewer.reset();
            stream.reset();
            co_return true;
        });
    }
    Report report()
    {
        return on(0, [&]() -> net::awaitable<Report> { co_return co_await relays.report(); });
    }
    RelayInfo only()
    {
        const auto all = report().relays;
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? RelayInfo{} : all[0];
    }
    std::unique_ptr<exchange::Publication> publish(const std::string& name, std::string route = {})
    {
        auto claimed = on(0, [&]() -> net::awaitable<Result<std::unique_ptr<exchange::Publication>>> {
            exchange::Claim claim{.stream = name, .protocol = "test", .route = route};
            co_return co_await exchange.publish(exchange.desk(0), std::move(claim));
        });
        return std::move(*claimed);
    }
    void push(exchange::Publication& publication, std::int64_t ms, bool key)
    {
        on(0, [&]() -> net::awaitable<bool> {
            std::vector<media::Item> items{kVideo, video_frame(ms, key)};
            publication.push(items);
            co_return true;
        });
    }

    std::unique_ptr<net::Workers> workers = std::make_unique<net::Workers>(2);
    exchange::Exchange exchange;
    Relays relays;
    std::shared_ptr<exchange::LocalStream> stream;
    Bell bell;
    std::unique_ptr<hub::Viewer> viewer;
};

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
        house.push(*publication, ms += 40, ms % 400 == 0);
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
