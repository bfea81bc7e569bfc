"""Real clients publish and play over RTMP: what comes out is what went in, frame by frame."""

import itertools
import re

import pytest

from harness import clients, flv, frames, obs, viewers
from harness.process import wait_until
from harness.raw_publisher import RawPublisher
from harness.rtmp import RtmpClient
from harness.tap import Tap

PLAYERS = {
    "ffmpeg": clients.ffmpeg_play,
    "rtmpdump": clients.rtmpdump,
    "gstreamer": clients.gstreamer_play,
    "vlc": clients.vlc_dump,
}


def play_with_all(nursery, url, names, seconds=3):
    """All players at once; gives what each has received."""
    running = {name: PLAYERS[name](nursery, url) for name in names}
    received = {}
    for name, child in running.items():
        child.recording.wait_for_media(seconds)
        child.interrupt(10)
        child.recording.join()
        clients.check_untouched(child)
        received[name] = frames.probe(child.recording.path)
    return received


@pytest.mark.parametrize("source", ["gop1.flv", "mp3.flv", "audio.flv", "video.flv"])
def test_every_player_gets_the_frames_that_ffmpeg_publishes(server, nursery, sources, source):
    clients.ffmpeg_publish(nursery, sources[source], server.rtmp())
    server.wait_live()
    for name, media in play_with_all(nursery, server.rtmp(), PLAYERS).items():
        print(name, frames.check_same(sources.packets(source), media))


def test_both_tracks_stay_in_sync_when_a_source_begins_again(server, nursery, sources):
    clients.ffmpeg_publish(nursery, sources["short.flv"], server.rtmp())
    server.wait_live()
    for name, media in play_with_all(nursery, server.rtmp(), PLAYERS, seconds=7).items():
        pieces = frames.check_same(sources.packets("short.flv"), media)
        assert len(pieces["video"]) >= 2, f"{name} has not seen the loop begin again: {pieces}"


def test_vlc_plays_through_its_own_demuxer(server, nursery, sources):
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
    server.wait_live()
    child = clients.vlc_play(nursery, server.rtmp())
    wait_until(lambda: child.path.stat().st_size > 300_000, 30, "VLC writes MPEG-TS")
    child.interrupt(10)
    source, received = frames.essence(sources["gop1.flv"]), frames.essence(child.path)
    # Its packetizer makes the pictures' times anew, and gives the very first one none: their bytes and order count here,
    # the sound's times are checked. (test_vlc_plays checks all times, through its dumping demuxer.)
    frames.check_same({"audio": source["audio"]}, {"audio": received["audio"][:-1]}, seconds=2)
    stretches = frames.follow(source["video"], received["video"])
    assert len(stretches) == 1 and source["video"][stretches[0][1]].key, stretches
    assert len(received["video"]) >= 50


def test_ffprobe_describes_the_stream(server, nursery, sources):
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
    server.wait_live()
    status, text = clients.ffprobe(nursery, server.rtmp())
    assert status == 0, text
    for line in ("codec_name=h264", "codec_name=aac", "width=320", "height=180", "sample_rate=44100", "channels=2"):
        assert re.search(f"^{line}$", text, re.MULTILINE), f"{line} is missing:\n{text}"


def test_gstreamer_publishes(server, nursery, sources):
    # flvmux cannot go below zero and shortens the first composition offsets, so the wire is what must come out.
    tap = Tap(nursery, server.rtmp_port)
    clients.gstreamer_publish(nursery, sources["gop1.flv"], tap.url())
    server.wait_live()
    received = play_with_all(nursery, server.rtmp(), ["ffmpeg", "gstreamer"])
    for media in received.values():
        frames.check_same(tap.packets(), media)
        for kind, track in media.items():
            assert len(frames.follow(sources.packets("gop1.flv")[kind], track)) == 1


def test_obs_publishes(server, nursery, sources):
    tap = Tap(nursery, server.rtmp_port)
    obs.publish(nursery, sources["gop1.flv"], tap.url())
    server.wait_live(timeout=20)
    for media in play_with_all(nursery, server.rtmp(), ["ffmpeg", "rtmpdump"]).values():
        frames.check_same(tap.packets(), media)


