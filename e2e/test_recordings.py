"""Streams made files by the server: whole after SIGKILL at any moment, gone on with, told of, and never in the way."""

import json
import random
import resource
import subprocess
import threading
import time

import pytest

from harness import clients, flv, frames
from harness.process import wait_until
from harness.rtmp import RtmpClient
from harness.scale import patience

FRAME_MS = 40
KILLS, STREAMS = 10, 5  # each kill hits each file at a moment of its own: 50 moments


def config(folder, more=""):
    return f'[record]\ndirectory = "{folder}"\n{more}\n'


def ffprobe(path):
    """What ffprobe says of a file: its packets, and its duration in milliseconds."""
    output = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_entries",
                             "format=duration:packet=codec_type,pts_time,dts_time,duration_time", str(path)],
                            check=True, capture_output=True, timeout=60).stdout
    said = json.loads(output)
    return said["packets"], 1000 * float(said["format"].get("duration", 0))


def expect_whole(path, frames_there):
    """Plays to the last frame that is whole; nothing is missing and nothing is made up."""
    if frames_there == 0:  # Killed before the first one was written: ffprobe takes such a file for none.
        assert path.read_bytes().startswith(b"FLV")
        return [], 0
    packets, duration = ffprobe(path)
    media = [packet for packet in packets if packet["codec_type"] in frames.KINDS]
    assert len(media) == frames_there
    return media, duration


class Sender(threading.Thread):
    """Publishes for recording, faster than real time, until the connection is lost."""

    def __init__(self, port, name, tags, kind="record"):
        super().__init__(daemon=True)
        self.client = RtmpClient(port).connect()
        self.client.set_chunk_size(65536)
        self.client.stream = self.client.create_stream()
        self.client.command("publish", None, name, kind, stream=self.client.stream)
        self.status = self.client.next_command("onStatus")[3]["code"]
        self.record_status = self.client.next_command("onStatus")[3]["code"]
        self._tags = tags
        self.start()

    def run(self):
        try:
            begun = time.monotonic()
            while True:
                for tag in self._tags:
                    time.sleep(max(0, begun + tag.time / 8000 - time.monotonic()))
                    self.client.send_tag(tag)
                begun = time.monotonic()
        except OSError:
            pass


def media_tags(path):
    return [tag for tag in flv.read_tags(path) if tag.is_header() or tag.packet()]


def test_a_killed_server_leaves_files_that_play_to_their_last_whole_tag(start_millrace, nursery, sources, tmp_path):
    folder = tmp_path / "recordings"
    tags = media_tags(sources["gop1.flv"])
    names = [f"cam{number}" for number in range(STREAMS)]
    moments = random.Random(7)
    for kill in range(KILLS + 1):
        server = start_millrace(config=config(folder))
        if kill:
            # What the one before left was repaired at this start: durations and indexes are there.
            wait_until(lambda: not any((folder / ".recording").iterdir()), patience(10), "all recordings are repaired")
            for name in names:
                path = folder / "live" / f"{name}.flv"
                packets, duration = expect_whole(path, whole[name])
                ends = [float(packet["pts_time"]) + float(packet.get("duration_time", 0.04)) for packet in packets]
                if ends:
                    assert abs(duration - 1000 * max(ends)) < FRAME_MS, f"{name}: {duration} ms, ends at {max(ends)} s"
        if kill == KILLS:
            break
        senders = [Sender(server.rtmp_port, name, tags) for name in names]
        assert all(sender.record_status == "NetStream.Record.Start" for sender in senders)
        time.sleep(moments.uniform(0.1, 0.7))
        server.child.kill()
        server.ended = True
        whole = {}
        for name in names:
            path = folder / "live" / f"{name}.flv"
            reader = flv.FlvReader()
            there = [tag for tag in reader.feed(path.read_bytes()) if tag.packet()]
            whole[name] = len(there)
            # As it was left: all that is whole plays, and no more than one tag was cut off.
            expect_whole(path, len(there))
            torn = path.stat().st_size - reader.whole
            assert torn <= max(len(tag.body) for tag in tags) + 15
            assert not torn or path.read_bytes()[reader.whole] in (flv.AUDIO, flv.VIDEO)
        for sender in senders:
            sender.client.close()


def publish(nursery, server, source, *options):
    child = nursery.spawn([server.binary, "publish", source, server.rtmp(), *options], "publish")
    assert child.wait(patience(40)) == 0, child.text
    return child


