#include "peer.hpp"

#include <gtest/gtest.h>

namespace millrace::rtmp {
namespace {

using amf::Null;

void play_recording(Peer& peer)
{
    peer.open(false);
    peer.command(1, {"play", 3, Null{}, "film.mp4", 5000});
    peer.server.accept_play(peer.expect<PlayRequested>().stream, true);
    peer.answers();
}

std::string play_status(std::string_view rest)
{
    return "5/1 data \"onPlayStatus\" {level:\"status\"," + std::string{rest} + "}";
}

TEST(ServerRecorded, IsSaidBeforeTheStreamBegins)
{
    Peer peer;
    peer.open(false);
    peer.command(1, {"play", 3, Null{}, "mp4:film", 5000, 2000});
    const auto play = peer.expect<PlayRequested>();
    EXPECT_EQ(play.path, "live/film");
    EXPECT_EQ(play.form, "mp4");
    EXPECT_EQ(play.start_ms, 5000);
    EXPECT_EQ(play.duration_ms, 2000);
    EXPECT_FALSE(play.queued);
    peer.server.accept_play(1, true);
    EXPECT_EQ(peer.answers(),
              (Lines{"2/0 event 4 of 1", "2/0 event 0 of 1",
                     status_line(1, "status", "NetStream.Play.Reset", "Playing and resetting."),
                     status_line(1, "status", "NetStream.Play.Start", "Playing."),
                     "5/1 data \"|RtmpSampleAccess\" true true"}));
}

TEST(ServerRecorded, IsSoughtInWhenItsOwnerSaysSo)
{
    Peer peer;
    play_recording(peer);
    peer.command(1, {"seek", 0, Null{}, 12345});
    EXPECT_EQ(peer.answers(), Lines{}); // Its owner decides.
    EXPECT_EQ(peer.expect<SeekRequested>().position_ms, 12345);
    peer.server.accept_seek(1);
    EXPECT_EQ(peer.answers(), (Lines{"2/0 event 1 of 1", "2/0 event 4 of 1", "2/0 event 0 of 1",
                                     status_line(1, "status", "NetStream.Seek.Notify", "Seeking."),
                                     status_line(1, "status", "NetStream.Play.Start", "Playing.")}));
    peer.server.refuse_seek(1, "the disk");
    EXPECT_EQ(peer.answers(), Lines{status_line(1, "error", "NetStream.Seek.Failed", "the disk")});
}

TEST(ServerRecorded, IsNotSoughtInWhenItIsLive)
{
    Peer peer;
    peer.play();
    peer.command(1, {"seek", 0, Null{}, 12345});
    EXPECT_EQ(peer.answers(),
              Lines{status_line(1, "error", "NetStream.Seek.Failed", "a live stream cannot be sought in")});
}

TEST(ServerRecorded, EndsInTheOrderThatClientsNeed)
{
    Peer peer;
    play_recording(peer);
    peer.server.complete_play(1, 12.5, 1000);
    EXPECT_EQ(
        peer.answers(),
        (Lines{play_status("code:\"NetStream.Play.Complete\",duration:12.5,bytes:1000"), "2/0 event 1 of 1",
               status_line(1, "status", "NetStream.Play.Stop", "The recording has ended.")}));
    peer.server.complete_play(1, 12.5, 1000); // Only once.
    peer.server.accept_seek(1);
    EXPECT_EQ(peer.answers(), Lines{});
    peer.command(1, {"play", 4, Null{}, "other"});
    EXPECT_EQ(peer.expect<PlayRequested>().path, "live/other");
}

TEST(ServerRecorded, IsQueuedBehindWhatPlays)
{
    Peer peer;
    peer.open(false);
    peer.command(1, {"play", 3, Null{}, "a", 0, -1, false});
    EXPECT_FALSE(peer.expect<PlayRequested>().queued); // Nothing plays yet.
    peer.server.accept_play(1, true);
    EXPECT_EQ(peer.answers()[2], status_line(1, "status", "NetStream.Play.Start", "Playing.")); // No Reset.
    peer.command(1, {"play", 4, Null{}, "b", 0, -1, 0});
    const auto next = peer.expect<PlayRequested>();
    EXPECT_TRUE(next.queued);
    EXPECT_EQ(next.path, "live/b");
    EXPECT_EQ(peer.answers(), Lines{});
    peer.server.switch_play(1, true);
    EXPECT_EQ(peer.answers(),
              (Lines{play_status("code:\"NetStream.Play.Switch\""), "2/0 event 4 of 1", "2/0 event 0 of 1"}));
    peer.command(1, {"play", 5, Null{}, "c"});
    peer.expect<PlayStopped>(); // Without reset=false, what plays is stopped.
    EXPECT_FALSE(peer.expect<PlayRequested>().queued);
}

TEST(ServerRecorded, IsQueuedBehindWhatIsNotYetAccepted)
{
    Peer peer;
    peer.open(false);
    peer.command(1, {"play", 3, Null{}, "a", 0});
    peer.command(1, {"play", 4, Null{}, "b", 0, -1, false}); // In the same segment.
    EXPECT_EQ(peer.expect<PlayRequested>().path, "live/a");
    peer.server.accept_play(1, true);
    EXPECT_EQ(peer.answers().size(), 5U);
    EXPECT_TRUE(peer.expect<PlayRequested>().queued);
}

TEST(ServerRecorded, GivesWayToAnotherVersion)
{
    Peer peer;
    play_recording(peer);
    peer.command(1, {"play2", 0, Null{},
                     amf::Object{.members = {{"streamName", "mp4:big"},
                                             {"oldStreamName", "film.mp4"},
                                             {"start", 0},
                                             {"len", -1},
                                             {"transition", "switch"}}}});
    const auto asked = peer.expect<TransitionRequested>();
    EXPECT_EQ(asked.transition, "switch");
    EXPECT_EQ(asked.wanted.path, "live/big");
    EXPECT_EQ(asked.wanted.form, "mp4");
    EXPECT_EQ(asked.wanted.start_ms, 0);
    EXPECT_EQ(asked.wanted.duration_ms, -1000);
    EXPECT_EQ(asked.old_path, "live/film.mp4");
    EXPECT_EQ(peer.answers(), Lines{});
    peer.server.begin_transition(1, "live/big");
    peer.server.end_transition(1, "live/big");
    EXPECT_EQ(peer.answers(),
              (Lines{status_line(1, "status", "NetStream.Play.Transition", "live/big"),
                     play_status("code:\"NetStream.Play.TransitionComplete\",details:\"live/big\"")}));
    peer.command(1, {"play2", 0, Null{}, amf::Object{.members = {{"streamName", "../x"}}}});
    EXPECT_EQ(peer.answers(), Lines{status_line(1, "error", "NetStream.Play.Failed",
                                                "stream name has an empty, '.' or '..' segment")});
}

TEST(ServerRecorded, TellsItsLength)
{
    Peer peer;
    peer.open(false);
    peer.command(0, {"getStreamLength", 7, Null{}, "mp4:film.mp4?token=x"});
    const auto question = peer.expect<StreamLengthRequested>();
    EXPECT_EQ(question.path, "live/film.mp4");
    EXPECT_EQ(question.query, "token=x");
    EXPECT_EQ(question.form, "mp4");
    peer.server.answer_stream_length(question, 61.5);
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 7 null 61.5"});
    peer.command(0, {"getStreamLength", 8, Null{}, "../film"});
    EXPECT_EQ(peer.answers(), Lines{"3/0 _result 8 null 0"}); // No name of anything.
    EXPECT_FALSE(peer.server.next_event());
}

TEST(ServerRecorded, HearsOfThePlayersBuffer)
{
    Peer peer;
    play_recording(peer);
    peer.control(SetBufferLength{1, 3000});
    const auto set = peer.expect<BufferLengthSet>();
    EXPECT_EQ(set.stream, 1U);
    EXPECT_EQ(set.ms, 3000U);
    peer.control(SetBufferLength{9, 3000}); // Of no stream.
    EXPECT_FALSE(peer.server.next_event());
}

} // namespace
} // namespace millrace::rtmp
