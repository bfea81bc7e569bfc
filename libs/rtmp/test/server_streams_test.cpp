// Streams within a session: publish, play and what is done with them.
#include "peer.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using amf::Null;

TEST(ServerStreams, JoinAppAndNameAndAllCredentials)
{
    struct Case {
        std::string app;
        std::string name;
        std::string path;
        std::string query;
        std::string quirk = {};
    };
    const std::vector<Case> cases{
        {"live", "cam", "live/cam", ""},
        {"live?u=1", "cam?t=2", "live/cam", "t=2&u=1"},
        {"live?u=1", "cam?u=1&t=2", "live/cam", "u=1&t=2"},
        {"a/b", "c", "a/b/c", ""},
        {"", "live/cam", "live/cam", ""},
        {"live", "mp4:cam.mp4", "live/cam.mp4", "", "file_prefix"},
        {"live", "/cam/", "live/cam", "", "slashes_around_name"},
    };
    for (const auto& c : cases) {
        for (const auto* verb : {"publish", "play"}) {
            SCOPED_TRACE(c.app + ' ' + c.name + ' ' + verb);
            Peer peer;
            peer.shake_hands();
            peer.command(0, {"connect", 1, amf::Object{.members = {{"app", c.app}}}});
            peer.expect<ConnectRequested>();
            peer.server.accept_connect();
            peer.command(0, {"createStream", 2, Null{}});
            peer.command(1, {verb, 3, Null{}, c.name});
            if (verb == std::string_view{"publish"}) {
                const auto request = peer.expect<PublishRequested>();
                EXPECT_EQ(request.path, c.path);
                EXPECT_EQ(request.query, c.query);
            } else {
                const auto request = peer.expect<PlayRequested>();
                EXPECT_EQ(request.path, c.path);
                EXPECT_EQ(request.query, c.query);
            }
            EXPECT_EQ(peer.server.counters(),
                      c.quirk.empty() ? Server::Counters{} : (Server::Counters{{c.quirk, 1}}));
        }
    }
}

TEST(ServerStreams, ReadTheStartOfAPlayInTheUnitsOfAllClients)
{
    const std::vector<std::pair<amf::Value, double>> cases{
        {amf::Undefined{}, -2000},
        {-2000, -2000},
        {-2, -2000},
        {-1000, -1000},
        {-1, -1000},
        {-3, -2000},
        {0, 0},
        {1500, 1500},
        {"-1000", -1000},
        {0.0 / 0.0, -2000},
    };
    for (const auto& [given, start] : cases) {
        SCOPED_TRACE(amf::to_string(given));
        Peer peer;
        peer.open(false);
        peer.command(1, {"play", 3, Null{}, "cam", given, 5000, false});
        const auto request = peer.expect<PlayRequested>();
        EXPECT_EQ(request.start_ms, start);
        EXPECT_EQ(request.duration_ms, 5000);
        const bool seconds = given == amf::Value{-1} || given == amf::Value{-2};
        EXPECT_EQ(peer.server.counters().count("play_start_in_seconds"), seconds ? 1U : 0U);
        EXPECT_FALSE(request.reset);
    }
}

TEST(ServerStreams, RefuseInTheWordsOfTheirOwner)
{
    Peer peer;
    peer.open(false);
    peer.command(1, {"publish", 3, Null{}, "cam"});
    peer.server.refuse_publish(peer.expect<PublishRequested>().stream, "NetStream.Publish.BadName", "taken");
    EXPECT_EQ(peer.answers(), Lines{status_line(1, "error", "NetStream.Publish.BadName", "taken")});
    // The stream object stays.
    peer.command(1, {"play", 4, Null{}, "cam"});
    peer.server.refuse_play(peer.expect<PlayRequested>().stream, "NetStream.Play.StreamNotFound",
                            "no such stream");
    EXPECT_EQ(peer.answers(),
              Lines{status_line(1, "error", "NetStream.Play.StreamNotFound", "no such stream")});
    EXPECT_FALSE(peer.server.closed());
}

TEST(ServerStreams, ThatAreInUseTakeNoOtherUse)
{
    const auto in_use = "this stream is in use: createStream makes another";
    Peer publisher;
    publisher.publish();
    publisher.command(1, {"publish", 4, Null{}, "other"});
    publisher.command(1, {"play", 5, Null{}, "other"});
    EXPECT_EQ(publisher.answers(), (Lines{status_line(1, "error", "NetStream.Publish.BadName", in_use),
                                          status_line(1, "error", "NetStream.Play.Failed", in_use)}));
    Peer player;
    player.play();
    player.command(1, {"publish", 4, Null{}, "other"});
    EXPECT_EQ(player.answers(), Lines{status_line(1, "error", "NetStream.Publish.BadName", in_use)});
    // A player may go on to another stream.
    player.command(1, {"play", 5, Null{}, "other"});
    EXPECT_EQ(player.expect<PlayStopped>().stream, 1U);
    EXPECT_EQ(player.expect<PlayRequested>().path, "live/other");
}

