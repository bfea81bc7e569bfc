// The store of shared objects, without sessions: messages in, messages out.
#include "object_replica.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using enum ObjectAction;
using Heard = std::vector<std::string>;

/// A store with clients 1, 2, 3 … of one application and what each of them hears.
struct Room {
    explicit Room(SharedObjects::Limits limits = {}) : store{limits}
    {
        for (SharedObjects::ClientId client = 1; client <= 3; ++client) {
            store.enter(client, "live");
        }
    }

    void say(SharedObjects::ClientId client, std::vector<ObjectEvent> events, bool persistent = false,
             const std::string& name = "chat")
    {
        store.receive(client, {.name = name, .persistent = persistent, .events = std::move(events)});
        deliver();
    }
    void use(SharedObjects::ClientId client, bool persistent = false, const std::string& name = "chat")
    {
        say(client, {{.action = ObjectAction::use}}, persistent, name);
    }
    void change(SharedObjects::ClientId client, const std::string& slot, const amf::Value& value)
    {
        const auto event = make_change(request_change, slot, value);
        replicas[client].asked[slot] = event.values;
        say(client, {event});
    }
    void deliver()
    {
        refusal.clear();
        while (const auto output = store.next()) {
            replicas[output->client].hear(*output->message);
            refusal += output->refusal;
        }
    }
    Heard heard(SharedObjects::ClientId client) { return replicas[client].take_heard(); }

    SharedObjects store;
    std::map<SharedObjects::ClientId, ObjectReplica> replicas;
    std::string refusal;
};

TEST(SharedObjects, TellsEachWhatTheOthersChange)
{
    Room room;
    room.use(1);
    EXPECT_EQ(room.heard(1), (Heard{"use success", "clear"}));
    room.change(1, "foo", "bar");
    EXPECT_EQ(room.heard(1), Heard{"success foo"});
    EXPECT_EQ(room.replicas[1].version, 1U);
    room.use(2);
    EXPECT_EQ(room.heard(2), (Heard{"use success", "clear", "change foo \"bar\""}));
    EXPECT_EQ(room.replicas[2].version, 1U);
    room.change(2, "foo", 7);
    EXPECT_EQ(room.heard(1), Heard{"change foo 7"});
    EXPECT_EQ(room.heard(2), Heard{"success foo"});
    EXPECT_EQ(room.replicas[1].version, 2U);
    EXPECT_THAT(room.heard(3), IsEmpty()) << "it takes no part";
}

TEST(SharedObjects, RemovesASlotThatIsRemovedOrSetToNothing)
{
    for (const bool by_value : {false, true}) {
        Room room;
        room.use(1);
        room.use(2);
        room.change(1, "a", 1);
        room.heard(1);
        room.heard(2);
        if (by_value) {
            room.change(2, "a", amf::Undefined{});
        } else {
            room.say(2, {{.action = request_remove, .name = "a"}});
        }
        EXPECT_EQ(room.heard(1), Heard{"remove a"});
        EXPECT_EQ(room.heard(2), Heard{"remove a"});
        EXPECT_EQ(room.replicas[1].version, 2U);
        EXPECT_EQ(room.store.bytes(), 0U);
        room.say(2, {{.action = request_remove, .name = "a"}});
        EXPECT_THAT(room.heard(1), IsEmpty()) << "nothing has changed";
        EXPECT_EQ(room.heard(2), Heard{"remove a"});
        EXPECT_EQ(room.replicas[2].version, 2U);
    }
}

TEST(SharedObjects, ClearsAllSlots)
{
    Room room;
    room.use(1);
    room.use(2);
    room.change(1, "a", 1);
    room.change(1, "b", 2);
    room.say(2, {{.action = request_clear}});
    EXPECT_TRUE(room.replicas[1].slots.empty());
    EXPECT_TRUE(room.replicas[2].slots.empty());
    EXPECT_EQ(room.replicas[1].version, 3U);
    EXPECT_EQ(room.store.bytes(), 0U);
}

TEST(SharedObjects, SendsCallsToAllWhoTakePartTheSenderIncluded)
{
    Room room;
    room.use(1);
    room.use(2);
    room.heard(1);
    room.heard(2);
    room.say(1, {make_send("hello", {"x"})});
    EXPECT_EQ(room.heard(1), Heard{"call \"hello\""});
    EXPECT_EQ(room.heard(2), Heard{"call \"hello\""});
    EXPECT_EQ(room.replicas[1].version, 0U) << "a call changes nothing";
}

