// Three clients, their sessions and one store, on a virtual clock and wires that cut bytes wherever they
// like.
#include "conversation.hpp"
#include "object_replica.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace std::chrono_literals;
using Heard = std::vector<std::string>;

struct Guest {
    explicit Guest(bool amf3, unsigned seed)
        : talk{{.role = Client::Role::connect, .app = "live", .tc_url = "rtmp://h/live", .amf3 = amf3}, seed}
    {
    }

    void change(const std::string& slot, const amf::Value& value)
    {
        replica.asked[slot] = amf::write_amf0({value});
        talk.client.change_object("chat", slot, value);
    }

    Conversation talk;
    ObjectReplica replica;
    std::size_t seen_by_server = 0;
    std::size_t seen_by_client = 0;
    bool present = true;
};

/// Guests 0, 1 and 2 and the store that their sessions share.
struct Party {
    explicit Party(unsigned seed, StoredObject stored = {})
    {
        if (!stored.name.empty()) {
            store.restore(std::move(stored));
        }
        for (unsigned i = 0; i < 3; ++i) {
            guests.push_back(std::make_unique<Guest>(i == 2, seed + i));
            guests.back()->talk.run();
            store.enter(i, guests.back()->talk.from_server<ConnectRequested>().at(0).app);
        }
    }

    Guest& operator[](std::size_t i) { return *guests[i]; }

    /// Carries everything everywhere, until nobody has anything to say.
    void run()
    {
        for (bool more = true; more;) {
            more = false;
            for (std::size_t i = 0; i < guests.size(); ++i) {
                auto& guest = *guests[i];
                if (!guest.present) {
                    continue;
                }
                guest.talk.run();
                for (const auto received = guest.talk.from_server<SharedObjectReceived>();
                     guest.seen_by_server < received.size(); ++guest.seen_by_server) {
                    store.receive(i, received[guest.seen_by_server].message);
                    more = true;
                }
                for (const auto arrived = guest.talk.from_client<SharedObjectArrived>();
                     guest.seen_by_client < arrived.size(); ++guest.seen_by_client) {
                    guest.replica.hear(arrived[guest.seen_by_client].message);
                }
            }
            while (const auto output = store.next()) {
                if (guests[output->client]->present) {
                    guests[output->client]->talk.server.send_shared_object(*output->message);
                }
                more = true;
            }
        }
    }

    void leave(std::size_t i)
    {
        guests[i]->present = false;
        store.leave(i);
    }

    SharedObjects store;
    std::vector<std::unique_ptr<Guest>> guests;
};

TEST(SharedConversation, OfThreeClientsOneOfWhomLeavesInTheMiddleOfAChange)
{
    for (unsigned seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(seed);
        Party party{seed};
        for (std::size_t i = 0; i < 3; ++i) {
            party[i].talk.client.use_object("chat", false);
        }
        party.run();
        party[0].change("topic", "rivers");
        party.run();
        party[1].change("count", 1);
        party[2].change("count", amf::ByteArray{{1, 2, 3}});
        party.run();
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_EQ(party[i].replica.slots, party.store.snapshot({"live", "chat"}).slots) << i;
            EXPECT_EQ(party[i].replica.version, 3U);
            EXPECT_EQ(party[i].talk.server_error, std::error_code{});
            party[i].replica.take_heard();
        }

        // Half of a change is all that is ever heard of it.
        party[2].change("topic", std::string(5000, 'x'));
        const auto bytes = party[2].talk.client.take_output();
        ASSERT_TRUE(party[2].talk.server.feed(ByteView{bytes}.first(bytes.size() / 2), party[2].talk.now));
        EXPECT_FALSE(party[2].talk.server.next_event());
        party.leave(2);
        party.run();
        EXPECT_EQ(party[0].replica.take_heard(), Heard{});
        EXPECT_EQ(party.store.list().at(0).clients, 2U);

        // A whole change of one who is gone before it is answered: all others hear of it.
        party[1].talk.client.use_object("chat", false);
        party.run();
        party[1].replica.take_heard();
        party[0].change("topic", "mills");
        const auto last = party[0].talk.client.take_output();
        ASSERT_TRUE(party[0].talk.server.feed(last, party[0].talk.now));
        const auto event = party[0].talk.server.next_event();
        ASSERT_TRUE(event && std::holds_alternative<SharedObjectReceived>(*event));
        party.store.receive(0, std::get<SharedObjectReceived>(*event).message);
        party.leave(0);
        party.run();
        EXPECT_EQ(party[1].replica.take_heard(), Heard{"change topic \"mills\""});
        EXPECT_EQ(party[1].replica.version, 4U);

        party[1].talk.client.release_object("chat");
        party.run();
        EXPECT_TRUE(party.store.list().empty());
    }
}

