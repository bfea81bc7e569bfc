// Our client speaks with our server.
#include "conversation.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using namespace std::chrono_literals;

Client::Options options(Client::Role role)
{
    return {.role = role, .app = "live?u=1", .tc_url = "rtmp://h:1935/live", .name = "cam?t=2"};
}

TEST(Conversation, PublishesHoweverTheBytesAreCut)
{
    for (const auto digest : {DigestLayout::none, DigestLayout::d8, DigestLayout::d772}) {
        for (unsigned seed = 1; seed <= 20; ++seed) {
            SCOPED_TRACE(seed);
            auto with = options(Client::Role::publish);
            with.digest = digest;
            Conversation talk{with, seed};
            talk.run();
            ASSERT_EQ(talk.from_client<Started>().size(), 1U);
            const auto request = talk.from_server<PublishRequested>().at(0);
            EXPECT_EQ(request.path, "live/cam");
            EXPECT_EQ(request.query, "t=2&u=1");
            EXPECT_TRUE(talk.from_server<ConnectRequested>().at(0).publisher);

            const auto metadata = amf::write_amf0({"onMetaData", amf::EcmaArray{{{"width", 640}}}});
            const Bytes lead{0x17, 1, 0, 0, 0};
            const Bytes video(10000, 0x55);
            talk.client.send(MessageType::data, 0, {}, SharedBytes::copy_of(metadata));
            talk.client.send(MessageType::audio, 1, Bytes{0xaf, 1}, SharedBytes::copy_of(Bytes(300, 0x11)));
            talk.client.send(MessageType::video, 2, lead, SharedBytes::copy_of(video));
            talk.client.send(MessageType::video, 1U << 24U, lead, SharedBytes::copy_of(video));
            talk.run();
            const auto media = talk.from_server<MediaReceived>();
            ASSERT_EQ(media.size(), 4U);
            EXPECT_EQ(to_bytes(media[0].payload), metadata);
            EXPECT_EQ(media[1].type, MessageType::audio);
            EXPECT_EQ(media[1].payload.size(), 302U);
            auto whole = lead;
            whole.insert(whole.end(), video.begin(), video.end());
            EXPECT_EQ(to_bytes(media[2].payload), whole);
            EXPECT_EQ(to_bytes(media[3].payload), whole);
            EXPECT_EQ(media[3].timestamp, 1U << 24U);

            talk.client.close();
            EXPECT_TRUE(talk.client.closed());
            talk.run();
            EXPECT_EQ(talk.from_server<PublishStopped>().size(), 1U);
            EXPECT_EQ(talk.server_error, std::error_code{});
            EXPECT_TRUE(talk.server.counters().empty());
        }
    }
}

TEST(Conversation, PlaysUntilTheStreamEnds)
{
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        Conversation talk{options(Client::Role::play), seed};
        talk.run();
        ASSERT_EQ(talk.from_client<Started>().size(), 1U);
        const auto request = talk.from_server<PlayRequested>().at(0);
        EXPECT_EQ(request.path, "live/cam");
        EXPECT_EQ(request.start_ms, -2000);

        // Media as a muxer writes it, between two outputs of the session.
        Bytes media;
        ChunkWriter writer{kPlayChunkSize};
        writer.write(media, {csid::kVideo, 1, 40, MessageType::video}, Bytes(70000, 0x27));
        writer.write(media, {csid::kAudio, 1, 41, MessageType::audio}, Bytes(300, 0xaf));
        ASSERT_TRUE(talk.client.feed(media, talk.now));
        talk.server.end_play(1);
        talk.run();
        const auto arrived = talk.from_client<MediaArrived>();
        ASSERT_EQ(arrived.size(), 2U);
        EXPECT_EQ(arrived[0].payload.size(), 70000U);
        EXPECT_EQ(arrived[0].timestamp, 40U);
        EXPECT_EQ(arrived[1].type, MessageType::audio);
        const auto ended = talk.from_client<Ended>();
        ASSERT_EQ(ended.size(), 1U);
        EXPECT_EQ(ended[0].code, "StreamEOF");
        EXPECT_TRUE(talk.client.closed());
        EXPECT_EQ(talk.client_error, std::error_code{});
    }
}