TEST(ServerStreams, EndHoweverTheClientSaysSo)
{
    struct Case {
        std::uint32_t stream;
        std::vector<amf::Value> command;
        std::size_t answers;
        std::string counter;
    };
    const std::vector<Case> cases{
        {1, {"publish", 0, Null{}, false}, 1, ""},
        {1, {"closeStream", 0, Null{}}, 1, ""},
        {0, {"closeStream", 0, Null{}}, 1, "command_on_stream_0"},
        {0, {"deleteStream", 0, Null{}, 1}, 0, ""},
        {0, {"deleteStream", 0, Null{}, "cam"}, 0, "delete_stream_by_name"},
        {0, {"FCUnpublish", 0, Null{}, "cam"}, 1, ""},
        {0, {"FCUnpublish", 0, Null{}, "another spelling"}, 1, ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(amf::to_string(c.command));
        Peer peer;
        peer.publish();
        peer.send(Message{.csid = 3,
                          .stream = c.stream,
                          .type = MessageType::command,
                          .payload = amf::write_amf0(c.command)});
        EXPECT_EQ(peer.expect<PublishStopped>().stream, 1U);
        EXPECT_EQ(peer.answers().size(), c.answers);
        const auto counters = peer.server.counters();
        EXPECT_EQ(counters.size(), c.counter.empty() ? 0U : 1U);
        EXPECT_EQ(counters.count(c.counter), c.counter.empty() ? 0U : 1U);
        // What comes after it belongs to nothing.
        peer.send(Message{.csid = 4, .stream = 1, .type = MessageType::audio, .payload = {1}});
        EXPECT_FALSE(peer.server.next_event());
    }
}

TEST(ServerStreams, ForgetsNothingWhenAStreamThatIsNotThereIsDeleted)
{
    Peer peer;
    peer.publish();
    for (const amf::Value& which : {amf::Value{7}, amf::Value{-1}, amf::Value{Null{}}, amf::Value{1e300}}) {
        peer.command(0, {"deleteStream", 0, Null{}, which});
    }
    EXPECT_FALSE(peer.server.next_event());
    EXPECT_EQ(peer.server.counters(), (Server::Counters{{"delete_of_unknown_stream", 4}}));
}

TEST(ServerStreams, AnswerPauseAndTellTheirOwner)
{
    for (const auto* name : {"pause", "pauseRaw"}) {
        Peer peer;
        peer.play();
        peer.command(1, {name, 0, Null{}, true, 1234});
        EXPECT_EQ(peer.answers(),
                  (Lines{status_line(1, "status", "NetStream.Pause.Notify", "Paused."), "2/0 event 1 of 1"}));
        auto request = peer.expect<PauseRequested>();
        EXPECT_TRUE(request.paused);
        EXPECT_EQ(request.position_ms, 1234);
        peer.command(1, {name, 0, Null{}, false, 1234});
        EXPECT_EQ(peer.answers(), (Lines{status_line(1, "status", "NetStream.Unpause.Notify", "Resumed."),
                                         "2/0 event 0 of 1"}));
        request = peer.expect<PauseRequested>();
        EXPECT_FALSE(request.paused);
    }
}

TEST(ServerStreams, RefuseToSeekInWhatIsLive)
{
    Peer peer;
    peer.play();
    peer.command(1, {"seek", 0, Null{}, 5000});
    EXPECT_EQ(peer.answers(),
              Lines{status_line(1, "error", "NetStream.Seek.Failed", "a live stream cannot be sought in")});
    EXPECT_EQ(peer.expect<SeekRequested>().position_ms, 5000);
}

TEST(ServerStreams, TurnAudioAndVideoOffAndOn)
{
    Peer peer;
    peer.play();
    peer.command(1, {"receiveVideo", 0, Null{}, false});
    auto changed = peer.expect<ReceiveChanged>();
    EXPECT_TRUE(changed.audio);
    EXPECT_FALSE(changed.video);
    EXPECT_EQ(peer.answers(), Lines{});
    peer.command(1, {"receiveAudio", 0, Null{}, false});
    EXPECT_FALSE(peer.expect<ReceiveChanged>().audio);
    peer.command(1, {"receiveVideo", 0, Null{}, 25}); // A frame rate is a yes.
    changed = peer.expect<ReceiveChanged>();
    EXPECT_FALSE(changed.audio);
    EXPECT_TRUE(changed.video);
    EXPECT_EQ(peer.answers(), (Lines{status_line(1, "status", "NetStream.Seek.Notify", "Resumed."),
                                     status_line(1, "status", "NetStream.Play.Start", "Playing.")}));
}

TEST(ServerStreams, TakeNoAnswerToARequestThatWasReplaced)
{
    Peer peer;
    peer.open(false);
    peer.command(1, {"play", 3, Null{}, "a"});
    EXPECT_EQ(peer.expect<PlayRequested>().path, "live/a");
    peer.command(1, {"play", 4, Null{}, "b"});
    peer.server.refuse_play(1, "NetStream.Play.StreamNotFound", "a is not there"); // Meant for a.
    EXPECT_EQ(peer.answers(), Lines{});
    peer.expect<PlayStopped>();
    EXPECT_EQ(peer.expect<PlayRequested>().path, "live/b");
    peer.server.accept_play(1);
    EXPECT_EQ(peer.answers().size(), 4U);
}

TEST(ServerStreams, AnnounceTheChunkSizeOfPlayersBeforeAPublishersConnectionPlays)
{
    Peer peer;
    peer.publish();
    peer.command(0, {"createStream", 5, Null{}});
    peer.answers();
    peer.command(2, {"play", 6, Null{}, "cam"});
    peer.server.accept_play(peer.expect<PlayRequested>().stream);
    const auto said = peer.answers();
    ASSERT_EQ(said.size(), 5U);
    EXPECT_EQ(said[0], "2/0 chunk size 60000");
    EXPECT_EQ(said[1], "2/0 event 0 of 2");
}

TEST(ServerStreams, AreCutOffInGoodOrder)
{
    Peer peer;
    peer.play();
    peer.server.disconnect("the server goes down");
    EXPECT_EQ(peer.answers(),
              Lines{status_line(0, "status", "NetConnection.Connect.Closed", "the server goes down")});
    EXPECT_TRUE(peer.server.closed());
    EXPECT_FALSE(peer.command(0, {"createStream", 2, Null{}}));
    EXPECT_EQ(peer.error, make_error_code(Errc::disconnected));
}

} // namespace
} // namespace millrace::rtmp
