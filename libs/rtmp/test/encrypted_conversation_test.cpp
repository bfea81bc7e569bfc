// Whole RTMPE connections: both cores with the ciphers in the hands of who carries their bytes.
#include "conversation.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::rtmp {
namespace {

using enum HandshakeVersion;

Client::Options options_for(Client::Role role, HandshakeVersion version)
{
    Client::Options options{.role = role, .app = "live", .tc_url = "rtmpe://h/live", .name = "cam"};
    options.version = version;
    return options;
}

class RtmpeConversations : public ::testing::TestWithParam<HandshakeVersion> {};
INSTANTIATE_TEST_SUITE_P(All, RtmpeConversations, ::testing::Values(rtmpe, rtmpe_xtea, rtmpe_blowfish));

TEST_P(RtmpeConversations, PublishHoweverTheBytesAreCut)
{
    for (unsigned seed = 1; seed <= 10; ++seed) {
        Conversation talk{options_for(Client::Role::publish, GetParam()), seed};
        talk.run();
        EXPECT_TRUE(talk.client.encrypted());
        EXPECT_TRUE(talk.server.encrypted());
        ASSERT_EQ(talk.from_client<Started>().size(), 1U);
        const Bytes payload(5000, 0x17);
        talk.client.send(MessageType::video, 40, {}, SharedBytes{Bytes{payload}});
        talk.run();
        const auto media = talk.from_server<MediaReceived>();
        ASSERT_EQ(media.size(), 1U);
        EXPECT_EQ(to_bytes(media[0].payload), payload);
    }
}

TEST_P(RtmpeConversations, Play)
{
    Conversation talk{options_for(Client::Role::play, GetParam())};
    talk.run();
    EXPECT_EQ(talk.from_client<Started>().size(), 1U);
    talk.server.end_play(1);
    talk.run();
    EXPECT_EQ(talk.from_client<Ended>().size(), 1U);
}

TEST(RtmpeConversation, IsRefusedWhereItIsNotAllowed)
{
    const Clock::time_point now{std::chrono::hours{1}};
    Client client{options_for(Client::Role::play, rtmpe), now, fill_with_counting};
    Server server{now, fill_with_counting};
    const auto fed = server.feed(client.take_output(), now);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error(), make_error_code(Errc::unsupported_version));
    EXPECT_FALSE(server.has_output());
    EXPECT_FALSE(server.encrypted());
    EXPECT_FALSE(server.take_output_cipher());
}

/// A server that was fed a whole handshake and connect, in one feed, and yields its output step by step.
struct Fed {
    Clock::time_point now{std::chrono::hours{1}};
    Client client{options_for(Client::Role::publish, rtmpe), now, fill_with_counting};
    Server server{now, fill_with_counting, {}, {.encryption = true}};
};

TEST(OutputCipher, ComesOnceAndInTheFeedThatEndsTheHandshake)
{
    Fed fed;
    ASSERT_TRUE(fed.server.feed(fed.client.take_output(), fed.now));
    EXPECT_TRUE(fed.server.encrypted());
    EXPECT_FALSE(fed.server.take_output_cipher());
    EXPECT_TRUE(fed.server.has_output());
    ASSERT_TRUE(fed.client.feed(fed.server.take_output(), fed.now));
    const auto c2 = fed.client.take_output();
    EXPECT_EQ(c2.size(), kHandshakeBlock);
    EXPECT_FALSE(fed.client.has_output()) << "connect must wait for the cipher to be taken";
    EXPECT_TRUE(fed.client.take_output_cipher());
    EXPECT_FALSE(fed.client.take_output_cipher());
    EXPECT_TRUE(fed.client.has_output());

    ASSERT_TRUE(fed.server.feed(ByteView{c2}.first(c2.size() - 1), fed.now));
    EXPECT_FALSE(fed.server.take_output_cipher());
    ASSERT_TRUE(fed.server.feed(ByteView{c2}.last(1), fed.now));
    EXPECT_TRUE(fed.server.take_output_cipher());
    EXPECT_FALSE(fed.server.take_output_cipher());
}

