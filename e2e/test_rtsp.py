"""RTSP with real clients, in both directions, and with clients that err."""

import re
import shutil
import socket
import sys
import time
from pathlib import Path

import pytest

from harness import clients, frames, material, rtsp
from harness.ports import free_port
from harness.process import Nursery, wait_until
from harness.scale import patience
from harness.server import Millrace, find_millrace

SETTLING = 250  # milliseconds

USERS = """
[[application]]
name = "closed"
auth = "adobe"
users = { cam = "pass word" }
players = true
"""


class House(Millrace):
    """A server with an RTSP port and a film."""

    def __init__(self, nursery, films):
        self.rtsp_port = free_port()
        super().__init__(nursery, config=f"""
{USERS}
[vod]
folders = ["{films}"]
[[listen]]
address = "127.0.0.1:{self.rtsp_port}"
protocols = ["rtsp", "rtsps"]
""")

    def rtsp(self, stream="live/cam", scheme="rtsp", user=""):
        return f"{scheme}://{user}127.0.0.1:{self.rtsp_port}/{stream}"

    def viewers(self):
        return [session for session in self.sessions() if session["protocol"].startswith("rtsp") and session["role"] == "viewer"]


@pytest.fixture(scope="module")
def house(request, tmp_path_factory, sources):
    """live/cam comes by RTMP."""
    if request.config.getoption("--server") != "millrace":
        pytest.skip("only millrace does this")
    films = tmp_path_factory.mktemp("films")
    shutil.copyfile(sources["gop1.mp4"], films / "film.mp4")
    nursery = Nursery(tmp_path_factory.mktemp("rtsp"))
    try:
        server = House(nursery, films)
        clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
        server.wait_live()
        yield server
        server.stop()
    finally:
        nursery.end()


@pytest.fixture
def client(house, nursery):
    return nursery.closes(rtsp.Client(house.rtsp_port))


@pytest.fixture(scope="module")
def source(sources):
    return frames.essence(sources["gop1.flv"])


@pytest.mark.parametrize("way", ["tcp", "udp", "http"])
def test_ffmpeg_plays_what_came_by_rtmp(house, nursery, source, way):
    rtsp.check_same(source, rtsp.ffmpeg_play(nursery, house.rtsp(), "-rtsp_transport", way), seconds=2)


def test_ffmpeg_plays_a_url_with_a_query(house, nursery, source):
    rtsp.check_same(source, rtsp.ffmpeg_play(nursery, house.rtsp() + "?tok=1", "-rtsp_transport", "tcp", seconds=2))


def test_ffmpeg_plays_inside_tls(house, nursery, source):
    rtsp.check_same(source, rtsp.ffmpeg_play(nursery, house.rtsp(scheme="rtsps"), "-rtsp_transport", "tcp", seconds=2))


@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_ffmpeg_publishes(house, nursery, source, way):
    name = f"live/{way}"
    rtsp.ffmpeg_publish(nursery, material.make("gop1.flv"), house.rtsp(name), "-rtsp_transport", way)
    stream = house.wait_live(name)
    assert stream["publisher"]["protocol"] == "rtsp"
    wait_until(lambda: len(house.stream(name)["tracks"]) == 2, patience(10), "both tracks")
    # Over RTSP again, and over HTTP as FLV.
    rtsp.check_same(source, rtsp.ffmpeg_play(nursery, house.rtsp(name), "-rtsp_transport", "tcp"), seconds=2, moves=SETTLING)
    out = nursery.path("out.flv")
    child = nursery.spawn([*clients.FFMPEG, "-i", house.http(f"/{name}.flv"), "-t", "2", "-c", "copy", out], "flv")
    assert child.wait(patience(25)) == 0, child.text
    received = frames.essence(out)
    for kind in frames.KINDS:
        assert len(frames.follow(source[kind], received[kind])) == 1


@pytest.mark.parametrize("protocols", ["tcp", "udp", "http"])
def test_gstreamer_plays(house, nursery, protocols):
    out = nursery.path("gst.ts")
    child = rtsp.gstreamer(
        nursery, "rtspsrc", f"location={house.rtsp(scheme='rtsph' if protocols == 'http' else 'rtsp')}",
        *([] if protocols == "http" else [f"protocols={protocols}"]), "latency=200", "name=in",
        "in.", "!", "rtph264depay", "!", "h264parse", "!", "identity", "eos-after=40", "!", "mpegtsmux", "!", "filesink",
        f"location={out}", seconds=6)
    assert out.exists() and out.stat().st_size > 10000, child.text


