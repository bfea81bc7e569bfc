"""Enhanced RTMP: new codecs and several tracks, from our own publisher to our own player and to plain old ones."""

import json
import subprocess
import threading

import pytest

from harness import clients, enhanced, flv, frames, material
from harness.http import Connection
from harness.process import wait_until
from harness.rtmp import RtmpClient
from harness.scale import patience
from harness.server import find_millrace

DONE = 5
HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "keyint=25:min-keyint=25:bframes=2:scenecut=0:log-level=error",
        "-pix_fmt", "yuv420p", "-tag:v", "hvc1"]
AV1 = ["-c:v", "libsvtav1", "-preset", "12", "-g", "25", "-pix_fmt", "yuv420p"]
OPUS = ["-c:a", "libopus", "-b:a", "64k", "-ar", "48000"]
FLAC = ["-c:a", "flac"]


def encoded(name):
    options = {"hevc_opus.mp4": [*HEVC, *OPUS], "av1_flac.mp4": [*AV1, *FLAC]}[name]
    return enhanced.encode(name, *material.PICTURE, *material.SOUND, *options)


def millrace_command(nursery, *arguments, **options):
    return nursery.spawn([find_millrace(), *arguments], f"millrace-{arguments[0]}", **options)


def played(nursery, url, name="out.flv", seconds=3):
    """What `millrace play` writes: tracks by kind and number, and metadata packets."""
    out = nursery.path(name)
    child = millrace_command(nursery, "play", url, "-o", out, "--duration", str(seconds))
    assert child.wait(patience(seconds + DONE + 5)) == 0, child.text
    return enhanced.read_flv(out)


def check_essence(source, tracks, kinds_and_numbers):
    """Compares tracks that came out with those that went in: frames, order, times, A/V offset, configurations."""
    went_in = {kind: enhanced.source_of(track) for kind, track in source.items()}
    came_out = {kind: tracks[kind, number].packets for kind, number in kinds_and_numbers.items()}
    frames.check_same(went_in, came_out, seconds=2)
    for kind, number in kinds_and_numbers.items():
        assert tracks[kind, number].codec == source[kind].codec
        assert set(tracks[kind, number].configs) == {source[kind].config}


@pytest.mark.parametrize("source", ["hevc_opus.mp4", "av1_flac.mp4"])
def test_new_codecs_come_out_as_they_went_in(millrace, nursery, source):
    video, audio = encoded(source)
    path = enhanced.write_flv(nursery.path("in.flv"), [(video, 0, False), (audio, 0, False)], colour=True)
    millrace_command(nursery, "publish", "--loop", path, millrace.rtmp())
    millrace.wait_live()
    wait_until(lambda: len(millrace.stream()["tracks"]) == 2, patience(10), "both tracks")
    told = millrace.stream()["tracks"]
    assert [track["codec"] for track in told] == [{"hevc": "h265"}.get(video.codec, video.codec), audio.codec]
    assert told[0]["colour"]["dynamic_range"] == "hdr10"
    assert told[1]["channel_layout"] == "stereo"
    both = {"video": video, "audio": audio}
    for name, url in {"rtmp": millrace.rtmp(), "http": millrace.http("/live/cam.flv")}.items():
        tracks, colours = played(nursery, url, f"{name}.flv")
        assert set(tracks) == {("video", 0), ("audio", 0)}
        check_essence(both, tracks, {"video": 0, "audio": 0})
        assert ("video", enhanced.COLOUR) in colours, "who comes late is told the colour"
        assert ("audio", bytes([1, 2, 0, 0, 0, 3])) in colours, "and where the channels are"


@pytest.mark.parametrize("source", ["hevc_opus.mp4", "av1_flac.mp4"])
def test_our_own_publisher_sends_what_is_in_an_mp4_file(millrace, nursery, source):
    video, audio = encoded(source)
    child = millrace_command(nursery, "publish", "--loop", material.make(source), millrace.rtmp())
    millrace.wait_live()
    wait_until(lambda: len(millrace.stream()["tracks"]) == 2, patience(10), "both tracks")
    tracks, _ = played(nursery, millrace.rtmp())
    check_essence({"video": video, "audio": audio}, tracks, {"video": 0, "audio": 0})
    assert child.interrupt(5) == 0, child.text


