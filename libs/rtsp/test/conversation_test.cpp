// Client core and server core talk on a virtual clock.
#include <millrace/rtsp/client.hpp>
#include <millrace/rtsp/server.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtsp {
namespace {

using testing::operator""_hex;
using namespace std::chrono_literals;

void fill(std::span<std::uint8_t> bytes)
{
    static std::uint8_t next = 0;
    for (auto& byte : bytes) {
        byte = ++next;
    }
}

constexpr const char* kSdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=control:trackID=0\r\n";

/// A house with one stream, live/cam, and room for a publisher.
class Conversation : public ::testing::Test {
protected:
    using Role = Client::Role;

    Client& call(Role role = Role::play, std::string_view url = "rtsp://u:p%20w@h:8554/live/cam")
    {
        client.emplace(Client::Options{.url = *read_url(url), .role = role, .sdp = kSdp}, now, fill);
        server.emplace(Server::Options{}, book, now);
        talk();
        return *client;
    }

    /// Until neither has anything more to say.
    void talk()
    {
        for (int i = 0; i < 100; ++i) {
            const auto up = client->take_output();
            const auto down = server->take_output();
            if (up.empty() && down.empty()) {
                return;
            }
            if (!server->closed() && !up.empty()) {
                said += as_text(up);
                static_cast<void>(server->feed(up, now));
            }
            if (!client->closed() && !down.empty()) {
                heard += as_text(down);
                EXPECT_TRUE(client->feed(down, now));
            }
            serve();
            listen();
        }
        FAIL() << "they never stop";
    }

    void serve()
    {
        while (auto event = server->next_event()) {
            if (const auto* ask = std::get_if<Ask>(&*event)) {
                answer(*ask);
            } else if (const auto* frame = std::get_if<FrameReceived>(&*event)) {
                frames.push_back(*frame);
            } else {
                replies.push_back(std::get<Replied>(*event));
            }
        }
    }

    void answer(const Ask& ask)
    {
        asks.push_back(ask);
        if (!ask.elsewhere.empty()) {
            return server->refuse(454, "no such session");
        }
        if (authenticator && ask.method != Method::options) {
            const auto judged = authenticator->judge(
                ask.request.method, ask.uri, ask.request.headers.value("Authorization"), "peer", 1000s,
                [](std::string_view user) {
                    return user == "u" ? std::optional<std::string>{"p w"} : std::nullopt;
                });
            if (judged.verdict != Authenticator::Verdict::accepted) {
                return server->challenge(authenticator->challenges("peer", 1000s, false));
            }
        }
        switch (ask.method) {
        case Method::describe:
            if (!redirect_to.empty()) {
                return server->redirect(redirect_to);
            }
            return ask.target.path == "live/cam" ? server->describe(kSdp, ask.uri + "/")
                                                 : server->refuse(404, "no such stream");
        case Method::announce: return server->accept_announce({"trackID=0"});
        case Method::setup: {
            const auto chosen = choose(ask.transports, offer);
            return chosen ? static_cast<void>(server->accept_setup(*chosen)) : server->refuse(461, "");
        }
        case Method::play:
            return server->accept_play(ask.range, ask.scale.value_or(1), 1, {{"rtsp://h/t", 7, 9}});
        case Method::record: return server->accept_record();
        case Method::pause: return server->accept_pause(ask.range);
        case Method::teardown: return server->accept_teardown();
        default: return server->accept_parameters("position: 1\r\n");
        }
    }

    void listen()
    {
        while (auto event = client->next_event()) {
            if (std::get_if<Described>(&*event) != nullptr ||
                std::get_if<TransportRefused>(&*event) != nullptr) {
                const auto base = std::get_if<Described>(&*event) != nullptr
                                      ? std::get<Described>(*event).base
                                      : std::string{"rtsp://h:8554/live/cam"};
                refused += std::get_if<TransportRefused>(&*event) != nullptr ? 1 : 0;
                const auto& transport = refused > 0 ? tcp : first;
                std::vector<Client::Wanted> wanted{{resolve_control(base, "trackID=0"), transport}};
                wanted.front().transport.record = record;
                client->setup(std::move(wanted));
            }
            events.push_back(std::move(*event));
        }
    }

    template <class Event>
    const Event* last() const
    {
        return events.empty() ? nullptr : std::get_if<Event>(&events.back());
    }