@pytest.mark.parametrize("scheme", ["rtsp", "rtspt", "rtsph", "rtsps"])
def test_our_own_player_plays(house, nursery, source, scheme):
    out = nursery.path("own.flv")
    child = nursery.spawn([find_millrace(), "play", "--insecure", house.rtsp(scheme=scheme), "-o", out, "--duration", "2"], "play")
    assert child.wait(patience(25)) == 0, child.text
    received = frames.essence(out)
    for kind in frames.KINDS:
        assert len(frames.follow(source[kind], received[kind])) == 1


def test_users_are_asked_for_their_password(house, nursery, source, client):
    url = house.rtsp("closed/cam")
    status, headers, _ = client.ask("ANNOUNCE", url, "v=0\r\nm=video 0 RTP/AVP 96\r\n", Content_Type="application/sdp")
    assert status == 401 and "SHA-256" in headers["www-authenticate"]
    rtsp.ffmpeg_publish(nursery, material.make("gop1.flv"), house.rtsp("closed/cam", user="cam:pass%20word@"), "-rtsp_transport", "tcp")
    house.wait_live("closed/cam")
    assert client.status("DESCRIBE", url) == 401
    rtsp.check_same(source, rtsp.ffmpeg_play(nursery, house.rtsp("closed/cam", user="cam:pass%20word@"), "-rtsp_transport",
                                             "tcp", seconds=2), moves=SETTLING)


