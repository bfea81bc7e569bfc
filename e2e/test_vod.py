"""Files played over RTMP and HTTP: whole, from a place, in a range, with seek and pause, by the clients that there are."""

import json
import shutil
import signal
import struct
import time
from pathlib import Path

import pytest

from harness import amf, clients, flv, frames
from harness.process import Nursery
from harness.rtmp import COMMAND, USER_CONTROL, RtmpClient
from harness.scale import patience
from harness.server import Millrace

SEEKER = Path(__file__).parent / "harness" / "gstreamer_seek.py"
FILMS = {"film.flv": "short.flv", "long.flv": "gop1.flv", "film4.mp4": "gop1.mp4"}


@pytest.fixture(scope="module")
def vod(request, tmp_path_factory, sources):
    """A server with some films."""
    if request.config.getoption("--server") != "millrace":
        pytest.skip("only millrace does this")
    folder = tmp_path_factory.mktemp("films")
    for name, source in FILMS.items():
        shutil.copyfile(sources[source], folder / name)
    (folder / "link.flv").symlink_to(sources["short.flv"])
    (folder / "closed").mkdir()
    shutil.copyfile(sources["gop1.mp4"], folder / "closed" / "film.mp4")
    (folder / "player.swf").write_bytes(b"FWS\x09" + (108).to_bytes(4, "little") + bytes(100))
    nursery = Nursery(tmp_path_factory.mktemp("vod"))
    try:
        server = Millrace(nursery, config=f"""
[vod]
folders = ["{folder}"]
[[application]]
name = "vod/closed"
swf  = ["{folder}/player.swf"]
""")
        server.folder = folder
        yield server
        server.stop()
    finally:
        nursery.end()


def digests(media):
    return {kind: [packet.digest for packet in packets] for kind, packets in media.items()}


def rtmpdump(nursery, vod, name, *options):
    path = nursery.path("rtmpdump.flv")
    child = nursery.spawn(["rtmpdump", "-r", vod.rtmp(f"vod/{name}"), "-o", path, *options], "rtmpdump")
    return child, path


PLAYERS = {
    "ffmpeg": clients.ffmpeg_play,
    "gstreamer": clients.gstreamer_play,
}


@pytest.mark.parametrize("player", PLAYERS)
def test_a_file_is_played_from_its_begin_to_its_end(vod, nursery, sources, player):
    child = PLAYERS[player](nursery, vod.rtmp("vod/film.flv"))
    assert child.wait(patience(30)) == 0, child.text
    child.recording.join()
    received = frames.probe(child.recording.path)
    assert digests(received) == digests(sources.packets("short.flv"))
    frames.check_same(sources.packets("short.flv"), received)


def test_rtmpdump_gets_a_file_and_an_mp4(vod, nursery, sources):
    for name, source in (("film.flv", "short.flv"), ("film4.mp4", "gop1.flv")):
        child, path = rtmpdump(nursery, vod, name)
        # 2: it counts by decode times, and so the last pictures, which are shown later, are missing to it.
        assert child.wait(patience(40)) in (0, 2), child.text
        received = frames.probe(path)
        assert digests(received) == digests(sources.packets(source)), name
        path.unlink()


def test_ffmpeg_seeks_to_the_key_frame_before_its_place(vod, nursery, sources):
    for name, source in (("film.flv", "short.flv"), ("film4.mp4", "gop1.flv")):
        child = clients.ffmpeg_play(nursery, vod.rtmp(f"vod/{name}"), "-ss", "3.5", "-noaccurate_seek")
        child.recording.wait_for_media(1)
        child.interrupt(10)
        child.recording.join()
        video = [tag for tag in child.recording.tags if tag.type == flv.VIDEO and tag.packet()]
        wanted = [packet for packet in sources.packets(source)["video"] if packet.key and packet.pts <= 3600][-1]
        seen = [tag.packet().digest for tag in video]
        assert wanted.digest in seen
        after = seen[seen.index(wanted.digest):]
        whole = [packet.digest for packet in sources.packets(source)["video"]]
        at = whole.index(wanted.digest)
        assert after == whole[at:at + len(after)]