def test_a_stream_may_have_a_long_name_and_a_query(millrace, nursery, sources):
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp("live/north/door/cam?token=a%20b"))
    millrace.wait_live("live/north/door/cam")
    for media in play_with_all(nursery, millrace.rtmp("live/north/door/cam?user=x"), ["ffmpeg", "gstreamer"], 2).values():
        frames.check_same(sources.packets("gop1.flv"), media)


@pytest.mark.parametrize("wrap", [1 << 24, 1 << 32], ids=["2^24", "2^32"])
def test_time_goes_on_where_the_publishers_clock_wraps(millrace, nursery, sources, wrap):
    RawPublisher(nursery, millrace.rtmp_port, sources["gop1.flv"], seconds=8, add_to_time=wrap - 3500)
    millrace.wait_live()
    running = [clients.ffmpeg_play(nursery, millrace.rtmp()), clients.rtmpdump(nursery, millrace.rtmp()),
               viewers.rtmp_viewer(nursery, millrace.rtmp_port)]
    for viewer in running:
        viewer.recording.wait_for_media(4.5)
        frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets())


def test_a_late_player_gets_the_metadata(millrace, nursery, sources):
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp()).wait_for(r"time=00:00:02", 10)
    viewer = viewers.rtmp_viewer(nursery, millrace.rtmp_port)
    viewer.recording.wait_for_media(0.5)
    before_media = list(itertools.takewhile(lambda tag: tag.type == flv.DATA, viewer.recording.tags))
    metadata = [tag for tag in before_media if b"onMetaData" in tag.body]
    assert len(metadata) == 1 and b"@setDataFrame" not in metadata[0].body


def test_a_stream_that_nobody_publishes_is_not_found(millrace, nursery):
    client = nursery.closes(RtmpClient(millrace.rtmp_port).connect())
    code = client.play("nothing")
    while code in ("NetStream.Play.Reset", "NetStream.Play.Start"):
        code = client.next_command("onStatus")[3]["code"]
    assert code == "NetStream.Play.StreamNotFound"
    status, text = nursery.run(["ffprobe", "-hide_banner", "-i", millrace.rtmp("live/nothing")], 20)
    assert status != 0, text
    status, text = nursery.run(["rtmpdump", "-r", millrace.rtmp("live/nothing"), "-o", "/dev/null"], 20)
    assert status != 0, text


def test_one_connection_publishes_and_plays_several_streams(millrace, nursery, sources):
    names = ("left", "right")
    publisher = nursery.closes(RtmpClient(millrace.rtmp_port).connect("both"))
    publisher.set_chunk_size(65536)
    streams = {}
    for name in names:
        assert publisher.publish(name)["code"] == "NetStream.Publish.Start"
        streams[name] = publisher.stream
    tags = {"left": flv.read_tags(sources["gop1.flv"])[:150], "right": flv.read_tags(sources["mp3.flv"])[:150]}

    def send(tag, name):
        publisher.stream = streams[name]
        publisher.send_tag(tag)

    for pair in zip(tags["left"][:75], tags["right"][:75]):
        for name, tag in zip(names, pair):
            send(tag, name)
    player = nursery.closes(RtmpClient(millrace.rtmp_port).connect("both"))
    played = {player.create_stream(): name for name in names}
    for stream, name in played.items():
        player.command("play", None, name, -2000, stream=stream)
    got = {name: [] for name in names}

    def read_until(name, count):
        while len(got[name]) < count:
            message = player.next_message()
            assert message, "the server closed"
            if (tag := message.tag()) and tag.packet():
                got[played[message.stream]].append(tag.packet().digest)

    for name in names:
        read_until(name, 5)
    publisher.command("deleteStream", None, streams["left"])
    for tag in tags["right"][75:]:
        send(tag, "right")  # Goes on without the other.
    read_until("right", len(got["right"]) + 20)
    for name in names:
        source = [packet.digest for tag in tags[name] if (packet := tag.packet())]
        assert got[name] == [digest for digest in source if digest in got[name]], name
    assert millrace.stream("both/left")["publisher"] is None and millrace.stream("both/right")["publisher"]
