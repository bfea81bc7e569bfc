"""MPEG-TS: over HTTP both ways, over UDP both ways, on the command line; and HLS of other servers as a source."""

import http.server
import os
import socket
import subprocess
import threading
import time

import pytest

from harness import clients, frames
from harness.clients import FFMPEG
from harness.ports import free_port
from harness.process import wait_until
from harness.server import find_millrace
from harness.transport import Walk
from test_relay import QUICK, pull, push

PATH = "/live/cam.ts"


@pytest.fixture(scope="module")
def source(sources):
    return frames.essence(sources["gop1.flv"])


def fetched(nursery, url, seconds, name):
    """The bytes of a live stream of so many seconds."""
    path = nursery.path(name)
    with socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0])), 10) as sock, open(path, "wb") as out:
        sock.sendall(f"GET /{url.split('/', 3)[3]} HTTP/1.0\r\n\r\n".encode())
        sock.settimeout(10)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += sock.recv(65536)
        head, rest = answer.split(b"\r\n\r\n", 1)
        out.write(rest)
        until = time.monotonic() + seconds
        size = len(rest)
        while time.monotonic() < until or not size:
            data = sock.recv(65536)
            size += len(data)
            out.write(data)
    return head.decode(), path


def recorded(nursery, argv, name, seconds=3, env=None):
    """Runs a player that writes MPEG-TS to its standard output, until there is enough; gives the file."""
    path = nursery.path(name)
    with open(path, "wb") as out:
        child = nursery.spawn(argv, name, stdout=out, env=env)
        wait_until(lambda: path.stat().st_size > 50_000 * seconds or not child.running(), 60, f"{name} has written")
        child.interrupt(15)
    return path


def check_piece(source, path, **how):
    """A TS file that was cut off anywhere: what is whole in it is the source's."""
    media = frames.essence(path)
    frames.check_same(source, {kind: track[:-1] for kind, track in media.items()}, **{"tolerance": 1.5, **how})