TEST(Conversation, TellsTheServersWordsOfRefusal)
{
    for (const auto role : {Client::Role::publish, Client::Role::play}) {
        Conversation talk{options(role)};
        talk.refusal = "live/cam is taken";
        talk.run();
        const auto refused = talk.from_client<Refused>();
        ASSERT_EQ(refused.size(), 1U);
        EXPECT_EQ(refused[0].code, role == Client::Role::publish ? "NetStream.Publish.BadName"
                                                                 : "NetStream.Play.StreamNotFound");
        EXPECT_EQ(refused[0].description, "live/cam is taken");
        EXPECT_EQ(talk.client_error, make_error_code(Errc::refused));
        EXPECT_TRUE(talk.client.closed());
        EXPECT_TRUE(talk.from_client<Started>().empty());
    }
}

TEST(Conversation, TellsWhyAConnectionIsCutOff)
{
    Conversation talk{options(Client::Role::play)};
    talk.run();
    talk.server.disconnect("the server goes down");
    talk.run();
    const auto refused = talk.from_client<Refused>();
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].code, "NetConnection.Connect.Closed");
    EXPECT_EQ(refused[0].description, "the server goes down");
}

TEST(Conversation, KeepsASilentConnectionAliveWithPings)
{
    Conversation talk{options(Client::Role::play)};
    talk.run();
    for (int i = 0; i < 10; ++i) {
        talk.now += 60s;
        ASSERT_TRUE(talk.server.tick(talk.now));
        ASSERT_TRUE(talk.client.tick(talk.now));
        EXPECT_TRUE(talk.server.has_output());
        talk.run();
    }
    EXPECT_FALSE(talk.server.closed());
}

TEST(Conversation, SaysGoodbyeAfterTheMediaThatWaits)
{
    Conversation talk{options(Client::Role::publish)};
    talk.run();
    for (std::uint32_t i = 0; i < 50; ++i) {
        talk.client.send(MessageType::video, i, Bytes{0x17, 1}, SharedBytes::copy_of(Bytes(9000, 1)));
    }
    talk.client.close();
    talk.run();
    EXPECT_EQ(talk.from_server<MediaReceived>().size(), 50U);
    EXPECT_TRUE(std::holds_alternative<PublishStopped>(talk.server_events.back()));
}

TEST(ClientDeadlines, EndASessionWhoseServerDoesNotAnswer)
{
    const auto start = Clock::time_point{1h};
    Client silent{options(Client::Role::play), start, fill_with_counting};
    EXPECT_EQ(silent.deadline(), start + 10s);
    EXPECT_TRUE(silent.tick(start + 9999ms));
    const auto ticked = silent.tick(start + 10s);
    ASSERT_FALSE(ticked);
    EXPECT_EQ(ticked.error(), make_error_code(Errc::handshake_timeout));
    EXPECT_TRUE(silent.closed());

    // A server that shakes hands and then says nothing.
    Client client{options(Client::Role::play), start, fill_with_counting};
    ServerHandshake server{fill_with_counting};
    ASSERT_TRUE(server.feed(client.take_output()));
    ASSERT_TRUE(client.feed(server.take_output(), start + 1s));
    EXPECT_EQ(client.deadline(), start + 16s);
    const auto waited = client.tick(start + 16s);
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error(), make_error_code(Errc::answer_timeout));
    EXPECT_FALSE(client.feed(Bytes{1}, start + 17s));
}

TEST(ClientDeadlines, AreNoneWhileAStreamRuns)
{
    Conversation talk{options(Client::Role::play)};
    talk.run();
    EXPECT_EQ(talk.client.deadline(), Clock::time_point::max());
    talk.client.close();
    EXPECT_EQ(talk.client.deadline(), Clock::time_point::max());
}

} // namespace
} // namespace millrace::rtmp