    Clock::time_point now{1000s};
    SessionBook book{fill, "0A"};
    std::optional<Client> client;
    std::optional<Server> server;
    std::optional<Authenticator> authenticator;
    TransportOffer offer;
    Transport tcp{.lower = Lower::tcp, .interleaved = Ports{0, 1}};
    Transport first = tcp;
    bool record = false;
    int refused = 0;
    std::string redirect_to;
    std::string said;
    std::string heard;
    std::vector<Ask> asks;
    std::vector<FrameReceived> frames;
    std::vector<Replied> replies;
    std::vector<ClientEvent> events;
};

TEST_F(Conversation, PlaysInterleaved)
{
    call();
    const auto* started = last<Started>();
    ASSERT_NE(started, nullptr);
    EXPECT_EQ(started->infos, (std::vector<RtpInfo>{{"rtsp://h/t", 7, 9}}));
    EXPECT_EQ(started->range, (TimeRange{.begin = 0ns}));
    ASSERT_EQ(book.size(), 1U);
    const auto& session = *book.all().begin()->second;
    EXPECT_EQ(session.id, client->session());
    EXPECT_EQ(session.id.size(), 18U);
    EXPECT_EQ(session.path, "live/cam");
    EXPECT_EQ(session.state(), State::playing);
    EXPECT_EQ(said.find("p%20w"), std::string::npos) << "credentials stand in no request line";

    Bytes media;
    write(media, Frame{0, SharedBytes{to_bytes("8060"_hex)}});
    ASSERT_TRUE(client->feed(media, now));
    listen();
    const auto* packet = last<PacketArrived>();
    ASSERT_NE(packet, nullptr);
    EXPECT_EQ(packet->packet, SharedBytes{to_bytes("8060"_hex)});

    client->send(0, true, "81c90001"_hex);
    talk();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_TRUE(frames[0].rtcp);
    client->close();
    talk();
    EXPECT_EQ(book.size(), 0U);
    EXPECT_EQ(heard.find('$'), std::string::npos);
}

TEST_F(Conversation, Publishes)
{
    record = true;
    call(Role::publish);
    ASSERT_NE(last<Started>(), nullptr);
    EXPECT_EQ(asks[0].method, Method::announce);
    EXPECT_EQ(asks[0].request.body, kSdp);
    EXPECT_EQ(book.all().begin()->second->state(), State::recording);
    EXPECT_TRUE(book.all().begin()->second->record);
    client->send(0, false, "8060"_hex);
    talk();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_FALSE(frames[0].rtcp);
    EXPECT_EQ(frames[0].track, 0);
}

TEST_F(Conversation, FallsBackToInterleavedWhenUdpIsRefused)
{
    offer.udp = false;
    first = {.client_port = Ports{5000, 5001}};
    call();
    EXPECT_EQ(refused, 1);
    ASSERT_NE(last<Started>(), nullptr);
    EXPECT_TRUE(client->interleaved());
}

TEST_F(Conversation, AuthenticatesOnceAndThenAtOnce)
{
    authenticator.emplace(Bytes(32, 1), Authenticator::Options{});
    call();
    ASSERT_NE(last<Started>(), nullptr);
    EXPECT_EQ(asks.size(), 4U) << "DESCRIBE twice, SETUP, PLAY";
}

TEST_F(Conversation, EndsWhenThePasswordIsWrong)
{
    authenticator.emplace(Bytes(32, 1), Authenticator::Options{});
    call(Role::play, "rtsp://u:no@h/live/cam");
    const auto* refusal = last<Refused>();
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(refusal->status, 401);
    EXPECT_TRUE(client->closed());
    EXPECT_EQ(asks.size(), 2U);
}

TEST_F(Conversation, TellsWhyThereIsNothing)
{
    call(Role::play, "rtsp://h/live/other");
    const auto* refusal = last<Refused>();
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(refusal->status, 404);
    EXPECT_EQ(refusal->reason, "Not Found: no such stream");
}

TEST_F(Conversation, IsSentElsewhere)
{
    redirect_to = "rtsp://other/live/cam";
    call();
    ASSERT_NE(last<Redirected>(), nullptr);
    EXPECT_EQ(last<Redirected>()->url, redirect_to);
}

TEST_F(Conversation, IsAskedToGoWhilePlaying)
{
    call();
    server->request(Method::options, "*");
    talk();
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies[0].status, 200);
    server->request(Method::redirect, "rtsp://h/live/cam", {{"Location", "rtsp://b/live/cam"}});
    talk();
    ASSERT_NE(last<Redirected>(), nullptr);
    EXPECT_EQ(last<Redirected>()->url, "rtsp://b/live/cam");
    EXPECT_EQ(book.size(), 0U) << "it says TEARDOWN";
}