@pytest.mark.parametrize("name", ["long", "mp4:film4.mp4"])
def test_gstreamer_seeks(vod, nursery, sources, name):
    for attempt in range(4):
        child = nursery.spawn(["/usr/bin/python3", SEEKER, vod.rtmp(f"vod/{name}"), "12.3"], f"gstreamer-seek-{attempt}")
        if child.wait(patience(60)) != -signal.SIGSEGV:  # Its RTMP element crashes now and then in the seek.
            break
    assert child.popen.returncode == 0, child.text
    found = json.loads(child.text.strip().splitlines()[-1])
    assert found["failure"] is None
    source = sorted(sources.packets("gop1.flv")["video"], key=lambda packet: packet.dts)
    first = [place for place, packet in enumerate(source) if packet.key and packet.dts <= 12300][-1]
    begin = found["after"][0]
    assert begin["key"]
    wanted = source[first:first + len(found["after"])]
    assert [round(picture["pts"] - begin["pts"]) for picture in found["after"]] == [packet.pts - wanted[0].pts for packet in wanted]
    assert abs(begin["pts"] - wanted[0].pts) <= 100


def test_aggregates_come_to_whoever_asks_for_them(vod, nursery, sources, viewer):
    viewer.begin("film?aggregate=1", 0)
    viewer.buffer(60000)
    gathered = 0
    while gathered < 3:
        message = viewer.next_message()
        assert message, "the server closed"
        gathered += message.type == 22
        assert message.type != 22 or message.time >= 1000, "not in the first second"
    child, path = rtmpdump(nursery, vod, "film.flv?aggregate=1")
    assert child.wait(patience(30)) in (0, 2), child.text
    assert digests(frames.probe(path)) == digests(sources.packets("short.flv"))
    player = clients.ffmpeg_play(nursery, vod.rtmp("vod/film.flv?aggregate=1"))
    assert player.wait(patience(30)) == 0, player.text
    frames.check_same(sources.packets("short.flv"), frames.probe(player.recording.join().path))


def test_rtmpdump_gets_a_range(vod, nursery, sources):
    child, path = rtmpdump(nursery, vod, "long.flv", "--start", "4", "--stop", "9")
    child.wait(patience(40))
    video = frames.probe(path)["video"]
    source = sources.packets("gop1.flv")["video"]
    first = [packet.digest for packet in source].index(video[0].digest)
    assert source[first].key and source[first].dts <= 4000 < source[first].dts + 1000 + 40
    assert [packet.digest for packet in video] == [packet.digest for packet in source[first:first + len(video)]]
    last = source[first + len(video) - 1]
    assert 9000 - 200 <= last.dts <= 9000, last


def test_rtmpdump_resumes_where_it_was_cut_off(vod, nursery, sources):
    child, path = rtmpdump(nursery, vod, "long.flv")
    assert child.wait(patience(40)) == 0, child.text
    tags = flv.read_tags(path)
    half = len(tags) // 2
    path.write_bytes(flv.header() + b"".join(flv.write_tag(tag) for tag in tags[:half]))
    again = nursery.spawn(["rtmpdump", "-r", vod.rtmp("vod/long.flv"), "-o", path, "--resume"], "resume")
    assert again.wait(patience(40)) == 0, again.text
    assert digests(frames.probe(path)) == digests(sources.packets("gop1.flv"))


class Viewer(RtmpClient):
    """Plays, and puts what the server says into words: events of the stream, codes, and the times of frames."""

    def begin(self, *arguments):
        self.connect("vod")
        self.stream = self.create_stream()
        self.command("play", None, *arguments, stream=self.stream)
        return self

    def buffer(self, ms):
        self.send(USER_CONTROL, struct.pack(">HII", 3, self.stream, ms), csid=2)

    def next_words(self):
        """The next event or status; "end" of the connection. Frames are kept beside."""
        while message := self.next_message():
            if message.type == USER_CONTROL:
                event, stream = struct.unpack(">HI", message.payload[:6])
                if stream == self.stream and event in (0, 1, 4):
                    return {0: "begin", 1: "eof", 4: "recorded"}[event]
            elif message.type == COMMAND:
                values = amf.decode_all(message.payload)
                if values[0] == "onStatus":
                    return values[3]["code"].removeprefix("NetStream.")
            elif message.type == flv.DATA:
                values = amf.decode_all(message.payload)
                if values[0] == "onPlayStatus":
                    return values[1]["code"].removeprefix("NetStream.")
            elif (tag := message.tag()) and tag.packet():
                self.frames.append(tag)
        return "end"

    def next_refusal(self):
        """The text of the next status that is an error."""
        while status := self.next_command("onStatus"):
            if status[3]["level"] == "error":
                return status[3]["description"]
        return None

    frames: list

    def __init__(self, port):
        super().__init__(port, timeout=20)
        self.frames = []

    def words(self, last):
        said = []
        while not said or said[-1] not in (last, "end"):
            said.append(self.next_words())
        return said

    def wait_frames(self, count):
        while len(self.frames) < count:
            message = self.next_message()
            assert message, "the server closed"
            if (tag := message.tag()) and tag.packet():
                self.frames.append(tag)


