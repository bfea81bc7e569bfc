// Sessions that speak AMF3: objectEncoding 3, commands of type 17, data of type 15.
#include "../src/command.hpp"
#include "conversation.hpp"
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace testing::literals;
using amf::Null;

/// A peer that has connected, and what the server said to it as messages.
struct Amf3Peer : Peer {
    explicit Amf3Peer(amf::Value encoding = 3)
    {
        shake_hands();
        command(0, {"connect", 1,
                    amf::Object{.members = {{"app", "live"},
                                            {"type", "nonprivate"},
                                            {"objectEncoding", std::move(encoding)}}}});
        expect<ConnectRequested>();
        server.accept_connect();
    }

    bool amf3_command(std::uint32_t stream, std::initializer_list<amf::Value> values, bool with_format = true)
    {
        Bytes payload = amf::write_amf0(values);
        if (with_format) {
            payload.insert(payload.begin(), 0);
        }
        return send(Message{
            .csid = 3, .stream = stream, .type = MessageType::command_amf3, .payload = std::move(payload)});
    }

    std::vector<Command> heard()
    {
        const auto bytes = server.take_output();
        const auto skipped = std::min(to_skip, bytes.size());
        to_skip -= skipped;
        EXPECT_TRUE(reader.feed(ByteView{bytes}.subspan(skipped)));
        std::vector<Command> all;
        while (const auto message = reader.next()) {
            if (message->type == MessageType::command || message->type == MessageType::command_amf3) {
                EXPECT_EQ(message->payload.front(), message->type == MessageType::command ? 2 : 0);
                all.push_back(*read_command(*message));
            }
        }
        return all;
    }

    std::size_t to_skip = 1 + 2 * kHandshakeBlock;
};

TEST(Amf3Session, IsAgreedOnWhenItIsAskedFor)
{
    for (const auto& [asked, answered] :
         std::vector<std::pair<amf::Value, int>>{{3, 3}, {0, 0}, {amf::Undefined{}, 0}, {7, 0}, {"3", 3}}) {
        Amf3Peer peer{asked};
        const auto heard = peer.heard();
        ASSERT_EQ(heard.size(), 1U);
        EXPECT_EQ(heard[0].type, MessageType::command) << "the answer to connect is always AMF0";
        EXPECT_EQ(*heard[0].argument(0).find("objectEncoding"), amf::Value{answered}) << to_string(asked);
    }
}

TEST(Amf3Session, AnswersType17With17And20With20)
{
    Amf3Peer peer;
    peer.heard();
    peer.amf3_command(0, {"createStream", 2, Null{}});
    peer.command(0, {"createStream", 3, Null{}});
    auto heard = peer.heard();
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_EQ(heard[0].type, MessageType::command_amf3);
    EXPECT_EQ(heard[1].type, MessageType::command);

    peer.amf3_command(0, {"FCPublish", 4, Null{}, "cam"});
    peer.amf3_command(1, {"publish", 5, Null{}, "cam", "live"});
    peer.command(2, {"publish", 5, Null{}, "cam2", "live"});
    peer.server.accept_publish(peer.expect<PublishRequested>().stream);
    peer.server.refuse_publish(peer.expect<PublishRequested>().stream, "NetStream.Publish.BadName", "taken");
    peer.amf3_command(9, {"publish", 6, Null{}, "cam3", "live"});
    for (const auto& said : peer.heard()) {
        SCOPED_TRACE(said.name);
        EXPECT_EQ(said.type, said.stream == 2 ? MessageType::command : MessageType::command_amf3);
    }
}

// V7: echo, 7, null, {a:1,b:true}, as a client calls a method of its own with an object in AMF3.
TEST(Amf3Session, SaysThatAMethodIsUnknownInTheFormatOfTheCall)
{
    Amf3Peer peer;
    peer.heard();
    constexpr auto kEcho = "00 0200046563686f 00401c000000000000 05 11 0a0b010361040103620301"_hex;
    ASSERT_TRUE(peer.send(Message{.csid = 3, .type = MessageType::command_amf3, .payload = kEcho}));
    const auto heard = peer.heard();
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].name, "_error");
    EXPECT_EQ(heard[0].transaction, 7);
    EXPECT_EQ(heard[0].type, MessageType::command_amf3);
    EXPECT_EQ(heard[0].argument(0).find("code")->text(), "NetConnection.Call.Failed");
    EXPECT_EQ(heard[0].argument(0).find("description")->text(), "no such method: echo");
    EXPECT_EQ(read_command(Message{.type = MessageType::command_amf3, .payload = kEcho})->argument(0),
              (amf::Value{amf::Object{.members = {{"a", 1}, {"b", true}}}}));
}