def test_the_stream_keeps_the_rules_and_has_the_frames(live, nursery, source):
    head, path = fetched(nursery, live.http(PATH), 3.5, "got.ts")
    assert head.startswith("HTTP/1.0 200") and "video/mp2t" in head
    data = path.read_bytes()
    Walk(data[:len(data) // 188 * 188]).check()
    check_piece(source, path, key_first=False, seconds=2)
    viewer = live.stream()
    assert viewer["state"] == "live"


def test_head_and_what_is_not_there(live):
    status, headers, _ = live.request(PATH, method="HEAD")
    assert status == 200 and headers["content-type"] == "video/mp2t"
    assert live.request("/live/nothing.ts")[0] == 404
    status, _, body = live.request("/live/cam.ts?audio_track=3&video_track=3")
    assert status == 404 and b"no track of this stream can go out as MPEG-TS" in body


def test_ffmpeg_and_gstreamer_and_vlc_play_it(live, nursery, source):
    url = live.http(PATH)
    path = recorded(nursery, [*FFMPEG, "-i", url, "-map", "0:v", "-map", "0:a", "-c", "copy", "-copyts", "-f", "mpegts", "-"],
                    "ffmpeg.ts")
    check_piece(source, path)
    flv = nursery.path("gst.flv")
    child = nursery.spawn(
        ["gst-launch-1.0", "-q", "-e", "souphttpsrc", f"location={url}", "!", "tsdemux", "name=in",
         "flvmux", "name=out", "!", "filesink", f"location={flv}",
         "in.", "!", "queue", "!", "h264parse", "!", "video/x-h264,stream-format=avc", "!", "out.video",
         "in.", "!", "queue", "!", "aacparse", "!", "audio/mpeg,stream-format=raw", "!", "out.audio"], "gst")
    wait_until(lambda: flv.exists() and flv.stat().st_size > 200_000 or not child.running(), 60, "GStreamer has written")
    child.interrupt(15)
    received = frames.essence(flv)
    assert len(frames.follow(source["video"], received["video"][1:-1])) == 1
    player = clients.vlc_play(nursery, url)
    wait_until(lambda: player.path.stat().st_size > 250_000, 60, "VLC has written")
    player.interrupt(15)
    received = frames.essence(player.path)
    assert len(frames.follow(source["video"], received["video"][1:-1])) == 1


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_ffmpeg_publishes_ts_over_http(live, nursery, sources, source, method):
    name = f"live/up-{method.lower()}"
    publisher = nursery.spawn([*FFMPEG, "-re", "-i", sources["gop1.ts"], "-c", "copy", "-f", "mpegts", "-method", method,
                               live.http(f"/{name}.ts")], "ffmpeg-up")
    stream = live.wait_live(name)
    assert stream["publisher"]["protocol"] == "http-ts"
    player = clients.ffmpeg_play(nursery, live.rtmp(name))
    player.recording.wait_for_media(2)
    player.interrupt(10)
    publisher.interrupt(10)
    frames.check_same(source, frames.essence(player.recording.join().path), tolerance=1.5)


def test_what_is_no_ts_is_refused(live):
    with socket.create_connection(("127.0.0.1", live.http_port), 10) as sock:
        sock.sendall(b"PUT /live/junk.ts HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\n" + b"\x46" * 100_000)
        sock.settimeout(10)
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400") and b"no MPEG-TS file" in answer


def test_files_are_published_and_written_by_the_command_line(live, nursery, sources, source):
    clients.millrace_publish(nursery, sources["gop1.ts"], live.rtmp("live/file"))
    live.wait_live("live/file")
    out = nursery.path("out.ts")
    assert nursery.run([find_millrace(), "play", "-q", live.http("/live/file.ts"), "-o", out, "--duration", "3"], 40)[0] == 0
    Walk(out.read_bytes()).check()
    frames.check_same(source, frames.essence(out), seconds=2, tolerance=1.5)
    status, text = nursery.run([find_millrace(), "probe", "--json", "--duration", "1.5", live.http("/live/file.ts")], 30)
    assert '"h264"' in text and '"aac"' in text, text


def test_udp_comes_in_and_goes_out(start_millrace, nursery, sources, source):
    into, out = free_port(), free_port()
    server = start_millrace(config=QUICK + pull("live/in", f"udp://127.0.0.1:{into}")
                            + push("live/in", f"udp://239.12.13.14:{out}?iface=127.0.0.1&ttl=1"))
    path = nursery.path("udp.ts")
    hearing = hear(nursery, f"udp://239.12.13.14:{out}?localaddr=127.0.0.1&fifo_size=100000", path)
    nursery.spawn([*FFMPEG, "-re", "-stream_loop", "-1", "-i", sources["gop1.ts"], "-c", "copy", "-f", "mpegts",
                   f"udp://127.0.0.1:{into}?pkt_size=1316"], "ffmpeg-to-udp")
    server.wait_live("live/in")
    raw = datagrams("239.12.13.14", out, 400)
    assert all(len(datagram) == 7 * 188 for _, datagram in raw)
    assert Walk(whole(b"".join(datagram for _, datagram in raw))).problems == []
    wait_until(lambda: path.exists() and path.stat().st_size > 250_000, 60, "ffmpeg has heard enough")
    hearing.interrupt(15)
    frames.check_same(source, frames.essence(path), tolerance=1.5, runs=2)
    heard = nursery.path("heard.ts")
    assert nursery.run([find_millrace(), "play", "-q", f"udp://@239.12.13.14:{out}?iface=127.0.0.1", "-o", heard,
                        "--duration", "2"], 40)[0] == 0
    frames.check_same(source, frames.essence(heard), tolerance=1.5, runs=2)


def hear(nursery, url, path):
    return nursery.spawn([*FFMPEG, "-i", url, "-map", "0:v", "-map", "0:a", "-c", "copy", "-copyts", "-f", "mpegts", path],
                         "ffmpeg-udp")


def datagrams(group, port, count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((group, port))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton("127.0.0.1"))
        sock.settimeout(20)
        return [(time.monotonic(), sock.recv(65536)) for _ in range(count)]


def whole(data):
    """From the first tables on."""
    at = next(i for i in range(0, len(data), 188) if data[i + 1:i + 3] == b"\x40\x00")
    return data[at:]


def test_the_command_line_sends_over_udp(nursery, sources, source):
    port = free_port()
    path = nursery.path("sent.ts")
    hearing = hear(nursery, f"udp://127.0.0.1:{port}?fifo_size=100000", path)
    nursery.spawn([find_millrace(), "publish", "-q", "--loop", sources["gop1.flv"], f"udp://127.0.0.1:{port}"], "publish-udp")
    wait_until(lambda: path.exists() and path.stat().st_size > 200_000, 60, "ffmpeg has heard enough")
    hearing.interrupt(15)
    frames.check_same(source, frames.essence(path), tolerance=1.5, runs=2, key_first=False)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """Python's own web server over a folder."""
    folder = tmp_path_factory.mktemp("hls")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Quiet(*args, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def make_hls(folder, source, kind):
    """HLS by ffmpeg, of what is recorded."""
    folder.mkdir()
    extra = {"ts": [], "fmp4": ["-hls_segment_type", "fmp4"], "encrypted": ["-hls_key_info_file", "key.info"],
             "ranges": ["-hls_flags", "single_file"]}[kind]
    if kind == "encrypted":
        (folder / "the.key").write_bytes(os.urandom(16))
        (folder / "key.info").write_text("the.key\nthe.key\n")
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, "-c", "copy", "-f", "hls", "-hls_time", "2",
                    "-hls_playlist_type", "vod", *extra, "index.m3u8"], cwd=folder, check=True, timeout=60)


@pytest.mark.parametrize("kind", ["ts", "fmp4", "encrypted", "ranges"])
def test_hls_that_is_recorded_is_played_whole(origin, nursery, sources, kind):
    folder, url = origin
    make_hls(folder / kind, sources["short.flv"], kind)
    out = nursery.path("out.flv")
    status, text = nursery.run([find_millrace(), "play", "-q", f"{url}/{kind}/index.m3u8", "-o", out], 60)
    assert status == 0, text
    short, received = frames.essence(sources["short.flv"]), frames.essence(out)
    frames.check_same(short, received, tolerance=1.5, seconds=4)
    assert len(received["video"]) == len(short["video"])
    assert abs(len(received["audio"]) - len(short["audio"])) <= 1


@pytest.mark.parametrize("kind", ["mpegts", "fmp4"])
def test_live_hls_is_pulled(origin, start_millrace, nursery, sources, source, kind):
    folder, url = origin
    (folder / f"live-{kind}").mkdir()
    nursery.spawn([*FFMPEG, "-re", "-stream_loop", "-1", "-i", sources["gop1.flv"], "-c", "copy", "-f", "hls", "-hls_time", "1",
                   "-hls_list_size", "5", "-hls_flags", "delete_segments", "-hls_segment_type", kind, "index.m3u8"],
                  "ffmpeg-hls", cwd=folder / f"live-{kind}")
    wait_until(lambda: (folder / f"live-{kind}" / "index.m3u8").exists(), 30, "ffmpeg has made a playlist")
    server = start_millrace(config=QUICK + pull("live/hls", f"{url}/live-{kind}/index.m3u8"))
    server.wait_live("live/hls", 30)
    player = clients.ffmpeg_play(nursery, server.rtmp("live/hls"))
    player.recording.wait_for_media(4)
    player.interrupt(10)
    frames.check_same(source, frames.essence(player.recording.join().path), tolerance=1.5, seconds=2)


def test_our_own_hls_is_played(start_millrace, nursery, sources, source):
    # A stream of its own: where a looped source begins again, its sound is up to a frame off, which HLS smooths over.
    live = start_millrace()
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], live.rtmp())
    live.wait_live()
    out = nursery.path("own.flv")
    status, text = nursery.run([find_millrace(), "play", "-q", live.http("/live/cam.m3u8"), "-o", out, "--duration", "4"], 60)
    assert status == 0, text
    frames.check_same(source, frames.essence(out), tolerance=1.5, seconds=3)
