"""millrace publish, play and probe: what they do, what they say, and the status with which they end."""

import json
import re
import subprocess

import pytest

from harness import clients, frames
from harness.process import wait_until
from harness.scale import patience
from harness.server import find_millrace

DONE = 5  # seconds that a command may take to end after its last frame


def millrace_command(nursery, *arguments, **options):
    return nursery.spawn([find_millrace(), *arguments], f"millrace-{arguments[0]}", **options)


@pytest.mark.parametrize("source", ["gop1.flv", "gop1.mp4", "gop1.ts", "mp3.flv", "audio.flv", "video.flv"])
def test_publish_sends_a_file_as_it_is(millrace, nursery, sources, source):
    child = millrace_command(nursery, "publish", sources[source], millrace.rtmp())
    millrace.wait_live()
    player = clients.ffmpeg_play(nursery, millrace.rtmp())
    player.recording.wait_for_media(3)
    player.interrupt(10)
    received = player.recording.join().path
    if source.endswith(".flv"):
        frames.check_same(sources.packets(source), frames.probe(received))
    else:
        frames.check_same(frames.essence(sources[source]), frames.essence(received))
    assert child.running()


@pytest.mark.slow
def test_publish_takes_as_long_as_the_file_and_ends_with_0(millrace, nursery, sources):
    child = millrace_command(nursery, "publish", sources["short.flv"], millrace.rtmp())
    millrace.wait_live()
    player = clients.rtmpdump(nursery, millrace.rtmp())
    assert child.wait(patience(6 + DONE)) == 0, child.text
    player.recording.wait_for_media(4)
    player.interrupt(10)
    media = player.recording.join().packets()
    last = sources.packets("short.flv")
    frames.check_same(last, media)
    for kind, track in media.items():
        assert track[-1].digest == last[kind][-1].digest, f"the last {kind} packet is missing"


def test_publish_loops(millrace, nursery, sources):
    millrace_command(nursery, "publish", "--loop", sources["short.flv"], millrace.rtmp())
    millrace.wait_live()
    player = clients.ffmpeg_play(nursery, millrace.rtmp())
    player.recording.wait_for_media(9)
    pieces = frames.check_same(sources.packets("short.flv"), player.recording.packets())
    assert len(pieces["video"]) >= 2


def test_publish_takes_flv_from_stdin(millrace, nursery, sources):
    with open(sources["gop1.flv"], "rb") as source:
        millrace_command(nursery, "publish", "-", millrace.rtmp(), stdin=source)
    millrace.wait_live()
    player = clients.ffmpeg_play(nursery, millrace.rtmp())
    player.recording.wait_for_media(2)
    frames.check_same(sources.packets("gop1.flv"), player.recording.packets())


def test_publish_makes_a_test_picture(millrace, nursery):
    millrace_command(nursery, "publish", "test:", millrace.rtmp())
    tracks = millrace.wait_live(timeout=20)["tracks"]
    wait_until(lambda: {track["codec"] for track in millrace.stream()["tracks"]} == {"h264", "aac"}, 10, f"both tracks: {tracks}")
    player = clients.rtmpdump(nursery, millrace.rtmp())
    player.recording.wait_for_media(2)


@pytest.mark.parametrize("ending", ["flv", "ts", "mp4"])
@pytest.mark.parametrize("via", ["rtmp", "http"])
def test_play_writes_what_it_receives(live, nursery, sources, ending, via):
    out = nursery.path(f"out.{ending}")
    url = live.rtmp() if via == "rtmp" else live.http("/live/cam.flv")
    child = millrace_command(nursery, "play", url, "-o", out, "--duration", "3")
    assert child.wait(patience(3 + DONE)) == 0, child.text
    if ending == "flv":
        frames.check_same(sources.packets("gop1.flv"), frames.probe(out), seconds=2)
    else:
        # On the wire times are whole milliseconds; in the file those of sound stand on a grid of samples.
        frames.check_same(frames.essence(sources["gop1.flv"]), frames.essence(out), seconds=2, tolerance=1 + 1000 / 44100)


def test_play_writes_flv_to_stdout(live, nursery, sources):
    child = clients._player(nursery, [find_millrace(), "play", live.rtmp(), "-o", "-", "--duration", "3"], "millrace-play")
    assert child.wait(patience(3 + DONE)) == 0, child.text
    frames.check_same(sources.packets("gop1.flv"), child.recording.join().packets(), seconds=2)