TEST(SharedObjects, KeepsApplicationsApart)
{
    Room room;
    room.store.enter(9, "other");
    room.use(1);
    room.change(1, "a", 1);
    room.use(9);
    EXPECT_EQ(room.heard(9), (Heard{"use success", "clear"}));
    EXPECT_EQ(room.store.list().size(), 2U);
}

TEST(SharedObjects, ForgetsATemporaryObjectWithItsLastClient)
{
    Room room;
    room.use(1);
    room.use(2);
    room.change(1, "a", 1);
    room.say(1, {{.action = release}});
    EXPECT_EQ(room.store.list().at(0).clients, 1U);
    room.store.leave(2);
    EXPECT_TRUE(room.store.list().empty());
    EXPECT_EQ(room.store.bytes(), 0U);
    room.use(1);
    EXPECT_TRUE(room.replicas[1].slots.empty());
}

TEST(SharedObjects, RefusesWhoTakesNoPart)
{
    Room room;
    room.use(1);
    for (const auto& event :
         {make_change(request_change, "a", 1), make_send("hello", {}), ObjectEvent{.action = request_clear},
          ObjectEvent{.action = request_remove, .name = "a"}}) {
        room.say(2, {event});
        EXPECT_EQ(room.heard(2), Heard{"error SharedObject.NoWriteAccess"});
        EXPECT_THAT(room.refusal, HasSubstr("use comes first"));
    }
    EXPECT_EQ(room.heard(1), (Heard{"use success", "clear"}));
    EXPECT_EQ(room.store.counters().at("SharedObject.NoWriteAccess"), 4U);
}

TEST(SharedObjects, RefusesAnotherPersistenceThanTheObjectHas)
{
    Room room;
    room.use(1, true);
    room.use(2, false);
    EXPECT_EQ(room.heard(2), Heard{"error SharedObject.BadPersistence"});
    room.use(3, true);
    EXPECT_EQ(room.heard(3), (Heard{"use success", "clear"}));
}

TEST(SharedObjects, IgnoresAndCountsWhatOnlyServersSay)
{
    Room room;
    room.use(1);
    room.heard(1);
    room.say(1, {{.action = clear}, {.action = success, .name = "a"}, {.action = slot_version, .name = "a"}});
    EXPECT_THAT(room.heard(1), IsEmpty());
    EXPECT_EQ(room.store.counters().at("ignored_object_event"), 3U);
}

TEST(SharedObjects, AnswersAMessageOfManyEventsWithOneOfAll)
{
    Room room;
    room.use(2);
    room.heard(2);
    room.say(1, {{.action = ObjectAction::use},
                 make_change(request_change, "a", 1),
                 make_change(request_change, "b", 2),
                 {.action = ObjectAction::use}});
    EXPECT_EQ(room.heard(1), (Heard{"use success", "clear", "success a", "success b"}));
    EXPECT_EQ(room.heard(2), (Heard{"change a 1", "change b 2"}));
    EXPECT_EQ(room.replicas[1].version, 2U);
    EXPECT_EQ(room.replicas[2].version, 2U);
}

TEST(SharedObjects, TellsABigObjectInSeveralMessages)
{
    Room room;
    room.use(1);
    for (int i = 0; i < 20; ++i) {
        room.change(1, "slot" + std::to_string(i), std::string(60000, 'x'));
    }
    room.store.receive(2, {.name = "chat", .events = {{.action = ObjectAction::use}}});
    int messages = 0;
    while (const auto output = room.store.next()) {
        ++messages;
        std::size_t bytes = 0;
        for (const auto& event : output->message->events) {
            bytes += event.values.size();
        }
        EXPECT_LT(bytes, 400000U);
        room.replicas[2].hear(*output->message);
    }
    EXPECT_GT(messages, 2);
    EXPECT_EQ(room.replicas[2].slots.size(), 20U);
}