def test_rtp_info_is_what_comes_first(house, client):
    session = client.set_up(house.rtsp())
    status, headers, _ = client.ask("PLAY", house.rtsp(), Session=session, Range="npt=0.000-")
    assert status == 200 and headers["range"] == "npt=now-"
    told = re.findall(r"url=(\S+?);seq=(\d+);rtptime=(\d+)", headers["rtp-info"])
    first = {}
    while len(first) < len(told):
        channel, packet = client.take_frame()
        if channel % 2 == 0:
            first.setdefault(channel // 2, rtsp.rtp(packet))
    assert told and [int(seq) for _, seq, _ in told] == [first[number][0] for number in range(len(told))]
    viewer = house.viewers()[0]
    assert viewer["stream"] == "live/cam" and [track["codec"] for track in viewer["tracks"]] == ["h264", "aac"]
    assert client.status("PAUSE", house.rtsp(), Session=session) == 200
    assert client.status("GET_PARAMETER", house.rtsp(), "position\r\n", Session=session) == 200
    assert client.status("GET_PARAMETER", house.rtsp(), "colour\r\n", Session=session) == 451
    assert client.status("PLAY", house.rtsp(), Session=session) == 200
    assert client.status("TEARDOWN", house.rtsp(), Session=session) == 200
    assert client.status("PLAY", house.rtsp(), Session=session) == 454


def test_channels_are_those_that_the_client_wants(house, client):
    status, _, sdp = client.ask("DESCRIBE", house.rtsp())
    assert status == 200
    control = re.findall(r"a=control:(rtsp\S+)", sdp)[1]
    status, headers, _ = client.ask("SETUP", control, Transport="RTP/AVP/TCP;unicast;interleaved=7-8")
    assert status == 200 and "interleaved=7-8" in headers["transport"]
    assert client.status("PLAY", house.rtsp(), Session=headers["session"]) == 200
    assert {client.take_frame()[0] for _ in range(20)} <= {7, 8}


class Udp:
    """A pair of ports."""

    def __init__(self):
        while True:
            self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.rtp.bind(("127.0.0.1", 0))
            self.port = self.rtp.getsockname()[1]
            self.rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                self.rtcp.bind(("127.0.0.1", self.port + 1))
                break
            except OSError:
                self.rtp.close()
        self.rtp.settimeout(patience(10))


def test_a_session_survives_its_connection(house, client, nursery):
    status, _, sdp = client.ask("DESCRIBE", house.rtsp())
    control = re.findall(r"a=control:(rtsp\S+)", sdp)[0]
    ports = Udp()
    status, headers, _ = client.ask("SETUP", control, Transport=f"RTP/AVP;unicast;client_port={ports.port}-{ports.port + 1}")
    assert status == 200, headers
    session = headers["session"].split(";")[0]
    assert client.status("PLAY", house.rtsp(), Session=session) == 200
    client.close()
    for _ in range(50):
        ports.rtp.recv(2048)
    other = nursery.closes(rtsp.Client(house.rtsp_port))
    assert other.status("PAUSE", house.rtsp(), Session=session) == 200
    assert other.status("TEARDOWN", house.rtsp(), Session=session) == 200


def test_packets_go_to_nobody_else(house, client):
    control = house.rtsp() + "/trackID=0"
    assert client.status("SETUP", control, Transport="RTP/AVP;unicast;client_port=5000-5001;destination=127.0.0.9") == 403
    assert client.status("SETUP", control, Transport="RTP/SAVP;unicast;client_port=5000-5001") == 461


def test_bad_requests_get_their_status(house, client, nursery):
    url = house.rtsp()
    assert client.status("DESCRIBE", house.rtsp("live/nothing")) == 404
    assert client.status("PLAY", url) == 455
    assert client.status("FLY", url) == 501
    assert client.status("PLAY", url, Session="12345678") == 454
    assert client.status("DESCRIBE", url, Require="x.y") == 551
    assert client.status("DESCRIBE", url, Accept="text/html") == 406
    assert client.status("SETUP", url + "/trackID=9", Transport="RTP/AVP/TCP;interleaved=0-1") == 404
    assert client.status("ANNOUNCE", house.rtsp("live/x"), "v=0\r\n", Content_Type="application/sdp") == 415
    client.send("OPTIONS * RTSP/2.0\r\nCSeq: 9\r\n\r\n")
    assert client.answer()[0] == 505
    client.send(b"$\x09\x00\x04abcd")  # of a channel that was never set up
    assert client.status("OPTIONS", url) == 200
    for garbage, status in ((b"SETUP " + b"x" * 5000, 414), (b"OPTIONS * RTSP/1.0\r\nX: " + b"x" * 5000, 400),
                            (b"DESCRIBE rtsp://h/ RTSP/1.0\r\nContent-Length: 9999999\r\n\r\n", 413)):
        bad = nursery.closes(rtsp.Client(house.rtsp_port))
        bad.send(garbage)
        assert bad.answer()[0] == status


def test_a_flood_of_setups_is_limited(house, client):
    statuses = [client.status("SETUP", house.rtsp() + "/trackID=0", Transport="RTP/AVP/TCP;unicast") for _ in range(20)]
    assert statuses.count(200) == 16 and statuses[-1] == 453


def test_pipelined_requests_are_answered_in_order(house, client):
    client.send("".join(f"{method} {house.rtsp()} RTSP/1.0\r\nCSeq: {number}\r\n\r\n"
                        for number, method in enumerate(("DESCRIBE", "OPTIONS", "DESCRIBE", "GET_PARAMETER"))))
    assert [client.answer()[1]["cseq"] for _ in range(4)] == ["0", "1", "2", "3"]


SEEKS = [("npt=0-", 0), ("npt=3.2-", 3), ("npt=10.9-12", 10), ("npt=0:00:05.0-", 5), ("npt=18-", 18), ("npt=1-2", 1),
         ("smpte=0:00:07-", 7), ("smpte-25=0:00:04:10-", 4)]


def test_a_film_is_played_from_any_place(house, client):
    url = house.rtsp("film.mp4")
    session = client.set_up(url)
    assert re.search(r"a=range:npt=0\.000-(19|20)\.", client.sdp), client.sdp
    newest = {}
    for asked, second in SEEKS:
        client.frames.clear()
        status, headers, why = client.ask("PLAY", url, Session=session, Range=asked)
        assert status == 200, (asked, why)
        unit, times = headers["range"].split("=")
        assert unit == asked.split("=")[0].replace("smpte", "smpte-30-drop", asked.startswith("smpte=")), headers
        if unit == "npt":
            assert abs(float(times.split("-")[0]) - second) < 0.2, (asked, headers)
        told = {url[-1]: (int(seq), int(at)) for url, seq, at in
                re.findall(r"url=(\S+?);seq=(\d+);rtptime=(\d+)", headers["rtp-info"])}
        for packet in (packet for channel, packet in client.frames if channel == 0):
            newest[0] = max(newest.get(0, (0, 0)), rtsp.rtp(packet)[:2])
        channel, packet = client.take_frame()
        while channel != 0:
            channel, packet = client.take_frame()
        sequence, at, _ = rtsp.rtp(packet)
        assert told["0"] == (sequence, at)
        if newest:
            assert sequence == newest[0][0] + 1 and at > newest[0][1], "numbers and times go on"
        newest[0] = (sequence, at)
    for asked, status in (("npt=100-", 457), ("npt=5-4", 457), ("frames=5-", 501), ("npt=now-", 457)):
        assert client.status("PLAY", url, Session=session, Range=asked) == status, asked
    status, headers, _ = client.ask("PLAY", url, Session=session, Range="npt=19-", Scale="-4")
    assert status == 200 and float(headers["scale"]) == -4
    assert client.status("PAUSE", url, Session=session) == 200


def test_a_range_ends(house, client):
    url = house.rtsp("film.mp4")
    session = client.set_up(url)
    began = time.monotonic()
    assert client.status("PLAY", url, Session=session, Range="npt=2-3") == 200
    goodbyes = 0
    while goodbyes < 2:
        channel, packet = client.take_frame()
        goodbyes += channel % 2 == 1 and b"\xcb" in packet[8:]
    assert time.monotonic() - began < patience(8)
    assert client.status("PLAY", url, Session=session, Range="npt=4-5") == 200


def test_ffmpeg_seeks_in_a_film(house, nursery, sources):
    received = rtsp.ffmpeg_play(nursery, house.rtsp("film.mp4"), "-rtsp_transport", "tcp", "-ss", "6", seconds=2)
    source = frames.essence(sources["gop1.mp4"])
    for kind in frames.KINDS:
        (_, start, _), = frames.follow(source[kind], received[kind])
        assert 4500 <= source[kind][start].pts <= 6500


@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_gstreamer_publishes(house, nursery, source, way):
    name = f"live/gst-{way}"
    nursery.spawn(["gst-launch-1.0", "-q", "filesrc", f"location={material.make('gop1.flv')}", "!", "flvdemux", "name=in",
                   "rtspclientsink", "name=out", f"location={house.rtsp(name)}", f"protocols={way}",
                   "in.video", "!", "queue", "!", "h264parse", "!", "clocksync", "!", "out.",
                   "in.audio", "!", "queue", "!", "aacparse", "!", "clocksync", "!", "out."], "gst-rtsp-publish")
    house.wait_live(name)
    wait_until(lambda: len(house.stream(name)["tracks"]) == 2, patience(10), "both tracks")
    received = rtsp.ffmpeg_play(nursery, house.rtsp(name), "-rtsp_transport", "tcp", seconds=2)
    for kind in frames.KINDS:
        assert len(frames.follow(source[kind], received[kind])) == 1


def test_our_own_publisher_publishes(house, nursery, source):
    clients.millrace_publish(nursery, material.make("gop1.flv"), house.rtsp("live/own"))
    house.wait_live("live/own")
    wait_until(lambda: len(house.stream("live/own")["tracks"]) == 2, patience(10), "both tracks")
    rtsp.check_same(source, rtsp.ffmpeg_play(nursery, house.rtsp("live/own"), "-rtsp_transport", "tcp", seconds=2), moves=SETTLING)


@pytest.mark.parametrize("scheme", ["rtsp", "rtspt"])
def test_our_own_player_plays_from_gstreamers_server(nursery, source, scheme):
    script = Path(rtsp.__file__).with_name("gst_rtsp_server.py")
    out = nursery.path("own.flv")
    for attempt in range(4):
        port = free_port()
        server = nursery.spawn([sys.executable, script, port, material.make("gop1.flv")], f"gst-rtsp-server-{attempt}")
        server.wait_for("serving", patience(20))
        child = nursery.spawn([find_millrace(), "play", f"{scheme}://127.0.0.1:{port}/film", "-o", out, "--duration", "2"],
                              f"play-{attempt}")
        status = child.wait(patience(30))
        if server.popen.poll() is None:  # Now and then that server aborts.
            break
    assert status == 0, child.text
    received = frames.essence(out)
    for kind in frames.KINDS:
        assert len(frames.follow(source[kind], received[kind])) == 1
