#include <millrace/rtsp/server.hpp>
#include <millrace/testing/hex.hpp>

#include <gtest/gtest.h>

namespace millrace::rtsp {
namespace {

using namespace std::chrono_literals;

void fill(std::span<std::uint8_t> bytes)
{
    static std::uint8_t next = 0;
    for (auto& byte : bytes) {
        byte = ++next;
    }
}

class ServerTest : public ::testing::Test {
protected:
    std::string say(std::string_view text, Server* to = nullptr)
    {
        auto& server = to == nullptr ? core : *to;
        static_cast<void>(server.feed(as_bytes(text), now));
        pump(server);
        return std::string{as_text(server.take_output())};
    }
    std::string ask(std::string_view line, std::string_view headers = {}, std::string_view body = {})
    {
        std::string text{line};
        text.append(" RTSP/1.0\r\nCSeq: 5\r\n").append(headers);
        if (!body.empty()) {
            text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        }
        return say(text.append("\r\n").append(body));
    }
    int status(std::string_view line, std::string_view headers = {}, std::string_view body = {})
    {
        const auto answer = ask(line, headers, body);
        return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
    }

    void pump(Server& server)
    {
        while (auto event = server.next_event()) {
            if (const auto* frame = std::get_if<FrameReceived>(&*event)) {
                frames.push_back(*frame);
                continue;
            }
            const auto& asked = std::get<Ask>(*event);
            asks.push_back(asked);
            if (!hold) {
                answer(server, asked);
            }
        }
    }
    void answer(Server& server, const Ask& asked)
    {
        if (!asked.elsewhere.empty()) {
            return server.refuse(454, "");
        }
        switch (asked.method) {
        case Method::describe: return server.describe("v=0\r\n", asked.uri + "/");
        case Method::announce: return server.accept_announce({"streamid=0", "streamid=1"});
        case Method::setup: {
            const auto chosen = choose(asked.transports, {.multicast = true});
            if (chosen) {
                server.accept_setup(*chosen);
            } else {
                server.refuse(461, "none of these transports");
            }
            return;
        }
        case Method::play: return server.accept_play(asked.range, 1, 1, {});
        case Method::record: return server.accept_record();
        case Method::pause: return server.accept_pause(asked.range);
        case Method::teardown: return server.accept_teardown();
        default: return server.refuse_parameters(451, "volume\r\n");
        }
    }
    std::string set_up(std::string_view more = "RTP/AVP/TCP;unicast;interleaved=0-1", int track = 0)
    {
        ask("SETUP rtsp://h/live/cam/trackID=" + std::to_string(track),
            "Transport: " + std::string{more} + "\r\n" + session());
        return book.all().empty() ? "" : book.all().begin()->first;
    }
    std::string session() const
    {
        return book.all().empty() ? "" : "Session: " + book.all().begin()->first + ";timeout=60\r\n";
    }