TEST(SharedObjects, HasALimitForEachThingThatAClientCanMakeItHold)
{
    Room room{{.objects = 3,
               .objects_of_client = 2,
               .slots = 2,
               .name_bytes = 8,
               .value_bytes = 100,
               .object_bytes = 300,
               .bytes = 400}};
    const auto refused = [&](std::string_view code, std::string_view why) {
        EXPECT_EQ(room.heard(1), Heard{"error SharedObject." + std::string{code}});
        EXPECT_THAT(room.refusal, HasSubstr(std::string{why}));
    };
    room.use(1, false, "");
    refused("ObjectCreationFailed", "0 bytes, expected 1 to 8");
    room.use(1, false, "ninebytes");
    refused("ObjectCreationFailed", "9 bytes");
    for (const auto* name : {"a\xff", "a\nb"}) { // The API could not show it, a log line would be two.
        room.use(1, false, name);
        refused("ObjectCreationFailed", "no UTF-8");
    }
    room.use(1);
    room.use(1, false, "second");
    room.heard(1);
    room.use(1, false, "third");
    refused("ObjectCreationFailed", "this client takes part in 2 objects");
    room.use(2, false, "third");
    room.use(3, false, "fourth");
    EXPECT_EQ(room.heard(3), Heard{"error SharedObject.ObjectCreationFailed"});
    EXPECT_THAT(room.refusal, HasSubstr("there are 3 objects"));

    room.change(1, "", 1);
    refused("NoWriteAccess", "0 bytes");
    room.change(1, "123456789", 1);
    refused("NoWriteAccess", "9 bytes");
    room.change(1, "a", std::string(100, 'x'));
    refused("NoWriteAccess", "the value has 103 bytes");
    room.change(1, "a", std::string(90, 'x'));
    room.change(1, "b", std::string(40, 'x'));
    room.heard(1);
    room.change(1, "c", 1);
    refused("NoWriteAccess", "2 slots");
    room.change(1, "b", std::string(90, 'x'));
    refused("NoWriteAccess", "more than 300 bytes");
    room.say(1, {make_send("hello", {std::string(100, 'x')})});
    refused("NoWriteAccess", "a call has");
    room.say(1, {make_change(request_change, "a", std::string(90, 'x'))}, false, "second");
    refused("NoWriteAccess", "all objects together");
    room.store.set_stored(0, 200);
    room.change(1, "a", std::string(91, 'x'));
    refused("NoWriteAccess", "all objects together");
}

TEST(SharedObjects, KeepsAPersistentObjectUntilItWasSaved)
{
    Room room;
    room.use(1, true);
    room.say(1, {make_change(request_change, "a", 1)}, true);
    const SharedObjects::Key key{"live", "chat"};
    EXPECT_THAT(room.store.unsaved(), ElementsAre(key));
    room.store.leave(1);
    ASSERT_TRUE(room.store.knows(key));
    const auto stored = room.store.snapshot(key);
    room.store.saved(key, stored.version);
    EXPECT_FALSE(room.store.knows(key));
    EXPECT_THAT(room.store.unsaved(), IsEmpty());

    // Another server, or this one later.
    Room later;
    later.store.restore(*read_stored_object(write_stored_object(stored)));
    later.use(2, true);
    EXPECT_EQ(later.heard(2), (Heard{"use success", "clear", "change a 1"}));
    EXPECT_EQ(later.replicas[2].version, 1U);
    EXPECT_THAT(later.store.unsaved(), IsEmpty());
    later.store.leave(2);
    EXPECT_FALSE(later.store.knows(key)) << "it did not change";
}

TEST(SharedObjects, SavesAgainWhatChangedWhileItWasSaved)
{
    Room room;
    room.use(1, true);
    room.say(1, {make_change(request_change, "a", 1)}, true);
    const SharedObjects::Key key{"live", "chat"};
    const auto stored = room.store.snapshot(key);
    room.say(1, {make_change(request_change, "a", 2)}, true);
    room.store.saved(key, stored.version);
    EXPECT_THAT(room.store.unsaved(), ElementsAre(key));
}

TEST(SharedObjects, ForgetsAPersistentObjectThatNeverChanged)
{
    Room room;
    room.use(1, true);
    room.store.leave(1);
    EXPECT_TRUE(room.store.list().empty());
}

TEST(StoredObject, IsReadAsItWasWrittenAndRefusedWithAnyBitChanged)
{
    const StoredObject object{.app = "live",
                              .name = "chat",
                              .version = 7,
                              .slots = {{"a", amf::write_amf0({1})}, {"b", amf::write_amf0({"x"})}}};
    const auto bytes = write_stored_object(object);
    ASSERT_TRUE(read_stored_object(bytes));
    EXPECT_EQ(*read_stored_object(bytes), object);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto damaged = bytes;
        damaged[i] ^= 1U;
        EXPECT_FALSE(read_stored_object(damaged)) << i;
        EXPECT_FALSE(read_stored_object(ByteView{bytes}.first(i))) << i;
    }
}

} // namespace
} // namespace millrace::rtmp