TEST(SharedConversation, SpeaksType16WithWhoAskedForAmf3)
{
    Party party{1};
    Peer peer; // Reads what the wire has.
    peer.open(false);
    peer.server.send_shared_object({.name = "chat", .events = {{.action = ObjectAction::use_success}}});
    EXPECT_EQ(peer.answers(), Lines{"3/0 type 19"});
    EXPECT_EQ(party[2].talk.from_client<Started>().size(), 1U);
    party[2].talk.server.send_shared_object({.name = "chat", .events = {{.action = ObjectAction::clear}}});
    const auto wire = party[2].talk.server.take_output();
    ChunkReader reader;
    ASSERT_TRUE(reader.feed(wire));
    const auto message = reader.next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->type, MessageType::shared_object_amf3);
    EXPECT_EQ(message->payload.front(), 0);
}

TEST(SharedConversation, GoesOnAfterARestart)
{
    StoredObject stored;
    {
        Party before{1};
        for (std::size_t i = 0; i < 2; ++i) {
            before[i].talk.client.use_object("chat", true);
        }
        before[0].change("topic", "rivers");
        before[1].change("seats", amf::StrictArray{1, 2});
        before.run();
        const SharedObjects::Key key{"live", "chat"};
        ASSERT_EQ(before.store.unsaved(), std::vector<SharedObjects::Key>{key});
        stored = *read_stored_object(write_stored_object(before.store.snapshot(key)));
    }
    Party after{5, stored};
    after[2].talk.client.use_object("chat", true);
    after.run();
    EXPECT_EQ(after[2].replica.heard,
              (Heard{"use success", "clear", "change seats [1,2]", "change topic \"rivers\""}));
    EXPECT_EQ(after[2].replica.version, 2U);
    after[2].change("topic", "mills");
    after.run();
    EXPECT_EQ(after.store.snapshot({"live", "chat"}).version, 3U);
}

TEST(SharedConversation, KeepsASessionAliveThatOnlyTakesPartInAnObject)
{
    Party party{1};
    party[0].talk.client.use_object("chat", false);
    party.run();
    auto& talk = party[0].talk;
    for (int i = 0; i < 5; ++i) {
        talk.now += 60s;
        ASSERT_TRUE(talk.server.tick(talk.now));
        party.run();
    }
    EXPECT_FALSE(talk.server.closed());
    talk.client.release_object("chat");
    party.run();
    talk.now += 31s;
    EXPECT_FALSE(talk.server.tick(talk.now)) << "it asks for nothing any more";
}

TEST(SharedConversation, DropsAndCountsWhatCannotBeRead)
{
    Peer peer;
    peer.open(false);
    const auto send = [&](Bytes payload) {
        return peer.send(
            Message{.csid = 3, .type = MessageType::shared_object, .payload = std::move(payload)});
    };
    EXPECT_TRUE(send({0, 4, 'c'}));
    EXPECT_TRUE(send(Bytes((std::size_t{1} << 20U) + 1, 0)));
    EXPECT_EQ(peer.server.counters().at("bad_shared_object"), 1U);
    EXPECT_EQ(peer.server.counters().at("shared_object_too_big"), 1U);
    EXPECT_FALSE(peer.server.next_event());

    Peer early;
    early.shake_hands();
    EXPECT_FALSE(early.send(Message{.csid = 3, .type = MessageType::shared_object, .payload = Bytes(14, 0)}));
    EXPECT_EQ(early.error, make_error_code(Errc::wrong_state));
}

} // namespace
} // namespace millrace::rtmp