    Clock::time_point now{1000s};
    SessionBook book{fill, "", {.sessions = 4}};
    Server core{{}, book, now};
    std::vector<Ask> asks;
    std::vector<FrameReceived> frames;
    bool hold = false;
};

TEST_F(ServerTest, AnswersWhatNeedsNobody)
{
    const auto options = ask("OPTIONS *");
    EXPECT_TRUE(options.starts_with("RTSP/1.0 200 OK\r\nCSeq: 5\r\nServer: Millrace\r\nPublic: OPTIONS, "))
        << options;
    EXPECT_EQ(status("GET_PARAMETER rtsp://h/live/cam"), 200);
    EXPECT_EQ(status("SET_PARAMETER *"), 200) << "a ping of some NVRs";
    EXPECT_TRUE(asks.empty());
}

TEST_F(ServerTest, RefusesWithTheStatusThatTellsWhy)
{
    struct Case {
        const char* line;
        const char* headers;
        int status;
    };
    const Case cases[]{
        {"FLY rtsp://h/a", "", 501},
        {"REDIRECT rtsp://h/a", "", 501},
        {"OPTIONS http://h/a", "", 400},
        {"DESCRIBE *", "", 400},
        {"DESCRIBE rtsp://h/a", "Require: www.onvif.org/ver20/backchannel\r\n", 551},
        {"DESCRIBE rtsp://h/a", "Accept: text/html\r\n", 406},
        {"DESCRIBE rtsp://h/a", "Accept: text/html, application/sdp;q=0.5\r\n", 200},
        {"ANNOUNCE rtsp://h/a", "Content-Type: text/html\r\n", 415},
        {"SETUP rtsp://h/a", "", 400},
        {"SETUP rtsp://h/a", "Transport: RAW/RAW/UDP;unicast;client_port=1-2\r\n", 461},
        {"PLAY rtsp://h/a", "", 455},
        {"PAUSE rtsp://h/a", "", 455},
        {"RECORD rtsp://h/a", "", 455},
        {"TEARDOWN rtsp://h/a", "Session: 12345678\r\n", 454},
    };
    for (const auto& [line, headers, expected] : cases) {
        EXPECT_EQ(status(line, headers), expected) << line << " " << headers;
    }
    EXPECT_NE(ask("DESCRIBE rtsp://h/a", "Require: a, play.basic, b\r\n").find("Unsupported: a, b\r\n"),
              std::string::npos);
    EXPECT_NE(ask("FLY rtsp://h/a").find("Allow: OPTIONS, "), std::string::npos);
    EXPECT_TRUE(
        say("OPTIONS * RTSP/2.0\r\nCSeq: 1\r\n\r\n").starts_with("RTSP/1.0 505 RTSP Version Not Supported"));
    EXPECT_EQ(status("GET_PARAMETER rtsp://h/a", "Content-Type: image/png\r\n", "x"), 415);
    EXPECT_EQ(status("GET_PARAMETER rtsp://h/a", "", "volume\r\n"), 451);
    EXPECT_FALSE(core.closed());
}

TEST_F(ServerTest, ClosesWithItsReasonWhenNothingCanBeReadAnyMore)
{
    const auto last = say("nonsense\r\n\r\n");
    EXPECT_TRUE(last.starts_with("RTSP/1.0 400 Bad Request\r\n")) << last;
    EXPECT_TRUE(core.closed());
    Server other{{}, book, now};
    EXPECT_TRUE(say("OPTIONS rtsp://" + std::string(5000, 'x'), &other).starts_with("RTSP/1.0 414 "));
    Server third{{}, book, now};
    EXPECT_TRUE(say("ANNOUNCE rtsp://h/a RTSP/1.0\r\nContent-Length: 999999\r\n\r\n", &third)
                    .starts_with("RTSP/1.0 413 "));
}

// RFC 2326 §A.2, whole.
TEST_F(ServerTest, FollowsTheStateTable)
{
    using enum State;
    struct Row {
        State from;
        std::optional<State> setup, play, record, pause, teardown;
    };
    const Row rows[]{
        {init, ready, {}, {}, {}, init},
        {ready, ready, playing, recording, ready, init},
        {playing, {}, playing, {}, ready, init},
        {recording, {}, {}, recording, ready, init},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(next_state(row.from, Method::setup), row.setup) << name(row.from);
        EXPECT_EQ(next_state(row.from, Method::play), row.play) << name(row.from);
        EXPECT_EQ(next_state(row.from, Method::record), row.record) << name(row.from);
        EXPECT_EQ(next_state(row.from, Method::pause), row.pause) << name(row.from);
        EXPECT_EQ(next_state(row.from, Method::teardown), row.teardown) << name(row.from);
        for (const auto other :
             {Method::options, Method::describe, Method::announce, Method::get_parameter}) {
            EXPECT_EQ(next_state(row.from, other), row.from);
        }
    }
    set_up();
    EXPECT_EQ(status("RECORD rtsp://h/live/cam", session()), 405) << "set up to play";
    EXPECT_EQ(status("PLAY rtsp://h/live/cam/", session()), 200);
    EXPECT_NE(
        ask("SETUP rtsp://h/live/cam/trackID=1", session() + "Transport: RTP/AVP/TCP;interleaved=2-3\r\n")
            .find("Allow: "),
        std::string::npos);
    EXPECT_EQ(
        status("SETUP rtsp://h/live/cam/trackID=1", session() + "Transport: RTP/AVP/TCP;interleaved=2-3\r\n"),
        455);
    EXPECT_EQ(status("PLAY rtsp://h/live/cam", session()), 200) << "a ping";
    EXPECT_EQ(status("PAUSE rtsp://h/live/cam", session()), 200);
    EXPECT_EQ(status("PAUSE rtsp://h/live/cam", session()), 200) << "GStreamer pauses freely";
    EXPECT_EQ(status("TEARDOWN rtsp://h/live/cam", session()), 200);
    EXPECT_EQ(book.size(), 0U);
    EXPECT_EQ(status("PLAY rtsp://h/live/cam", "Session: 12345678\r\n"), 454) << "asked elsewhere";
    EXPECT_EQ(asks.back().elsewhere, "12345678");
}

TEST_F(ServerTest, AnswersPipelinedRequestsInTheirOrder)
{
    hold = true;
    const std::string first = "DESCRIBE rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n";
    EXPECT_EQ(
        say(first + "OPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\nDESCRIBE rtsp://h/b RTSP/1.0\r\nCSeq: 3\r\n\r\n"),
        "");
    ASSERT_EQ(asks.size(), 1U);
    core.describe("v=0\r\n", "rtsp://h/a/");
    const auto two = std::string{as_text(core.take_output())};
    EXPECT_LT(two.find("CSeq: 1"), two.find("CSeq: 2"));
    EXPECT_EQ(two.find("CSeq: 3"), std::string::npos);
    pump(core);
    ASSERT_EQ(asks.size(), 2U);
    core.refuse(404, "no b");
    EXPECT_NE(as_text(core.take_output()).find("CSeq: 3"), std::string_view::npos);
    core.refuse(500, "nobody asked");
    EXPECT_FALSE(core.has_output());
}

TEST_F(ServerTest, TakesOnlySoManyRequestsAtOnce)
{
    hold = true;
    std::string flood;
    for (int i = 0; i < 80; ++i) {
        flood += "DESCRIBE rtsp://h/a RTSP/1.0\r\n\r\n";
    }
    say(flood);
    EXPECT_TRUE(core.closed());
}

TEST_F(ServerTest, GivesEachStreamItsChannels)
{
    EXPECT_NE(ask("SETUP rtsp://h/live/cam/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=1-2\r\n")
                  .find("Transport: RTP/AVP/TCP;unicast;interleaved=1-2\r\n"),
              std::string::npos)
        << "also odd ones";
    EXPECT_NE(ask("SETUP rtsp://h/live/cam/trackID=1",
                  session() + "Transport: RTP/AVP/TCP;unicast;interleaved=1-2\r\n")
                  .find("interleaved=4-5"),
              std::string::npos)
        << "taken: the next free even pair";
    say(std::string{"$\x01\x00\x01"
                    "a$\x05\x00\x01"
                    "b$\x09\x00\x01"
                    "c",
                    15});
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0].track, 0);
    EXPECT_FALSE(frames[0].rtcp);
    EXPECT_EQ(frames[1].track, 1);
    EXPECT_TRUE(frames[1].rtcp);
    EXPECT_EQ(core.counters().at("frame_of_unknown_channel"), 1U);
    ask("TEARDOWN rtsp://h/live/cam/trackID=0", session());
    EXPECT_EQ(book.size(), 1U);
    say(std::string{"$\x01\x00\x01"
                    "a",
                    5});
    EXPECT_EQ(frames.size(), 2U);
    ask("TEARDOWN rtsp://h/live/cam/trackID=1", session());
    EXPECT_EQ(book.size(), 0U) << "the last stream ends the session";
}

