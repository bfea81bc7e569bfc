"""Publishers in reserve: the primary dies or falls silent, and viewers see nothing of it but a cut."""

import signal

import pytest

from harness import clients, flv, frames, viewers
from harness.process import wait_until
from harness.raw_publisher import RawPublisher
from harness.rtmp import RtmpClient
from harness.scale import patience

GOP_MS = 1000  # of gop1.flv


def watch(nursery, server):
    return [clients.ffmpeg_play(nursery, server.rtmp()), clients.rtmpdump(nursery, server.rtmp()),
            viewers.rtmp_viewer(nursery, server.rtmp_port), viewers.http_viewer(nursery, server.http_port),
            viewers.websocket_viewer(nursery, server.http_port)]


def wait_backup(server):
    return wait_until(lambda: (server.stream() or {}).get("backup"), patience(10), "a backup is held")


def check_one_cut(watching, source):
    """All have the same picture and sound as before and after, on the connection that they had; the gap is under a GOP."""
    for viewer in watching:
        assert not viewer.recording.ended, f"{viewer.recording.path}: the connection was lost"
        media = viewer.recording.packets()
        frames.check_same(source, media, runs=2)  # times never step back, A/V offset within 1 ms, begins with a key frame
        cuts = frames.follow(source["video"], media["video"])
        assert len(cuts) == 2, f"{viewer.recording.path}: {cuts}"
        at = cuts[1][0]
        gap = media["video"][at].dts - media["video"][at - 1].dts
        assert gap < GOP_MS, f"{viewer.recording.path}: a gap of {gap} ms"


def wait_for_the_other(watching, source, seconds=2):
    """Until everybody has so much of the second publisher."""
    def cut(tags):
        track = flv.packets(tags).get("video", [])
        cuts = frames.follow(source["video"], track) if track else []
        return len(cuts) > 1 and track[-1].dts - track[cuts[1][0]].dts >= seconds * 1000
    for viewer in watching:
        viewer.recording.wait(cut, patience(20), "the backup goes on air")


@pytest.mark.parametrize("door", ["rtmp", "http"])
def test_viewers_stay_when_the_primary_is_killed(millrace, nursery, sources, door):
    source = sources.packets("gop1.flv")
    primary = clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    millrace.wait_live()
    primary.wait_for(r"time=00:00:01\.[5-9]", 20)  # so that their key frames do not come together
    if door == "rtmp":
        clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp() + "?backup=1")
    else:
        clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.http("/live/cam.flv?backup=1"),
                               output=("-f", "flv", "-method", "PUT"))
    backup = wait_backup(millrace)
    assert backup["backup"] and not millrace.stream()["publisher"]["backup"]
    watching = watch(nursery, millrace)
    for viewer in watching:
        viewer.recording.wait_for_media(2)
    primary.signal(signal.SIGKILL)
    wait_for_the_other(watching, source)
    check_one_cut(watching, source)
    stream = millrace.stream()
    assert stream["publisher"]["id"] == backup["id"] and stream["backup"] is None and stream["takeovers"] == 1
    assert stream["viewers"] == len(watching)
    assert millrace.metrics()['millrace_stream_takeovers_total{reason="left"}'] == 1


def test_viewers_stay_when_the_primary_falls_silent(start_millrace, nursery, sources):
    millrace = start_millrace(config='[streams]\nfailover_after = 2.0\n')
    source = sources.packets("gop1.flv")
    silent = RawPublisher(nursery, millrace.rtmp_port, sources["gop1.flv"], skip=5, seconds=9)
    millrace.wait_live()
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp() + "?backup=1")
    wait_backup(millrace)
    watching = watch(nursery, millrace)
    for viewer in watching:
        viewer.recording.wait_for_media(1)
    silent.wait_silent()
    wait_for_the_other(watching, source)
    check_one_cut(watching, source)
    stream = millrace.stream()
    assert stream["publisher"]["backup"] and not stream["backup"]["backup"], "who fell silent is in reserve"


def test_the_preferred_primary_takes_the_stream_back(start_millrace, nursery, sources):
    millrace = start_millrace(config='[[backup]]\nname = "live/*"\nprefer_primary = true\n')
    source = sources.packets("gop1.flv")
    primary = clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    millrace.wait_live()
    primary.wait_for(r"time=00:00:01\.[5-9]", 20)
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())  # a backup by the rule, unasked
    first, second = millrace.stream()["publisher"]["id"], wait_backup(millrace)["id"]
    viewer = viewers.http_viewer(nursery, millrace.http_port)
    viewer.recording.wait_for_media(2)
    primary.signal(signal.SIGKILL)
    wait_until(lambda: millrace.stream()["publisher"]["id"] == second, patience(5), "the backup is on air")
    viewer.recording.wait_for_media(3)
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    wait_until(lambda: millrace.stream()["publisher"]["id"] not in (first, second), patience(10), "the primary is back")
    assert millrace.stream()["backup"]["id"] == second
    beyond = len(viewer.recording.tags)
    viewer.recording.wait_for_media(2, beyond=beyond)
    assert not viewer.recording.ended
    frames.check_same(source, viewer.recording.packets(), runs=3)


def test_only_one_is_held_in_reserve(millrace, nursery, sources):
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    millrace.wait_live()
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp() + "?backup=1")
    wait_backup(millrace)
    for name in ("cam?backup=1", "cam"):
        status = nursery.closes(RtmpClient(millrace.rtmp_port).connect()).publish(name)
        assert (status["level"], status["code"]) == ("error", "NetStream.Publish.BadName"), name