def recording(server, name="live/cam.flv"):
    return next((entry for entry in server.api("recordings")["recordings"] if entry["name"] == name), None)


def test_our_client_records_and_appends(start_millrace, nursery, sources, tmp_path):
    server = start_millrace(config=config(tmp_path))
    path = tmp_path / "live" / "cam.flv"
    source = sources.packets("short.flv")
    child = publish(nursery, server, sources["short.flv"], "--record")
    assert "NetStream.Record.Start" in child.text
    wait_until(lambda: recording(server)["state"] == "finished", patience(20), "the recording is finished")
    frames.check_same(source, frames.probe(path))
    seconds = (max(packet.pts for packet in source["video"]) + FRAME_MS) / 1000
    assert abs(recording(server)["seconds"] - seconds) < FRAME_MS / 1000
    size = path.stat().st_size
    assert recording(server)["bytes"] == size
    publish(nursery, server, sources["short.flv"], "--append")
    wait_until(lambda: recording(server)["state"] == "finished", patience(20), "the recording is finished")
    twice = frames.probe(path)
    assert [packet.digest for packet in twice["video"]] == [packet.digest for packet in source["video"]] * 2
    assert all(a.dts <= b.dts for a, b in zip(twice["video"], twice["video"][1:]))
    assert abs(recording(server)["seconds"] - 2 * seconds) < 0.2
    assert server.metrics()["millrace_recordings_begun_total"] == 2


def test_a_stream_is_recorded_unasked_while_it_is_watched(start_millrace, nursery, sources, tmp_path):
    server = start_millrace(config=config(tmp_path, 'streams = ["live/*"]\nkind = "record"'))
    publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
    server.wait_live()
    player = clients.ffmpeg_play(nursery, server.rtmp())
    player.recording.wait_for_media(2)
    state = server.stream()["recording"]
    assert state["state"] == "recording" and state["name"] == "live/cam.flv"
    player.interrupt(10)
    player.recording.join()
    publisher.interrupt(10)
    wait_until(lambda: recording(server)["state"] == "finished", patience(20), "the recording is finished")
    source = sources.packets("gop1.flv")
    frames.check_same(source, frames.probe(tmp_path / "live" / "cam.flv"))
    frames.check_same(source, frames.probe(player.recording.path))


def test_a_full_disk_ends_the_recording_and_not_the_stream(start_millrace, nursery, sources, tmp_path):
    server = start_millrace(config=config(tmp_path))
    hard = resource.prlimit(server.child.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(server.child.pid, resource.RLIMIT_FSIZE, (150_000, hard))
    sender = Sender(server.rtmp_port, "cam", media_tags(sources["gop1.flv"]))
    assert sender.record_status == "NetStream.Record.Start"
    assert sender.client.next_command("onStatus")[3]["code"] == "NetStream.Record.Failed"
    player = clients.ffmpeg_play(nursery, server.rtmp())
    player.recording.wait_for_media(2)  # What is live goes on.
    player.interrupt(10)
    assert recording(server)["state"] == "failed" and recording(server)["reason"]
    assert server.metrics()["millrace_recordings_failed_total"] == 1
    path = tmp_path / "live" / "cam.flv"
    assert path.stat().st_size <= 150_000
    packets, duration = ffprobe(path)
    assert packets and duration > 0
    sender.client.close()


@pytest.mark.parametrize("name", ["../cam", "a/../../cam", ".hidden"])
def test_no_recording_leaves_its_folder(start_millrace, tmp_path, name):
    server = start_millrace(config=config(tmp_path / "inner"))
    client = RtmpClient(server.rtmp_port).connect()
    client.stream = client.create_stream()
    client.command("publish", None, name, "record", stream=client.stream)
    first = client.next_command("onStatus")[3]["code"]
    if first == "NetStream.Publish.Start":
        assert client.next_command("onStatus")[3]["code"] == "NetStream.Record.NoAccess"
    client.close()
    assert [path for path in tmp_path.rglob("*.flv")] == []


def test_who_may_not_record_is_told_and_goes_on_live(start_millrace, nursery, sources, tmp_path):
    server = start_millrace(config=config(tmp_path, 'allowed = ["other/*"]'))
    sender = Sender(server.rtmp_port, "cam", media_tags(sources["gop1.flv"]))
    assert (sender.status, sender.record_status) == ("NetStream.Publish.Start", "NetStream.Record.NoAccess")
    server.wait_live()
    sender.client.close()