TEST_F(ServerTest, CarriesAllStreamsOfASessionAlike)
{
    set_up();
    EXPECT_EQ(status("SETUP rtsp://h/live/cam/trackID=1",
                     session() + "Transport: RTP/AVP;unicast;client_port=5000-5001\r\n"),
              461);
    EXPECT_EQ(status("SETUP rtsp://h/live/other/trackID=1",
                     session() + "Transport: RTP/AVP/TCP;interleaved=2-3\r\n"),
              459);
}

TEST_F(ServerTest, LetsOtherConnectionsControlWhatIsNotInterleaved)
{
    const auto id = set_up("RTP/AVP;unicast;client_port=5000-5001");
    Server other{{.connection = 2}, book, now};
    const auto play = "PLAY rtsp://h/live/cam RTSP/1.0\r\nCSeq: 1\r\nSession: " + id + "\r\n\r\n";
    EXPECT_TRUE(say(play, &other).starts_with("RTSP/1.0 200 ")) << id;
    EXPECT_EQ(book.find(id)->state(), State::playing);
    book.erase(id);
    const auto mine = set_up();
    EXPECT_TRUE(say("PLAY rtsp://h/live/cam RTSP/1.0\r\nCSeq: 1\r\nSession: " + mine + "\r\n\r\n", &other)
                    .starts_with("RTSP/1.0 454 "));
}

TEST_F(ServerTest, LimitsSessions)
{
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(status("SETUP rtsp://h/live/cam/trackID=0", "Transport: RTP/AVP/TCP\r\n"), 200);
    }
    EXPECT_EQ(status("SETUP rtsp://h/live/cam/trackID=0", "Transport: RTP/AVP/TCP\r\n"), 503);
    while (book.size() > 0) {
        core.forget(book.all().begin()->first);
        book.erase(book.all().begin()->first);
    }
    EXPECT_EQ(status("SETUP rtsp://h/live/cam/trackID=0", "Transport: RTP/AVP/TCP\r\n"), 200)
        << "they come back";
}

