// Sessions on two workers, one shelf, files: what cores on a virtual clock cannot show.
#include "../src/files.hpp"
#include "folder.hpp"
#include <millrace/amf/amf0.hpp>
#include <millrace/objects/shelf.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <mutex>

namespace millrace::objects {
namespace {

using namespace std::chrono_literals;
using rtmp::ObjectAction;

/// A session that only notes what it hears.
struct Someone {
    std::mutex mutex;
    std::vector<rtmp::ObjectEvent> events;
    std::uint32_t version = 0;
    std::shared_ptr<Guest> guest;

    std::size_t count(ObjectAction action)
    {
        const std::scoped_lock lock{mutex};
        return static_cast<std::size_t>(std::ranges::count(events, action, &rtmp::ObjectEvent::action));
    }
};

struct House {
    explicit House(const std::filesystem::path& folder)
        : shelf{std::make_unique<Shelf>(Settings{.folder = folder.string(), .save_after = 20ms})}
    {
        workers->start();
        shelf->start();
    }
    ~House()
    {
        workers->stop();
        shelf->stop();
        workers.reset();
    }

    template <class F>
    void on(std::size_t worker, F f)
    {
        std::promise<void> done;
        (*workers)[worker].post([&] {
            f();
            done.set_value();
        });
        done.get_future().get();
    }

    std::shared_ptr<Someone> enter(std::size_t worker, const std::string& app = "live")
    {
        auto someone = std::make_shared<Someone>();
        on(worker, [&] {
            const auto hear = [weak = std::weak_ptr{someone}](const rtmp::ObjectMessage& message) {
                if (const auto self = weak.lock()) {
                    const std::scoped_lock lock{self->mutex};
                    self->version = message.version;
                    self->events.insert(self->events.end(), message.events.begin(), message.events.end());
                }
            };
            someone->guest = shelf->enter((*workers)[worker], app, hear);
        });
        return someone;
    }
    void say(std::size_t worker, const Someone& who, rtmp::ObjectEvent event, bool persistent)
    {
        std::promise<void> done;
        (*workers)[worker].spawn([&]() -> net::awaitable<void> {
            rtmp::ObjectMessage message{
                .name = "chat", .persistent = persistent, .events = {std::move(event)}};
            co_await shelf->receive(who.guest, std::move(message));
            done.set_value();
        });
        done.get_future().get();
    }
    void leave(std::size_t worker, Someone& who)
    {
        on(worker, [&] { shelf->leave(who.guest); });
    }
    Report report()
    {
        std::promise<Report> result;
        (*workers)[0].spawn([&]() -> net::awaitable<void> { result.set_value(co_await shelf->report()); });
        return result.get_future().get();
    }
    static bool eventually(const std::function<bool()>& condition)
    {
        for (int i = 0; i < 1000 && !condition(); ++i) {
            std::this_thread::sleep_for(10ms);
        }
        return condition();
    }

    std::unique_ptr<net::Workers> workers = std::make_unique<net::Workers>(2);
    std::unique_ptr<Shelf> shelf;
};

rtmp::ObjectEvent change(const amf::Value& value)
{
    return rtmp::make_change(ObjectAction::request_change, "a", value);
}

TEST(Shelf, TellsSessionsOnAllWorkers)
{
    const Folder folder;
    House house{folder.path};
    const auto one = house.enter(0);
    const auto two = house.enter(1);
    const auto other = house.enter(1, "other");
    for (const auto& [worker, who] : {std::pair{0U, one}, {1U, two}, {1U, other}}) {
        house.say(worker, *who, {.action = ObjectAction::use}, false);
        ASSERT_TRUE(House::eventually([&] { return who->count(ObjectAction::use_success) == 1; }));
    }
    house.say(1, *two, change(1), false);
    EXPECT_TRUE(House::eventually([&] { return one->count(ObjectAction::change) == 1; }));
    EXPECT_TRUE(House::eventually([&] { return two->count(ObjectAction::success) == 1; }));
    const auto report = house.report();
    ASSERT_EQ(report.objects.size(), 2U);
    EXPECT_EQ(report.objects[0].clients, 2U);
    EXPECT_EQ(report.guests, 3U);
    EXPECT_EQ(other->count(ObjectAction::change), 0U);
    house.leave(0, *one);
    house.leave(1, *two);
    house.leave(1, *other);
    EXPECT_TRUE(House::eventually([&] { return house.report().objects.empty(); }));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path)) << "nothing was persistent";
}

