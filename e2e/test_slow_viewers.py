"""Viewers that stop reading: they hold nobody up, cost no memory, and the API says what became of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import clients, flv, frames
from harness.crowd import Crowd, CrowdViewer
from harness.http import Connection
from harness.process import wait_until
from harness.rtmp import RtmpClient
from harness.scale import count, patience

pytestmark = pytest.mark.alone

VIEWERS, SLOW = count(300, least=40), count(20, least=4)
HEAVY = 20
MEMORY_KIB = 24 * 1024  # what the server may grow by while 20 viewers leave 10 s of 4 Mbit/s (100 MB) unread


def open_viewer(server, number, *, small_window=False):
    """Every other one over HTTP; one with a small window is felt soon when it stops to read."""
    if number % 2:
        connection = Connection(server.http_port, "/live/cam.flv", small_window=small_window, timeout=30).answer()
        assert connection.status == 200
        return CrowdViewer(connection, rtmp=False)
    client = RtmpClient(server.rtmp_port, small_window=small_window, timeout=30).connect()
    assert client.play().startswith("NetStream.Play.")
    return CrowdViewer(client, rtmp=True)


def open_slow(nursery, server, how_many):
    """Viewers that ask for the stream and then read no more."""
    viewers = [open_viewer(server, number, small_window=True) for number in range(how_many)]
    for viewer in viewers:
        nursery.closes(viewer.client)
    return viewers


def measures(session):
    """What the API says was done about a viewer; empty for one that keeps up."""
    said = {key: session.get(key) for key in ("falls", "skips", "drops", "reason")}
    said["state"] = session["state"] if session["state"] in ("audio_only", "closed") else None
    return {key: value for key, value in said.items() if value}


class Watch:
    """Remembers what the API has said of slow viewers; one that was closed is no longer listed."""

    def __init__(self, server):
        self._server = server
        self.said = {}

    def all_named(self, viewers):
        for session in self._server.sessions():
            if words := measures(session):
                self.said[session["remote"]] = words
        return {viewer.remote for viewer in viewers} <= self.said.keys()


@pytest.mark.slow
def test_viewers_that_stop_reading_take_nothing_from_the_others(start_millrace, nursery, sources):
    server = start_millrace(options=["--threads", "2"])
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
    server.wait_live()
    crowd = nursery.closes(Crowd())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: crowd.add(open_viewer(server, number)), range(VIEWERS - SLOW)))
    slow = open_slow(nursery, server, SLOW)
    assert server.stream()["viewers"] >= VIEWERS - 1
    memory = server.memory_kib()
    watch = Watch(server)
    wait_until(lambda: watch.all_named(slow), patience(30), lambda: f"the API names all slow ones; so far {watch.said}", 0.2)
    grown = server.memory_kib() - memory
    crowd.close()
    assert grown < MEMORY_KIB, f"memory grew by {grown} KiB"
    for viewer in crowd.viewers:
        assert not viewer.ended, f"{viewer.remote} was closed"
        assert viewer.remote not in watch.said, f"{viewer.remote} keeps up, but the API says {watch.said[viewer.remote]}"
        frames.check_same(sources.packets("gop1.flv"), flv.packets(viewer.tags()), seconds=3)


@pytest.mark.slow
def test_viewers_that_stop_reading_cost_no_memory(millrace, nursery, sources):
    publisher = clients.ffmpeg_publish(nursery, sources["heavy.flv"], millrace.rtmp())
    millrace.wait_live()
    good = clients.ffmpeg_play(nursery, millrace.rtmp())
    good.recording.wait_for_media(1)
    open_slow(nursery, millrace, HEAVY)
    memory = millrace.memory_kib()
    good.recording.wait_for_media(12, patience(30))
    grown = millrace.memory_kib() - memory
    assert grown < MEMORY_KIB, f"memory grew by {grown} KiB"
    frames.check_same(sources.packets("heavy.flv"), good.recording.packets())
    assert publisher.running()


def test_a_viewer_that_reads_again_goes_on_at_a_key_frame(millrace, nursery, sources):
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    millrace.wait_live()
    (viewer,) = open_slow(nursery, millrace, 1)
    watch = Watch(millrace)
    wait_until(lambda: watch.all_named([viewer]), patience(30), "the API names the slow one", 0.1)
    tags = []
    try:
        while len(tags) < 1000 and (tag := viewer.client.next_tag()):
            tags.append(tag)
    except ConnectionError:
        pass  # closing it is the last step, and is allowed: what came before must be good
    media = flv.packets(tags)
    for track in media.values():
        assert all(later.dts >= packet.dts for packet, later in zip(track, track[1:]))
    for at, start, _ in frames.follow(sources.packets("gop1.flv")["video"], media["video"]):
        assert sources.packets("gop1.flv")["video"][start].key, f"goes on at dts {media['video'][at].dts}, no key frame"