TEST_F(ServerTest, FindsAnnouncedStreams)
{
    EXPECT_EQ(status("ANNOUNCE rtsp://h/live/pub?k=1", "Content-Type: application/sdp\r\n", "v=0\r\n"), 200);
    const std::string transport = "Transport: RTP/AVP/TCP;unicast;interleaved=2-3;mode=record\r\n";
    EXPECT_EQ(status("SETUP rtsp://h/live/pub?k=1/streamid=1", transport), 200);
    EXPECT_EQ(asks.back().track, 1);
    EXPECT_EQ(asks.back().target.path, "live/pub");
    ASSERT_EQ(book.size(), 1U);
    EXPECT_TRUE(book.all().begin()->second->record);
    EXPECT_EQ(status("PLAY rtsp://h/live/pub", session()), 405) << "set up to record";
    EXPECT_EQ(status("RECORD rtsp://h/live/pub?k=1", session() + "Range: npt=0.000-\r\n"), 200);
    EXPECT_EQ(asks.back().track, std::nullopt);
    EXPECT_EQ(book.all().begin()->second->state(), State::recording);
}

// Quirk: GStreamer's resolution of a relative control drops the stream's name when there is a query.
TEST_F(ServerTest, FindsTheStreamOfAUrlThatLostItsName)
{
    ask("DESCRIBE rtsp://h/live/cam?tok=1");
    ask("SETUP rtsp://h/live/trackID=0", "Transport: RTP/AVP/TCP\r\n");
    EXPECT_EQ(asks.back().target.path, "live/cam");
    EXPECT_EQ(book.all().begin()->second->path, "live/cam");
    EXPECT_EQ(core.counters().at("url_without_name"), 1U);
    ask("SETUP rtsp://h/live/trackID=1", session() + "Transport: RTP/AVP/TCP\r\n");
    EXPECT_EQ(book.all().begin()->second->streams.size(), 2U);
}

TEST_F(ServerTest, ChecksTimes)
{
    set_up();
    struct Case {
        const char* header;
        int status;
    };
    const Case cases[]{{"Range: npt=3-5\r\nScale: 2.0\r\nSpeed: 1.5\r\n", 200},
                       {"Range: frames=3-5\r\n", 501},
                       {"Range: npt=5-3\r\n", 457},
                       {"Scale: 0\r\n", 400},
                       {"Scale: fast\r\n", 400},
                       {"Speed: -1\r\n", 400}};
    for (const auto& [header, expected] : cases) {
        EXPECT_EQ(status("PLAY rtsp://h/live/cam", session() + header), expected) << header;
    }
}

TEST_F(ServerTest, EndsWhatNobodyUses)
{
    EXPECT_EQ(core.deadline(), now + 10s);
    ask("OPTIONS *");
    EXPECT_EQ(core.deadline(), now + 90s);
    set_up();
    EXPECT_EQ(core.deadline(), Clock::time_point::max()) << "the session has its own time";
    EXPECT_TRUE(book.expired(now + 60s).empty());
    EXPECT_EQ(book.expired(now + 61s).size(), 1U);
    // Interleaved packets keep it alive.
    now += 50s;
    say(std::string{"$\x01\x00\x01"
                    "a",
                    5});
    EXPECT_TRUE(book.expired(now + 60s).empty());

    Server silent{{}, book, now};
    EXPECT_TRUE(silent.tick(now + 9s));
    const auto ticked = silent.tick(now + 10s);
    ASSERT_FALSE(ticked);
    EXPECT_EQ(ticked.error().code(), make_error_code(Errc::idle_timeout));
}

TEST_F(ServerTest, ClosesAfterTheAnswerWhenAskedTo)
{
    EXPECT_NE(ask("OPTIONS *", "Connection: close\r\n").find("Connection: close"), std::string::npos);
    EXPECT_TRUE(core.closed());
}

TEST_F(ServerTest, EchoesWhatIsNotItsOwn)
{
    const auto answer = say("OPTIONS * RTSP/1.0\r\nCSeq: 007 x\r\nTimestamp: 1.25\r\n\r\n");
    EXPECT_NE(answer.find("CSeq: 007 x\r\n"), std::string::npos);
    EXPECT_NE(answer.find("Timestamp: 1.25\r\n"), std::string::npos);
    EXPECT_EQ(say("OPTIONS * RTSP/1.0\r\n\r\n").find("CSeq"), std::string::npos);
}

TEST_F(ServerTest, TakesAnAnswerWithoutACSeqForTheOldestRequest)
{
    core.request(Method::redirect, "rtsp://h/a", {{"Location", "rtsp://b/a"}});
    core.request(Method::options, "*");
    EXPECT_NE(
        as_text(core.take_output()).find("REDIRECT rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://b/a"),
        std::string_view::npos);
    ASSERT_TRUE(core.feed(as_bytes("RTSP/1.0 501 Not Implemented\r\n\r\n"), now));
    const auto event = core.next_event();
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<Replied>(*event).method, Method::redirect);
}

} // namespace
} // namespace millrace::rtsp
