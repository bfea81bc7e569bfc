// Three real clients on loopback and a server with two workers: shared objects from wire to file and back.
#include <millrace/amf/amf0.hpp>
#include <millrace/crypto/random.hpp>
#include <millrace/doors/rtmp/serve.hpp>
#include <millrace/exchange/exchange.hpp>
#include <millrace/rtmp/client.hpp>

#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <future>

namespace millrace::doors {
namespace {

using namespace std::chrono_literals;
using Heard = std::vector<std::string>;

/// A folder for one test, gone after it.
struct Folder {
    std::filesystem::path path =
        std::filesystem::path{::testing::TempDir()} / ("millrace-objects-" + std::to_string(::getpid()));
    ~Folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

/// The server: workers, exchange, shelf and one listener on a free port.
struct Server {
    explicit Server(const std::filesystem::path& folder)
        : shelf{{.folder = folder.string(), .save_after = 10s}} // So that only its end stores anything.
    {
        workers->start();
        exchange.start();
        shelf.start();
        listener.start();
    }
    ~Server()
    {
        listener.stop();
        exchange.drain("the server is shutting down");
        workers->stop();
        listener.close();
        exchange.clear();
        shelf.stop();
        workers.reset();
    }

    /// How many take part in the object of an application.
    std::size_t takers(const std::string& app)
    {
        std::promise<objects::Report> result;
        (*workers)[0].spawn([&]() -> net::awaitable<void> { result.set_value(co_await shelf.report()); });
        const auto report = result.get_future().get();
        const auto object = std::ranges::find(report.objects, app, &rtmp::ObjectInfo::app);
        return object == report.objects.end() ? 0 : object->clients;
    }

    std::unique_ptr<net::Workers> workers = std::make_unique<net::Workers>(2);
    exchange::Exchange exchange{*workers, {}};
    objects::Shelf shelf;
    net::Listener listener{*workers, "127.0.0.1:0", [this](net::Worker& worker, net::Caller caller) {
                               serve_rtmp(exchange.desk(worker.index()), shelf, std::move(caller), {});
                           }};
};

/// Our client core on a socket; it hears what it is told of "chat".
class Guest {
public:
    Guest(std::uint16_t port, const std::string& app, bool amf3)
        : core{{.role = rtmp::Client::Role::connect,
                .app = app,
                .tc_url = "rtmp://127.0.0.1/" + app,
                .amf3 = amf3},
               Clock::now(),
               [](std::span<std::uint8_t> bytes) { crypto::random_fill(bytes); }}
    {
        socket_.connect({net::asio::ip::address_v4::loopback(), port});
        socket_.non_blocking(true);
    }

    /// Sends what there is to say and takes what has come.
    void step()
    {
        const auto said = core.take_output();
        unsent_.insert(unsent_.end(), said.begin(), said.end());
        net::error_code error;
        const auto sent = socket_.write_some(net::asio::buffer(unsent_), error);
        unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent));
        const auto got = socket_.read_some(net::asio::buffer(inbox_), error);
        if (got > 0) {
            EXPECT_TRUE(core.feed(ByteView{inbox_}.first(got), Clock::now()));
        }
        while (const auto event = core.next_event()) {
            started = started || std::holds_alternative<rtmp::Started>(*event);
            if (const auto* arrived = std::get_if<rtmp::SharedObjectArrived>(&*event)) {
                hear(arrived->message);
            }
        }
    }

    /// The first bytes of what it has to say, and then nothing ever again.
    void say_half_and_vanish()
    {
        const auto said = core.take_output();
        socket_.non_blocking(false);
        net::asio::write(socket_, net::asio::buffer(said, said.size() / 2));
        socket_.close();
    }
    void vanish() { socket_.close(); }

    Heard take_heard() { return std::exchange(heard, {}); }

    rtmp::Client core;
    bool started = false;
    std::uint32_t version = 0;
    Heard heard;

private:
    void hear(const rtmp::ObjectMessage& message)
    {
        version = message.version;
        for (const auto& event : message.events) {
            std::string line = std::to_string(static_cast<int>(event.action));
            line += event.name.empty() ? "" : " " + event.name;
            for (const auto& value : amf::read_amf0(event.values).value_or({})) {
                line += " " + amf::to_string(value, 40);
            }
            heard.push_back(std::move(line));
        }
    }

    net::asio::io_context context_;
    net::tcp::socket socket_{context_};
    std::array<std::uint8_t, 65536> inbox_{};
    Bytes unsent_;
};

struct Party {
    explicit Party(const Server& server) : port{server.listener.port()} {}

    Guest& enter(bool amf3 = false, const std::string& app = "live")
    {
        guests.push_back(std::make_unique<Guest>(port, app, amf3));
        auto& guest = *guests.back();
        EXPECT_TRUE(eventually([&] { return guest.started; }));
        return guest;
    }
    bool eventually(const std::function<bool()>& condition)
    {
        for (int i = 0; i < 5000 && !condition(); ++i) {
            for (const auto& guest : guests) {
                guest->step();
            }
            std::this_thread::sleep_for(2ms);
        }
        return condition();
    }
    /// Waits for so many events, and takes them.
    Heard hears(Guest& guest, std::size_t count)
    {
        EXPECT_TRUE(eventually([&] { return guest.heard.size() >= count; }));
        return guest.take_heard();
    }
    void drop(const Guest& guest)
    {
        std::erase_if(guests, [&](const auto& each) { return each.get() == &guest; });
    }

