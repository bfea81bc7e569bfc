"""A viewer that comes late has its picture at once, whatever the length of the GOP, and starts in sync."""

import pytest

from harness import clients, frames, viewers
from harness.http import Connection, WebSocket
from harness.scale import patience

pytestmark = pytest.mark.alone

PATH = "/live/cam.flv"
ALLOWED = 0.1  # seconds: what is promised; the best of three counts, as the machine may be busy


@pytest.fixture
def in_the_middle(millrace, nursery, sources):
    """A server in the middle of a GOP of ten seconds."""
    publisher = clients.ffmpeg_publish(nursery, sources["gop10.flv"], millrace.rtmp())
    publisher.wait_for(r"time=00:00:0[3-9]", 20)
    millrace.wait_live()
    return millrace


WAYS = {
    "rtmp": lambda server: viewers.rtmp_first_key_frame(server.rtmp_port),
    "http": lambda server: viewers.flv_first_key_frame(lambda: Connection(server.http_port, PATH).answer()),
    "websocket": lambda server: viewers.flv_first_key_frame(lambda: WebSocket(server.http_port, PATH)),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_first_key_frame_comes_within_a_tenth_of_a_second(in_the_middle, way):
    took = []
    for _ in range(3):
        seconds, tags = WAYS[way](in_the_middle)
        took.append(seconds)
        first = next(packet for tag in tags if (packet := tag.packet()) and packet.kind == "video")
        assert first.key, "the first video frame is no key frame"
    assert min(took) < patience(ALLOWED), f"took {took} s"


OPEN = {
    "rtmp": lambda nursery, server: viewers.rtmp_viewer(nursery, server.rtmp_port),
    "http": lambda nursery, server: viewers.http_viewer(nursery, server.http_port),
    "websocket": lambda nursery, server: viewers.websocket_viewer(nursery, server.http_port),
    "ffmpeg": lambda nursery, server: clients.ffmpeg_play(nursery, server.rtmp()),
    "rtmpdump": lambda nursery, server: clients.rtmpdump(nursery, server.rtmp()),
}


def test_a_late_viewer_starts_in_sync_and_misses_nothing_from_there(in_the_middle, nursery, sources):
    for name, viewer in {name: open(nursery, in_the_middle) for name, open in OPEN.items()}.items():
        viewer.recording.wait_for_media(5)
        media = viewer.recording.packets()
        pieces = frames.check_same(sources.packets("gop10.flv"), media, seconds=3)
        gap = media["audio"][0].dts - media["video"][0].dts
        assert abs(gap) <= 100, f"{name}: audio begins {gap} ms after video; {pieces}"


def test_an_audio_only_stream_starts_at_once(millrace, nursery, sources):
    clients.ffmpeg_publish(nursery, sources["audio.flv"], millrace.rtmp())
    millrace.wait_live()
    for name in ("rtmp", "http"):
        viewer = OPEN[name](nursery, millrace)
        viewer.recording.wait_for_media(2)
        frames.check_same(sources.packets("audio.flv"), viewer.recording.packets())