// Quirk: some senders leave out the format byte.
TEST(Amf3Session, TakesType17WithoutItsFormatByteAndCounts)
{
    Amf3Peer peer;
    peer.heard();
    ASSERT_TRUE(peer.amf3_command(0, {"createStream", 2, Null{}}, false));
    EXPECT_EQ(peer.heard().size(), 1U);
    EXPECT_EQ(peer.server.counters().at("no_format_byte"), 1U);
}

TEST(Amf3Session, CountsWhatTheAmfReaderTolerates)
{
    Amf3Peer peer;
    // An ECMA array that says 0 members and has one, and an object without its end.
    constexpr auto kCall =
        "020003 666f6f 00 0000000000000000 08 00000000 000161 05 000009 03 000161 0101"_hex;
    ASSERT_TRUE(peer.send(Message{.csid = 3, .type = MessageType::command, .payload = kCall}));
    EXPECT_EQ(peer.server.counters().at("wrong_count"), 1U);
    EXPECT_EQ(peer.server.counters().at("missing_object_end"), 1U);
}

/// What becomes of a data message of type 15 in a publication.
std::optional<Bytes> published(Bytes payload, std::string_view counter = {})
{
    Peer peer;
    peer.publish();
    peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::data_amf3, .payload = std::move(payload)});
    const auto event = peer.server.next_event();
    if (!event) {
        EXPECT_EQ(peer.server.counters().at(counter), 1U);
        return std::nullopt;
    }
    const auto& media = std::get<MediaReceived>(*event);
    EXPECT_EQ(media.type, MessageType::data);
    return to_bytes(media.payload);
}

TEST(Amf3Session, PassesDataOfType15OnInAmf0)
{
    const auto text = amf::write_amf0({"onTextData", amf::Object{.members = {{"text", "hi"}}}});
    Bytes plain{0};
    plain.insert(plain.end(), text.begin(), text.end());
    EXPECT_EQ(published(plain), text);
    EXPECT_EQ(published(text), text) << "without the format byte";
    EXPECT_EQ(published("00 02000a 6f6e5465787444617461 11 0a0b01 0974657874 0605 6869 01"_hex), text);
    // The publisher's wrapper as well may be AMF3.
    EXPECT_EQ(published(R"(00 11 061b 40736574446174614672616d65  11 0615 6f6e5465787444617461
                           11 0a0b01 0974657874 0605 6869 01)"_hex),
              text);
}

TEST(Amf3Session, DropsDataThatOnlyAmf3CanHold)
{
    EXPECT_FALSE(published("00 02000a 6f6e5465787444617461 11 0c03ff"_hex, "data_in_amf3_only"));
    EXPECT_FALSE(published("00 02000a 6f6e5465787444617461 11 0a07 0344"_hex, "unreadable_data"));
    EXPECT_FALSE(published("00 05"_hex, "unreadable_data"));
}

TEST(Amf3Session, IsSpokenByOurClientWhenTheServerAgrees)
{
    for (const bool amf3 : {false, true}) {
        SCOPED_TRACE(amf3);
        Conversation talk{{.role = Client::Role::publish,
                           .app = "live",
                           .tc_url = "rtmp://h/live",
                           .name = "cam",
                           .amf3 = amf3}};
        talk.run();
        ASSERT_EQ(talk.from_client<Started>().size(), 1U);
        EXPECT_EQ(talk.from_server<ConnectRequested>().at(0).properties.find("objectEncoding") != nullptr,
                  amf3);
        talk.client.close();
        const auto wire = talk.client.take_output();
        ChunkReader reader;
        ASSERT_TRUE(reader.feed("02 000000 000004 01 00000000 00001000"_hex));
        ASSERT_TRUE(reader.feed(wire));
        reader.next();
        const auto last = reader.next();
        ASSERT_TRUE(last);
        EXPECT_EQ(last->type, amf3 ? MessageType::command_amf3 : MessageType::command);
        EXPECT_EQ(read_command(*last)->name, "FCUnpublish");
    }
}

TEST(Amf3Session, ReadsType15InTheClientsRole)
{
    Conversation talk{
        {.role = Client::Role::play, .app = "live", .tc_url = "rtmp://h/live", .name = "cam", .amf3 = true}};
    talk.run();
    Bytes wire;
    ChunkWriter writer{kPlayChunkSize};
    writer.write(wire, {csid::kData, 1, 40, MessageType::data_amf3},
                 "00 02000a 6f6e5465787444617461 11 0a0b01 0974657874 0605 6869 01"_hex);
    ASSERT_TRUE(talk.client.feed(wire, talk.now));
    const auto event = talk.client.next_event();
    ASSERT_TRUE(event && std::holds_alternative<MediaArrived>(*event));
    const auto& arrived = std::get<MediaArrived>(*event);
    EXPECT_EQ(arrived.type, MessageType::data);
    EXPECT_EQ(to_bytes(arrived.payload),
              amf::write_amf0({"onTextData", amf::Object{.members = {{"text", "hi"}}}}));
}

} // namespace
} // namespace millrace::rtmp