    std::uint16_t port;
    std::vector<std::unique_ptr<Guest>> guests;
};

TEST(SharedObjectsOnTheWire, AreOneForThreeClientsOneOfWhomLeavesInTheMiddleOfAChange)
{
    const Folder folder;
    Server server{folder.path};
    Party party{server};
    auto& one = party.enter();
    auto& two = party.enter(true);
    auto& three = party.enter();
    auto& stranger = party.enter(false, "other");
    for (auto* guest : {&one, &two, &three, &stranger}) {
        guest->core.use_object("chat", false);
        EXPECT_EQ(party.hears(*guest, 2), (Heard{"11", "8"}));
    }
    one.core.change_object("chat", "topic", "rivers");
    EXPECT_EQ(party.hears(one, 1), Heard{"5 topic"});
    EXPECT_EQ(party.hears(two, 1), Heard{R"(4 topic "rivers")"});
    EXPECT_EQ(party.hears(three, 1), Heard{R"(4 topic "rivers")"});
    two.core.change_object("chat", "seats", amf::ByteArray{{1, 255}});
    EXPECT_EQ(party.hears(one, 1), Heard{"4 seats bytes 01ff"});
    EXPECT_EQ(party.hears(three, 1), Heard{"4 seats bytes 01ff"});
    EXPECT_EQ(party.hears(two, 1), Heard{"5 seats"});
    three.core.call_object("chat", "hello", {"x", 7});
    for (auto* guest : {&one, &two, &three}) {
        EXPECT_EQ(party.hears(*guest, 1), Heard{R"(6 "hello" "x" 7)"});
    }

    three.core.change_object("chat", "topic", std::string(5000, 'x'));
    three.say_half_and_vanish();
    party.drop(three);
    two.core.remove_from_object("chat", "seats");
    EXPECT_EQ(party.hears(one, 1), Heard{"9 seats"});
    EXPECT_EQ(party.hears(two, 1), Heard{"9 seats"});
    EXPECT_EQ(one.version, 3U);
    two.core.release_object("chat");
    ASSERT_TRUE(party.eventually([&] { return server.takers("live") == 1; }));
    one.core.change_object("chat", "topic", amf::Null{});
    EXPECT_EQ(party.hears(one, 1), Heard{"9 topic"});
    EXPECT_EQ(two.heard, Heard{});
    EXPECT_EQ(stranger.heard, Heard{}) << "another application's object";
}

TEST(SharedObjectsOnTheWire, OutliveTheServerWhenTheyArePersistent)
{
    const Folder folder;
    {
        Server server{folder.path};
        Party party{server};
        auto& one = party.enter();
        auto& two = party.enter(true);
        one.core.use_object("chat", true);
        EXPECT_EQ(party.hears(one, 2), (Heard{"11", "8"}));
        two.core.use_object("chat", true);
        EXPECT_EQ(party.hears(two, 2), (Heard{"11", "8"}));
        one.core.change_object("chat", "topic", "rivers");
        party.hears(two, 1);
        two.core.change_object("chat", "seats", amf::StrictArray{1, 2});
        EXPECT_EQ(party.hears(two, 1), Heard{"5 seats"});
        EXPECT_FALSE(std::filesystem::exists(folder.path)) << "nothing is stored yet";
    }
    Server server{folder.path};
    Party party{server};
    auto& three = party.enter();
    three.core.use_object("chat", true);
    EXPECT_EQ(party.hears(three, 4), (Heard{"11", "8", "4 seats [1,2]", R"(4 topic "rivers")"}));
    EXPECT_EQ(three.version, 2U);
    auto& four = party.enter();
    four.core.use_object("chat", false);
    EXPECT_EQ(party.hears(four, 1), Heard{"7 SharedObject.BadPersistence"});
}

TEST(SharedObjectsOnTheWire, RefuseWhatIsPastTheirLimits)
{
    const Folder folder;
    Server server{folder.path};
    Party party{server};
    auto& one = party.enter();
    one.core.use_object("chat", false);
    party.hears(one, 2);
    one.core.change_object("chat", "a", std::string(70000, 'x'));
    EXPECT_EQ(party.hears(one, 1), Heard{"7 SharedObject.NoWriteAccess"});
    one.core.use_object(std::string(300, 'n'), false);
    EXPECT_EQ(party.hears(one, 1), Heard{"7 SharedObject.ObjectCreationFailed"});
    one.core.change_object("chat", "a", 1);
    EXPECT_EQ(party.hears(one, 1), Heard{"5 a"}) << "the session goes on";
}

} // namespace
} // namespace millrace::doors