START = ["recorded", "begin", "Play.Reset", "Play.Start"]
END = ["Play.Complete", "eof", "Play.Stop"]


@pytest.fixture
def viewer(vod, nursery):
    return nursery.closes(Viewer(vod.rtmp_port))


def test_statuses_come_in_the_order_that_clients_need(viewer, sources):
    viewer.begin("film", 4000, 1000)
    viewer.buffer(60000)
    assert viewer.words("Play.Stop") == START + END
    first = next(tag for tag in viewer.frames if tag.type == flv.VIDEO)
    source = sources.packets("short.flv")["video"]
    key = next(packet for packet in source if packet.digest == first.packet().digest)
    assert first.is_key_frame() and 3000 < key.dts <= 4000
    assert first.time == 0  # Counted from the place on, as librtmp wants it.
    assert 900 <= max(tag.time for tag in viewer.frames) < 5000 - key.dts


def test_seek_goes_to_the_key_frame_before(viewer):
    viewer.begin("long", 0)
    viewer.words("Play.Start")
    viewer.wait_frames(10)
    viewer.command("seek", None, 12345, stream=viewer.stream, transaction=0)
    assert viewer.words("Play.Start") == ["eof", "recorded", "begin", "Seek.Notify", "Play.Start"]
    viewer.frames.clear()
    viewer.wait_frames(3)
    first = next(tag for tag in viewer.frames if tag.type == flv.VIDEO)
    assert first.is_key_frame() and 11345 < first.time <= 12345


def test_pause_holds_the_position(viewer, sources):
    viewer.begin("long", 0)
    viewer.words("Play.Start")
    viewer.wait_frames(20)
    viewer.command("pause", None, True, viewer.frames[-1].time, stream=viewer.stream, transaction=0)
    assert viewer.words("eof") == ["Pause.Notify", "eof"]
    before = len(viewer.frames)
    time.sleep(1)
    viewer.command("pause", None, False, viewer.frames[-1].time, stream=viewer.stream, transaction=0)
    assert viewer.words("begin") == ["Unpause.Notify", "begin"]
    assert len(viewer.frames) == before, "frames came while it was paused"
    viewer.wait_frames(before + 50)
    for kind in (flv.VIDEO, flv.AUDIO):
        got = [tag.packet().digest for tag in viewer.frames if tag.type == kind]
        source = [packet.digest for packet in sources.packets("gop1.flv")["video" if kind == flv.VIDEO else "audio"]]
        assert got == source[:len(got)]  # Nothing was lost, nothing came twice.


def test_a_playlist_goes_on_in_time(viewer):
    viewer.begin("film", 0, 2000)
    viewer.command("play", None, "film", 3000, 1000, False, stream=viewer.stream)
    viewer.command("play", None, "missing", 0, -1, False, stream=viewer.stream)
    viewer.buffer(60000)
    said = viewer.words("Play.Stop")
    assert said == START + ["Play.Switch", "recorded", "begin", "Play.StreamNotFound"] + END
    video = [tag.time for tag in viewer.frames if tag.type == flv.VIDEO]
    assert video == sorted(video) and 2900 < video[-1] < 3300


def test_play2_changes_at_a_key_frame(viewer):
    viewer.begin("long", 0)
    viewer.words("Play.Start")
    viewer.command("play2", None, {"streamName": "mp4:film4.mp4", "oldStreamName": "long", "transition": "switch"},
                   stream=viewer.stream)
    assert viewer.words("Play.TransitionComplete") == ["Play.Transition", "Play.TransitionComplete"]
    before = viewer.frames[-1].time
    viewer.frames.clear()
    viewer.wait_frames(10)
    first = next(tag for tag in viewer.frames if tag.type == flv.VIDEO)
    assert first.is_key_frame() and before <= first.time <= before + 1100