def put(nursery, millrace, path):
    """Publishes a file over HTTP, at its pace."""
    connection = nursery.closes(Connection(millrace.http_port, "/live/cam.flv", method="PUT", headers={"Transfer-Encoding": "chunked"}))

    def send():
        try:
            connection.send_chunk(flv.header())
            for tag in flv.paced(flv.read_tags(path)):
                connection.send_chunk(flv.write_tag(tag))
        except OSError:
            pass  # the test is over
    threading.Thread(target=send, daemon=True).start()
    millrace.wait_live()


def test_new_codecs_are_published_over_http(millrace, nursery):
    video, audio = encoded("hevc_opus.mp4")
    put(nursery, millrace, enhanced.write_flv(nursery.path("in.flv"), [(video, 0, False), (audio, 0, False)]))
    wait_until(lambda: len(millrace.stream()["tracks"]) == 2, patience(10), "both tracks")
    tracks, _ = played(nursery, millrace.rtmp())
    check_essence({"video": video, "audio": audio}, tracks, {"video": 0, "audio": 0})


@pytest.fixture
def several(millrace, nursery):
    """live/cam with AVC and AAC in the old form, and HEVC, AV1, Opus and FLAC as tracks with numbers."""
    avc, aac = enhanced.read_mp4(material.make("gop1.mp4"))
    hevc, opus = encoded("hevc_opus.mp4")
    av1, flac = encoded("av1_flac.mp4")
    tracks = {("video", 0): avc, ("video", 1): hevc, ("video", 2): av1,
              ("audio", 0): aac, ("audio", 1): opus, ("audio", 2): flac}
    metadata = {"width": 320, "videoTrackIdInfoMap": {"1": {"width": 320}}}
    path = enhanced.write_flv(nursery.path("several.flv"),
                              [(track, number, number == 0) for (_, number), track in tracks.items()], metadata=metadata)
    millrace_command(nursery, "publish", "--loop", path, millrace.rtmp())
    millrace.wait_live()
    wait_until(lambda: len(millrace.stream()["tracks"]) == 6, patience(20), "all tracks")
    return tracks


def test_each_track_of_several_goes_out(millrace, nursery, several):
    told = [(track["kind"], track["id"], track["codec"]) for track in millrace.stream()["tracks"]]
    assert told == [("video", 0, "h264"), ("video", 1, "h265"), ("video", 2, "av1"),
                    ("audio", 0, "aac"), ("audio", 1, "opus"), ("audio", 2, "flac")]
    # All of them to who announced that it takes several, or asks for them.
    for name, url in {"rtmp": millrace.rtmp(), "http": millrace.http("/live/cam.flv?tracks=all")}.items():
        tracks, _ = played(nursery, url, f"{name}.flv", seconds=4)  # each begins with its own key frame
        assert set(tracks) == set(several)
        for number in range(3):
            source = {kind: several[kind, number] for kind in ("video", "audio")}
            check_essence(source, tracks, {"video": number, "audio": number})
    # Each of them by itself, without its number, to whom asks for it.
    for number in (1, 2):
        query = f"video_track={number}&audio_track={number}"
        for name, url in {"rtmp": f"{millrace.rtmp()}?{query}", "http": millrace.http(f"/live/cam.flv?{query}")}.items():
            tracks, _ = played(nursery, url, f"{name}-{number}.flv")
            assert set(tracks) == {("video", 0), ("audio", 0)}
            source = {kind: several[kind, number] for kind in ("video", "audio")}
            check_essence(source, tracks, {"video": 0, "audio": 0})


def test_plain_old_players_get_the_old_tracks(millrace, nursery, several):
    source = {kind: enhanced.source_of(several[kind, 0]) for kind in ("video", "audio")}
    players = [clients.ffmpeg_play(nursery, millrace.rtmp()), clients.rtmpdump(nursery, millrace.rtmp()),
               clients.ffmpeg_play(nursery, millrace.http("/live/cam.flv"))]
    for player in players:
        player.recording.wait_for_media(3)
    left_out = [session["tracks_left_out"] for session in millrace.sessions() if session["role"] == "viewer"]
    assert len(left_out) == 3
    for tracks in left_out:
        assert [(track["kind"], track["id"]) for track in tracks] == [("video", 1), ("video", 2), ("audio", 1), ("audio", 2)]
        assert all("several tracks" in track["reason"] for track in tracks)
    for player in players:
        player.interrupt(10)
        frames.check_same(source, player.recording.join().packets())