TEST(Shelf, StoresSoonAfterAChangeAndForgetsWhatIsStoredAndUnused)
{
    const Folder folder;
    House house{folder.path};
    const auto one = house.enter(0);
    house.say(0, *one, {.action = ObjectAction::use}, true);
    house.say(0, *one, change(1), true);
    const Files files{folder.path};
    ASSERT_TRUE(House::eventually([&] { return files.size_of({"live", "chat"}).has_value(); }));
    house.say(0, *one, change(2), true);
    EXPECT_TRUE(House::eventually([&] { return files.load({"live", "chat"})->version == 2; }));
    house.leave(0, *one);
    EXPECT_TRUE(House::eventually([&] { return house.report().objects.empty(); }));
    EXPECT_EQ(house.report().stored_objects, 1U);

    const auto two = house.enter(1);
    house.say(1, *two, {.action = ObjectAction::use}, false);
    EXPECT_TRUE(House::eventually([&] { return two->count(ObjectAction::status) == 1; }))
        << "a stored object is persistent";
    house.say(1, *two, {.action = ObjectAction::use}, true);
    EXPECT_TRUE(House::eventually([&] { return two->count(ObjectAction::change) == 1; }));
    EXPECT_EQ(two->version, 2U);
    EXPECT_EQ(house.report().stored_objects, 0U) << "it is in memory";
    house.leave(1, *two);
}

TEST(Shelf, StoresAtItsEndWhatHasJustChanged)
{
    const Folder folder;
    for (std::uint32_t round = 0; round < 3; ++round) {
        House house{folder.path};
        const auto one = house.enter(round % 2);
        house.say(round % 2, *one, {.action = ObjectAction::use}, true);
        house.say(round % 2, *one, change(static_cast<int>(round)), true);
        ASSERT_TRUE(House::eventually([&] { return one->count(ObjectAction::success) == 1; }));
        EXPECT_EQ(one->version, round + 1);
        EXPECT_EQ(one->count(ObjectAction::change), round == 0 ? 0U : 1U);
    }
    EXPECT_EQ(Files{folder.path}.load({"live", "chat"})->version, 3U);
}

TEST(Shelf, BeginsAnewWithADamagedFile)
{
    const Folder folder;
    const Files files{folder.path};
    ASSERT_TRUE(files.save({.app = "live", .name = "chat", .version = 9, .slots = {{"a", Bytes{5}}}}));
    std::ofstream{files.path_of({"live", "chat"}), std::ios::app} << "x";
    House house{folder.path};
    const auto one = house.enter(0);
    house.say(0, *one, {.action = ObjectAction::use}, true);
    ASSERT_TRUE(House::eventually([&] { return one->count(ObjectAction::use_success) == 1; }));
    EXPECT_EQ(one->count(ObjectAction::change), 0U);
    EXPECT_EQ(one->version, 0U);
    EXPECT_EQ(house.report().stored_objects, 0U);
    house.leave(0, *one);
}

TEST(Shelf, MakesASessionWaitWhoseMessagesComeFasterThanTheyAreHandled)
{
    const Folder folder;
    House house{folder.path};
    const auto one = house.enter(0);
    house.say(0, *one, {.action = ObjectAction::use}, false);
    for (int i = 0; i < 200; ++i) {
        house.say(0, *one, rtmp::make_send("hello", {std::string(60000, 'x')}), false);
    }
    EXPECT_TRUE(House::eventually([&] { return one->count(ObjectAction::send_message) == 200; }));
    house.leave(0, *one);
}

} // namespace
} // namespace millrace::objects