def test_play_leaves_a_whole_file_on_ctrl_c(live, nursery, sources):
    out = nursery.path("out.mp4")
    child = millrace_command(nursery, "play", live.rtmp(), "-o", out)
    wait_until(lambda: out.exists() and out.stat().st_size > 100_000, patience(15), "the file grows")
    child.interrupt(5)
    frames.check_same(frames.essence(sources["gop1.flv"]), frames.essence(out))


def test_probe_tells_what_is_in_a_stream(live, nursery):
    argv = [find_millrace(), "probe", live.rtmp(), "--duration", "3", "--json"]
    done = subprocess.run([str(part) for part in argv], capture_output=True, text=True, timeout=patience(3 + DONE), check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    video, audio = sorted(report["tracks"], key=lambda track: track["kind"], reverse=True)
    assert (video["codec"], video["width"], video["height"]) == ("h264", 320, 180)
    assert abs(video["fps"] - 25) < 1
    assert (audio["codec"], audio["sample_rate"], audio["channels"]) == ("aac", 44100, 2)
    status, text = nursery.run(argv[:-1], patience(3 + DONE))
    assert status == 0
    for word in ("h264", "320", "180", "aac", "44100"):
        assert word in text, text


@pytest.mark.parametrize("command", ["", "serve", "publish", "play", "probe"])
def test_help_has_examples(nursery, command):
    status, text = nursery.run([find_millrace(), *command.split(), "--help"], 10)
    assert status == 0
    assert "xample" in text and re.search(r"millrace (serve|publish|play|probe) ", text), text


FAILURES = {
    "no such file": (["publish", "/nonexistent.flv", "{rtmp}"], "/nonexistent.flv"),
    "a file of another kind": (["publish", "/etc/passwd", "{rtmp}"], "/etc/passwd"),
    "no such scheme": (["play", "gopher://127.0.0.1/live/cam"], "gopher"),
    "no host": (["play", "rtmp:///live/cam"], "host"),
    "no stream name": (["play", "rtmp://127.0.0.1:1"], "name|path"),
    "a bad port": (["play", "rtmp://127.0.0.1:99999/live/cam"], "99999"),
    "nobody listens": (["play", "rtmp://127.0.0.1:1/live/cam"], "127.0.0.1:1|refused"),
    "no such stream over RTMP": (["play", "{rtmp_nothing}"], "live/nothing|[Nn]ot ?[Ff]ound"),
    "no such stream over HTTP": (["play", "{http_nothing}"], "404|live/nothing|[Nn]ot ?[Ff]ound"),
    "an ending that it cannot write": (["play", "{rtmp}", "-o", "/tmp/x.doc"], "doc"),
    "a folder that is not there": (["play", "{rtmp}", "-o", "/nonexistent/x.flv"], "/nonexistent"),
    "an option that is not there": (["play", "--fast", "{rtmp}"], "--fast"),
    "a command that is not there": (["watch", "{rtmp}"], "watch"),
    "nothing at all": (["play"], "URL|url"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_says_what_was_wrong(live, nursery, name):
    arguments, words = FAILURES[name]
    urls = {"rtmp": live.rtmp(), "rtmp_nothing": live.rtmp("live/nothing"), "http_nothing": live.http("/live/nothing.flv")}
    status, text = nursery.run([find_millrace(), *(part.format(**urls) for part in arguments)], patience(15))
    assert 0 < status < 126, f"status {status}: {text}"
    assert re.search(words, text), text


def test_publish_to_a_name_that_is_taken_fails(live, nursery, sources):
    status, text = nursery.run([find_millrace(), "publish", sources["gop1.flv"], live.rtmp()], patience(15))
    assert 0 < status < 126
    assert re.search("already|taken|BadName", text), text


def test_progress_is_for_terminals(live, nursery):
    child = millrace_command(nursery, "play", live.rtmp(), "-o", nursery.path("quiet.flv"), "--duration", "2")
    assert child.wait(patience(2 + DONE)) == 0
    assert "\r" not in child.text and len(child.text.splitlines()) <= 3, child.text
    argv = f"{find_millrace()} play {live.rtmp()} -o {nursery.path('loud.flv')} --duration 3"
    status, text = nursery.run(["script", "-qec", argv, "/dev/null"], patience(3 + DONE))
    assert status == 0 and re.search(r"bit/s|bps", text), text