TEST(OutputCipher, StandsBetweenTheClearBytesAndTheOthersAlsoWhenAllComeInOneFeed)
{
    Fed fed;
    // Who sends everything at once cannot know the keys: what stands behind C2 is nonsense once deciphered.
    Bytes wire = fed.client.take_output();
    wire.resize(wire.size() + kHandshakeBlock + 200, 0x55);
    const auto result = fed.server.feed(wire, fed.now);
    EXPECT_EQ(fed.server.take_output().size(), 1 + 2 * kHandshakeBlock);
    EXPECT_FALSE(fed.server.has_output());
    EXPECT_TRUE(fed.server.take_output().empty());
    EXPECT_TRUE(fed.server.take_output_cipher());
    EXPECT_EQ(result.has_value(), !fed.server.closed());
}

/// What a server says over RTMPE to a scripted client, deciphered.
class EncryptedPeer {
public:
    EncryptedPeer()
    {
        ClientHandshake hello{fill_with_counting, DigestLayout::d772, rtmpe};
        feed(hello.take_output());
        const auto answer = server.take_output();
        EXPECT_TRUE(hello.feed(answer));
        feed(hello.take_output());
        EXPECT_TRUE(server.take_output().empty());
        to_server_.emplace(hello.keys()->out);
        from_server_.emplace(hello.keys()->in);
        cipher_ = server.take_output_cipher();
    }

    void command(std::uint32_t stream, std::initializer_list<amf::Value> values)
    {
        Bytes bytes;
        writer_.write(bytes, {.csid = 3, .stream = stream, .type = MessageType::command},
                      amf::write_amf0(values));
        to_server_->apply(bytes);
        feed(bytes);
    }

    Lines answers()
    {
        auto bytes = server.take_output();
        cipher_->apply(bytes);
        from_server_->apply(bytes);
        Lines lines;
        EXPECT_TRUE(reader_.feed(bytes));
        while (const auto message = reader_.next()) {
            lines.push_back(describe(*message));
        }
        return lines;
    }

    template <class Event>
    Event expect()
    {
        return std::get<Event>(*server.next_event());
    }

    Clock::time_point now{std::chrono::hours{1}};
    Server server{now, fill_with_counting, {}, {.encryption = true}};

private:
    void feed(ByteView bytes) { EXPECT_TRUE(server.feed(bytes, now)); }

    std::optional<OutputCipher> to_server_;
    std::optional<OutputCipher> from_server_;
    std::optional<OutputCipher> cipher_;
    ChunkWriter writer_;
    ChunkReader reader_;
};

bool speaks_of_chunk_size(const Lines& lines)
{
    return std::ranges::any_of(
        lines, [](const std::string& line) { return line.find("chunk size") != std::string::npos; });
}

// FFmpeg, publishing, enciphers in place and then reads its own enciphered answer to Set Chunk Size.
TEST(Rtmpe, NeverTellsAPublisherAChunkSize)
{
    for (const bool declared : {true, false}) {
        EncryptedPeer peer;
        amf::Object object{.members = {{"app", "live"}}};
        if (declared) {
            object.members.emplace_back("type", "nonprivate");
        }
        peer.command(0, {"connect", 1, object});
        peer.expect<ConnectRequested>();
        peer.server.accept_connect();
        peer.command(0, {"createStream", 2, amf::Null{}});
        peer.command(1, {"publish", 3, amf::Null{}, "cam", "live"});
        peer.server.accept_publish(peer.expect<PublishRequested>().stream);
        const auto lines = peer.answers();
        EXPECT_FALSE(speaks_of_chunk_size(lines));
        EXPECT_EQ(lines.back(), status_line(1, "status", "NetStream.Publish.Start", "Publishing."));
    }
}

TEST(Rtmpe, TellsAPlayerTheChunkSizeOnlyWhenItPlays)
{
    EncryptedPeer peer;
    peer.command(0, {"connect", 1, amf::Object{.members = {{"app", "live"}}}});
    peer.expect<ConnectRequested>();
    peer.server.accept_connect();
    peer.command(0, {"createStream", 2, amf::Null{}});
    EXPECT_FALSE(speaks_of_chunk_size(peer.answers()));
    peer.command(1, {"play", 3, amf::Null{}, "cam"});
    peer.server.accept_play(peer.expect<PlayRequested>().stream);
    const auto lines = peer.answers();
    ASSERT_FALSE(lines.empty());
    EXPECT_TRUE(lines.front().starts_with("2/0 chunk size"));
}

} // namespace
} // namespace millrace::rtmp