TEST_F(Conversation, LivesByPingsThatNobodyNeedsToAnswer)
{
    call();
    for (int i = 0; i < 20; ++i) {
        EXPECT_LE(client->deadline() - now, 30s);
        now = client->deadline();
        ASSERT_TRUE(client->tick(now));
        talk();
        EXPECT_TRUE(book.expired(now).empty());
    }
    EXPECT_NE(said.find("GET_PARAMETER"), std::string::npos);
    now += 61s;
    EXPECT_EQ(book.expired(now).size(), 1U);
}

TEST_F(Conversation, PausesAndGoesOnElsewhere)
{
    call();
    client->pause();
    talk();
    ASSERT_NE(last<Paused>(), nullptr);
    EXPECT_EQ(book.all().begin()->second->state(), State::ready);
    client->play(TimeRange{.begin = 4s}, 2);
    talk();
    ASSERT_NE(last<Started>(), nullptr);
    EXPECT_EQ(last<Started>()->scale, 2);
    EXPECT_EQ(asks.back().range, (TimeRange{.begin = 4s}));
}

TEST_F(Conversation, GivesUpOnAServerThatDoesNotAnswer)
{
    client.emplace(Client::Options{.url = *read_url("rtsp://h/a")}, now, fill);
    client->take_output();
    EXPECT_EQ(client->deadline(), now + 15s);
    ASSERT_TRUE(client->tick(now + 14s));
    const auto ticked = client->tick(now + 15s);
    ASSERT_FALSE(ticked);
    EXPECT_EQ(ticked.error().code(), make_error_code(Errc::answer_timeout));
}

// What cameras answer to SETUP (§8.4 of the digest).
TEST_F(Conversation, ToleratesWhatCamerasAnswer)
{
    client.emplace(Client::Options{.url = *read_url("rtsp://h/a")}, now, fill);
    const auto camera = [this](std::string_view text) {
        client->take_output();
        ASSERT_TRUE(client->feed(as_bytes(text), now));
    };
    camera("RTSP/1.0 501 Not Implemented\r\n\r\n"); // No CSeq: it is the oldest one's answer.
    camera("RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\nv=0");
    const auto first_event = client->next_event();
    ASSERT_TRUE(first_event && std::holds_alternative<Described>(*first_event));
    const Transport second{.lower = Lower::tcp, .interleaved = Ports{2, 3}};
    client->setup({{"rtsp://h/a/1", tcp}, {"rtsp://h/a/2", second}});
    camera("RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession:        77777777; timeout=10\r\n\r\n");
    camera("RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: 77777777\r\n"
           "Transport: RTP/AVP/TCP;unicast;interleaved=8-9;ssrc=     D93FF\r\n\r\n");
    EXPECT_EQ(client->session(), "77777777");
    std::vector<ClientEvent> got;
    const std::string media{"$\x08\x00\x02hi$\x06\x00\x01x", 11};
    camera(media); // Before PLAY is answered, and of a channel that nobody knows.
    camera("RTSP/1.0 200 OK\r\nCSeq: 5\r\n\r\n");
    while (auto event = client->next_event()) {
        got.push_back(std::move(*event));
    }
    ASSERT_EQ(got.size(), 4U);
    EXPECT_EQ(std::get<StreamSetUp>(got[0]).transport.interleaved, (Ports{0, 1}));
    EXPECT_EQ(std::get<StreamSetUp>(got[1]).transport.interleaved, (Ports{8, 9}));
    EXPECT_EQ(std::get<PacketArrived>(got[2]).stream, 1U);
    EXPECT_TRUE(std::holds_alternative<Started>(got[3]));
    for (const char* quirk : {"response_without_cseq", "setup_without_transport", "other_channels",
                              "media_before_play", "frame_of_unknown_channel"}) {
        EXPECT_EQ(client->counters().count(quirk), 1U) << quirk;
    }
    EXPECT_EQ(client->deadline(), now + 5s) << "half of the timeout of ten seconds";
}

} // namespace
} // namespace millrace::rtsp