def test_probe_lists_all_tracks(millrace, several):
    argv = [find_millrace(), "probe", millrace.rtmp(), "--duration", "2", "--json"]
    done = subprocess.run([str(part) for part in argv], capture_output=True, text=True, timeout=patience(2 + DONE), check=False)
    assert done.returncode == 0, done.stderr
    tracks = {(track["kind"], track["id"]): track for track in json.loads(done.stdout)["tracks"]}
    assert set(tracks) == set(several)
    assert all(track["frames"] > 0 for track in tracks.values())


def test_a_viewer_gets_what_it_announced_or_a_clear_status(millrace, nursery):
    video, audio = encoded("hevc_opus.mp4")
    path = enhanced.write_flv(nursery.path("in.flv"), [(video, 0, False), (audio, 0, False)])
    millrace_command(nursery, "publish", "--loop", path, millrace.rtmp())
    wait_until(lambda: (stream := millrace.stream()) and len(stream["tracks"]) == 2, patience(10), "both tracks")

    neither = RtmpClient(millrace.rtmp_port).connect(videoFourCcInfoMap={"vp09": 1}, audioFourCcInfoMap={"mp4a": 1})
    assert neither.information["videoFourCcInfoMap"] == {"*": 4}
    assert neither.information["capsEx"] == 15
    assert neither.play() == "NetStream.Play.NoSupportedTrackFound"
    neither.close()

    sound = RtmpClient(millrace.rtmp_port).connect(videoFourCcInfoMap={"vp09": 1}, audioFourCcInfoMap={"*": 4})
    assert sound.play() == "NetStream.Play.Reset"
    tags = [sound.next_tag() for _ in range(40)]
    tracks, _ = enhanced.tracks_of(tags)
    assert set(tracks) == {("audio", 0)}
    session, = [entry for entry in millrace.sessions() if entry["role"] == "viewer"]
    assert [track["codec"] for track in session["tracks"]] == ["opus"]
    assert "hvc1 is not among them" in session["tracks_left_out"][0]["reason"]
    sound.close()

    everything = RtmpClient(millrace.rtmp_port).connect()  # announces nothing, as most do
    assert everything.play() == "NetStream.Play.Reset"
    tracks, _ = enhanced.tracks_of([everything.next_tag() for _ in range(60)])
    assert set(tracks) == {("video", 0), ("audio", 0)}
    everything.close()

    status, _, body = millrace.request("/live/cam.flv?video_track=7")
    assert status == 404 and b"no video 7; there is video 0 (h265)" in body, body


def test_an_operator_may_refuse_new_codecs_to_who_announces_nothing(start_millrace, nursery):
    millrace = start_millrace(config='[rtmp]\nunannounced_codecs = "refuse"\n')
    video, audio = encoded("hevc_opus.mp4")
    path = enhanced.write_flv(nursery.path("in.flv"), [(video, 0, False), (audio, 0, False)])
    millrace_command(nursery, "publish", "--loop", path, millrace.rtmp())
    wait_until(lambda: (stream := millrace.stream()) and len(stream["tracks"]) == 2, patience(10), "both tracks")
    silent = RtmpClient(millrace.rtmp_port).connect()
    assert silent.play() == "NetStream.Play.NoSupportedTrackFound"
    silent.close()
    tracks, _ = played(nursery, millrace.rtmp())
    assert set(tracks) == {("video", 0), ("audio", 0)}


def test_what_a_body_does_wrong_is_shown(millrace, nursery):
    video, audio = encoded("hevc_opus.mp4")
    path = enhanced.write_flv(nursery.path("in.flv"), [(video, 0, False), (audio, 0, False)])
    data = path.read_bytes()
    path.write_bytes(data[:13] + flv.write_tag(flv.Tag(flv.VIDEO, 0, b"\x98hvc1")) + data[13:])
    put(nursery, millrace, path)
    session, = [entry for entry in millrace.sessions() if entry["role"] == "publisher"]
    assert session["tolerated"]["unknown_packet_type"] == 1
    stream = millrace.stream()
    assert (stream["jumps"], stream["wraps_24_bit"], stream["steps_back"]) == (0, 0, 0)
