// Shared object messages, byte for byte; the first five are V9.
#include <millrace/amf/amf0.hpp>
#include <millrace/rtmp/error.hpp>
#include <millrace/rtmp/shared_object.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using enum ObjectAction;

constexpr auto kType = MessageType::shared_object;

struct Case {
    const char* what;
    Bytes wire;
    ObjectMessage message;
    bool same_bytes = true; ///< Writing the message gives the wire again.
};

Bytes with_events(const Bytes& events)
{
    Bytes wire = "0004 63686174 00000003 00000002 00000000"_hex;
    wire.insert(wire.end(), events.begin(), events.end());
    return wire;
}

ObjectMessage chat(std::vector<ObjectEvent> events)
{
    return {.name = "chat", .version = 3, .persistent = true, .events = std::move(events)};
}

std::vector<Case> cases()
{
    const auto change = [](ObjectAction action, std::string slot, const amf::Value& value) {
        return make_change(action, std::move(slot), value);
    };
    return {
        {"use",
         "0004 63686174 00000000 00000002 00000000 01 00000000"_hex,
         {.name = "chat", .persistent = true, .events = {{.action = use}}}},
        {"answer",
         R"(000463686174 00000003 00000002 00000000 0b00000000 0800000000
            040000000b 0003666f6f 020003626172)"_hex,
         chat({{.action = use_success}, {.action = clear}, change(ObjectAction::change, "foo", "bar")})},
        {"request change", with_events("03 0000000e 0003666f6f 003ff0000000000000"_hex),
         chat({change(request_change, "foo", 1)})},
        {"send", with_events("06 0000000c 02000568656c6c6f 02000178"_hex), chat({make_send("hello", {"x"})})},
        {"status",
         with_events(
             "07 00000022 0019 5368617265644f626a6563742e4e6f52656164416363657373 0005 6572726f72"_hex),
         chat({{.action = status, .name = "SharedObject.NoReadAccess", .level = "error"}})},
        {"the rest",
         with_events(R"(02 00000000  05 00000003 000161  08 00000000  09 00000003 000161  0a 00000003 000161
                        0c 00000007 000161 00000009  0e 00000000)"_hex),
         chat({{.action = release},
               {.action = success, .name = "a"},
               {.action = clear},
               {.action = remove, .name = "a"},
               {.action = request_remove, .name = "a"},
               {.action = slot_version, .name = "a", .level = {}, .values = "00000009"_hex},
               {.action = request_clear}})},
        {"accepted change", with_events("0d 00000004 000161 05"_hex),
         chat({change(accepted_change, "a", amf::Null{})})},
        {"several pairs in one change", with_events("04 0000000a 000161 0101 000162 0100"_hex),
         chat({change(ObjectAction::change, "a", true), change(ObjectAction::change, "b", false)}), false},
        {"AMF3 value", with_events("03 00000007 000161 11 0c03ff"_hex),
         chat({change(request_change, "a", amf::ByteArray{"ff"_hex})})},
        {"AMF3 value that AMF0 can hold", with_events("03 00000006 000161 11 0405"_hex),
         chat({change(request_change, "a", 5)}), false},
        {"tables of AMF3 that two events share",
         with_events("03 00000008 000161 11 0605 6869  03 00000006 000162 11 0600"_hex),
         chat({change(request_change, "a", "hi"), change(request_change, "b", "hi")}), false},
        {"further flags",
         "0001 61 00000000 00000032 00000000"_hex,
         {.name = "a", .persistent = true, .events = {}},
         false},
        {"not persistent", "0001 61 00000000 00000030 00000000"_hex, {.name = "a", .events = {}}, false},
    };
}

TEST(SharedObjectMessage, ReadsAndWritesTheVectors)
{
    for (const auto& each : cases()) {
        SCOPED_TRACE(each.what);
        const auto read = read_object_message(kType, each.wire);
        ASSERT_TRUE(read) << read.error().message();
        EXPECT_EQ(*read, each.message);
        if (each.same_bytes) {
            EXPECT_EQ(write_object_message(kType, each.message), each.wire);
        }
    }
}

TEST(SharedObjectMessage, IsTheSameInType16BehindOneMoreByte)
{
    for (const auto& each : cases()) {
        SCOPED_TRACE(each.what);
        Bytes wire{0};
        wire.insert(wire.end(), each.wire.begin(), each.wire.end());
        const auto read = read_object_message(MessageType::shared_object_amf3, wire);
        ASSERT_TRUE(read) << read.error().message();
        EXPECT_EQ(*read, each.message);
        if (each.same_bytes) {
            EXPECT_EQ(write_object_message(MessageType::shared_object_amf3, each.message), wire);
        }
    }
}

TEST(SharedObjectMessage, IsRefusedWhereverItIsCutInsideAnEvent)
{
    for (const auto& each : cases()) {
        for (std::size_t size = 0; size < each.wire.size(); ++size) {
            const auto read = read_object_message(kType, ByteView{each.wire}.first(size));
            if (read) { // It was cut between two events.
                EXPECT_LT(read->events.size(), each.message.events.size()) << each.what << " cut at " << size;
            }
        }
    }
    EXPECT_EQ(read_object_message(kType, "0001 61 00000000 00000000 00000000 01 00000001"_hex).error(),
              make_error_code(Errc::bad_shared_object));
}

TEST(SharedObjectMessage, RefusesEventsThatDoNotFitTheirLength)
{
    for (const Bytes& events : std::vector<Bytes>{
             "05 00000002 0003"_hex,                // a name that is longer than the event
             "03 00000004 000161 02"_hex,           // a string without its length
             "03 00000003 000161 05"_hex,           // the value stands behind the event
             "06 00000001 05"_hex,                  // a method without a name
             "06 00000000"_hex,                     // no method at all
             "07 00000003 000161"_hex,              // a status without a level
             "03 00000008 000161 11 0a07 0344"_hex, // an object that writes its own body
         }) {
        EXPECT_FALSE(read_object_message(kType, with_events(events))) << ::testing::PrintToString(events);
    }
}

// Quirk: newer servers have events that are written down nowhere.
TEST(SharedObjectMessage, SkipsAndCountsUnknownEvents)
{
    ObjectCounters tolerated;
    const auto read = read_object_message(kType, with_events("0f 00000002 ffff 00 00000000 08 00000000"_hex),
                                          {}, &tolerated);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->events, (std::vector<ObjectEvent>{{.action = clear}}));
    EXPECT_EQ(tolerated.at("unknown_object_event"), 2U);
}

TEST(SharedObjectMessage, HasALimitOfEvents)
{
    const auto wire = with_events("08 00000000 08 00000000 08 00000000"_hex);
    EXPECT_TRUE(read_object_message(kType, wire, {.events = 3}));
    EXPECT_FALSE(read_object_message(kType, wire, {.events = 2}));
}

} // namespace
} // namespace millrace::rtmp
