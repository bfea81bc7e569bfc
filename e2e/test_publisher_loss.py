"""Publishers that die, fall silent, come back, or come twice."""

import signal

import pytest

from harness import clients, flv, frames, viewers
from harness.http import Connection
from harness.process import wait_until
from harness.raw_publisher import RawPublisher
from harness.rtmp import RtmpClient
from harness.scale import patience


def watch(nursery, server):
    """One viewer of each kind."""
    return [clients.ffmpeg_play(nursery, server.rtmp()), clients.rtmpdump(nursery, server.rtmp()),
            clients.gstreamer_play(nursery, server.rtmp()), viewers.rtmp_viewer(nursery, server.rtmp_port),
            viewers.http_viewer(nursery, server.http_port), viewers.websocket_viewer(nursery, server.http_port)]


def check_goes_on(watching, source, stretches=2):
    """All have seen the second publisher on the connection that they had."""
    for viewer in watching:
        recording = viewer.recording
        assert not recording.ended, f"{recording.path}: the connection was lost"
        media = recording.packets()
        frames.check_same(source, media, runs=stretches)
        cuts = frames.follow(source["video"], media["video"])
        assert len(cuts) == stretches, f"{recording.path}: {cuts}"


def begun_again(source):
    """Whether the source has begun again from its first frame, and gone on for a second and a half."""
    first = source["video"][0].digest

    def condition(tags):
        track = flv.packets(tags).get("video", [])
        starts = [packet.dts for packet in track if packet.digest == first]
        return starts and track[-1].dts - starts[-1] >= 1500
    return condition


def test_viewers_go_on_at_the_next_key_frame_when_a_killed_publisher_comes_back(millrace, nursery, sources):
    source = sources.packets("gop1.flv")
    publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    millrace.wait_live()
    publisher.wait_for(r"time=00:00:02", 20)  # so that all viewers begin after the first frame of the source
    watching = watch(nursery, millrace)
    for viewer in watching:
        viewer.recording.wait_for_media(2)
    publisher.signal(signal.SIGKILL)
    publisher.wait(5)
    wait_until(lambda: millrace.stream()["state"] != "live", patience(5), "the loss is seen")
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    for viewer in watching:
        viewer.recording.wait(begun_again(source), patience(20), "the stream goes on")
    check_goes_on(watching, source)
    assert millrace.stream()["viewers"] == len(watching)


def test_a_viewer_that_comes_while_the_publisher_is_away_sees_the_next_one(millrace, nursery, sources):
    source = sources.packets("gop1.flv")
    publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    millrace.wait_live()
    publisher.signal(signal.SIGKILL)
    wait_until(lambda: millrace.stream()["state"] != "live", patience(5), "the loss is seen")
    viewer = viewers.rtmp_viewer(nursery, millrace.rtmp_port)
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    viewer.recording.wait(begun_again(source), patience(20), "the stream goes on")
    frames.check_same(source, viewer.recording.packets(), runs=2)


def test_a_silent_publisher_is_taken_over(millrace, nursery, sources):
    source = sources.packets("gop1.flv")
    # The first one begins in the middle of the source, so that it can be told from the second.
    silent = RawPublisher(nursery, millrace.rtmp_port, sources["gop1.flv"], skip=5, seconds=10)
    millrace.wait_live()
    watching = watch(nursery, millrace)
    for viewer in watching:
        viewer.recording.wait_for_media(0.5)
    silent.wait_silent()
    def takes_over():
        client = nursery.closes(RtmpClient(millrace.rtmp_port).connect())
        accepted = client.publish()["code"] == "NetStream.Publish.Start"
        client.close()
        return accepted
    wait_until(takes_over, patience(5), "a second publisher is accepted", 0.3)
    assert silent.client.closed_within(5), "the silent publisher was not let go"
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    for viewer in watching:
        viewer.recording.wait(begun_again(source), patience(20), "the stream goes on")
    check_goes_on(watching, source)


def test_a_second_publisher_is_refused_while_the_first_is_alive(millrace, nursery, sources):
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    millrace.wait_live()
    viewer = clients.rtmpdump(nursery, millrace.rtmp())
    viewer.recording.wait_for_media(1)
    second = clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp(), started=False)
    assert second.wait(patience(10)) != 0
    second.wait_for(r"Server error: .*(already|live/cam)", 1)
    status = nursery.closes(RtmpClient(millrace.rtmp_port).connect()).publish()
    assert (status["level"], status["code"]) == ("error", "NetStream.Publish.BadName")
    assert status["description"]
    viewer.recording.wait_for_media(4)
    frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets())


def test_a_publisher_that_ends_in_peace_may_be_followed_at_once(millrace, nursery, sources):
    source = sources.packets("gop1.flv")
    first = clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    first.wait_for(r"time=00:00:02", 20)
    watching = watch(nursery, millrace)
    for viewer in watching:
        viewer.recording.wait_for_media(1)
    first.interrupt(10)
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    for viewer in watching:
        viewer.recording.wait(begun_again(source), patience(20), "the stream goes on")
    check_goes_on(watching, source)


@pytest.mark.slow
def test_the_stream_ends_when_the_grace_window_does(millrace, nursery, sources):
    publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    millrace.wait_live()
    running = [clients.rtmpdump(nursery, millrace.rtmp()), clients.ffmpeg_play(nursery, millrace.rtmp()),
               viewers.http_viewer(nursery, millrace.http_port)]
    for viewer in running:
        viewer.recording.wait_for_media(1)
    publisher.signal(signal.SIGKILL)
    for viewer in running:
        viewer.recording.join(patience(20))
        frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets())
    assert millrace.stream() is None
    assert nursery.closes(Connection(millrace.http_port, "/live/cam.flv")).answer().status == 404