def test_a_closed_application_is_closed_on_every_way_to_it(vod, viewer):
    viewer.begin("long", 0)
    viewer.words("Play.Start")
    viewer.command("play2", None, {"streamName": "mp4:closed/film.mp4", "transition": "switch"}, stream=viewer.stream)
    assert "SWF" in viewer.next_refusal()
    viewer.command("play", None, "mp4:closed/film.mp4", 0, -1, False, stream=viewer.stream)
    assert "SWF" in viewer.next_refusal()
    status, _, body = vod.request("/vod/closed/film.mp4")
    assert status == 403 and b"SWF" in body
    viewer.wait_frames(len(viewer.frames) + 10)  # What it may play goes on.


def test_lengths_are_told(viewer):
    viewer.connect("vod")
    for name, seconds in (("film", 6.24), ("mp4:film4.mp4", 20.1), ("missing", 0)):
        viewer.command("getStreamLength", None, name)
        assert abs(viewer.next_command("_result")[3] - seconds) < 0.3, name


@pytest.mark.parametrize("name", ["missing", "link", "link.flv", "../film", ".hidden"])
def test_what_is_not_there_is_not_played(vod, viewer, name):
    viewer.begin(name, 1000)
    assert viewer.next_words() in ("Play.StreamNotFound", "Play.Failed", "Play.FileStructureInvalid")
    assert vod.request(f"/vod/{name}.flv")[0] in (400, 404)


def test_a_player_that_does_not_read_costs_no_memory(vod, nursery):
    viewers = [nursery.closes(Viewer(vod.rtmp_port)).begin("long", 0) for _ in range(10)]
    for viewer in viewers:
        viewer.buffer(60000)
    before = vod.memory_kib()
    time.sleep(2)
    assert vod.memory_kib() - before < 20_000
    viewers[0].wait_frames(200)


def test_http_gives_a_file_and_its_parts(vod):
    film = (vod.folder / "film.flv").read_bytes()
    status, headers, body = vod.request("/vod/film.flv")
    assert (status, body, headers["Content-Type"], headers["Accept-Ranges"]) == (200, film, "video/x-flv", "bytes")
    tag = headers["ETag"]
    assert headers["Last-Modified"] and tag
    for wanted, part in (("bytes=100-199", film[100:200]), ("bytes=-50", film[-50:]), ("bytes=1000-", film[1000:])):
        status, headers, body = vod.request("/vod/film.flv", headers={"Range": wanted, "If-Range": tag})
        assert (status, body) == (206, part), wanted
        assert headers["Content-Range"].endswith(f"/{len(film)}")
    assert vod.request("/vod/film.flv", headers={"Range": f"bytes={len(film)}-"})[0] == 416
    assert vod.request("/vod/film.flv", headers={"Range": "bytes=0-9", "If-Range": '"other"'})[0] == 200
    assert vod.request("/vod/film.flv", headers={"If-None-Match": tag})[0] == 304
    status, headers, body = vod.request("/vod/film.flv", method="HEAD")
    assert (status, body, int(headers["Content-Length"])) == (200, b"", len(film))
    status, headers, body = vod.request("/vod/film4.mp4", headers={"Range": "bytes=0-99"})
    assert (status, headers["Content-Type"], body) == (206, "video/mp4", (vod.folder / "film4.mp4").read_bytes()[:100])
    assert vod.request("/vod/missing.flv")[0] == 404


@pytest.mark.parametrize("name", ["long.flv", "film4.flv"])
def test_http_begins_at_the_key_frame_before_a_place(vod, sources, tmp_path, name):
    status, headers, body = vod.request(f"/vod/{name}?start=7.3")
    assert status == 200
    path = tmp_path / "part.flv"
    path.write_bytes(body)
    video = frames.probe(path)["video"]
    source = sources.packets("gop1.flv")["video"]
    first = [packet.digest for packet in source].index(video[0].digest)
    assert source[first].key and source[first].dts <= 7300 < source[first].dts + 1100
    assert [packet.digest for packet in video] == [packet.digest for packet in source[first:]]
    if name == "long.flv":
        assert int(headers["Content-Length"]) == len(body)
        assert video[0].dts == source[first].dts  # The file's own times.


def test_http_gives_an_mp4_as_flv(vod, sources, tmp_path):
    status, _, body = vod.request("/vod/film4.flv")
    path = tmp_path / "film.flv"
    path.write_bytes(body)
    assert status == 200
    assert digests(frames.probe(path)) == digests(sources.packets("gop1.flv"))
