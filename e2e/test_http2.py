"""HTTP/2 with clients of others: pages, live streams out and in, many requests at once, a reader that is too slow, garbage."""

import re
import socket
import ssl
import subprocess

import pytest

from harness import clients, frames
from harness.process import Nursery, wait_until
from harness.scale import patience
from harness.server import Millrace

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@pytest.fixture(scope="module")
def secure(tmp_path_factory, sources):
    nursery = Nursery(tmp_path_factory.mktemp("http2"))
    try:
        server = Millrace(nursery, protocols=("rtmp", "http", "https"))
        clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
        server.wait_live()
        yield server
        server.stop()
    finally:
        nursery.end()


def url(server, path, scheme="https"):
    return f"{scheme}://127.0.0.1:{server.rtmp_port if scheme == 'https' else server.http_port}{path}"


def curl(*arguments):
    return subprocess.run(["curl", "-sk", "--max-time", str(patience(30)), *map(str, arguments)], capture_output=True,
                          check=True, timeout=patience(60)).stdout.decode()


@pytest.mark.parametrize("how", ["--http2", "--http2-prior-knowledge"])
def test_pages_come_over_http2(secure, how):
    scheme = "https" if how == "--http2" else "http"
    out = curl(how, "-D", "-", url(secure, "/api/v1/streams", scheme))
    assert out.startswith("HTTP/2 200") and '"live/cam"' in out
    assert "transfer-encoding" not in out.lower() and "connection:" not in out.lower()
    assert curl(how, "-o", "/dev/null", "-w", "%{http_code}", url(secure, "/no/such.flv", scheme)) == "404"
    head = curl(how, "-I", url(secure, "/", scheme))
    assert "content-length" in head


def test_a_live_stream_comes_over_http2(secure, nursery, sources):
    player = clients.curl(nursery, url(secure, "/live/cam.flv"), "--http2")
    player.recording.wait_for_media(3)
    frames.check_same(sources.packets("gop1.flv"), player.recording.packets())


def test_a_stream_is_published_over_http2(secure, nursery, sources):
    child = nursery.spawn(["curl", "-sk", "--http2", "--limit-rate", str(sources["short.flv"].stat().st_size // 5),
                           "-T", sources["short.flv"], url(secure, "/live/put.flv")], "curl")
    secure.wait_live("live/put")
    player = clients.ffmpeg_play(nursery, secure.rtmp("live/put"))
    assert child.wait(patience(30)) == 0
    assert "published" in child.text
    player.recording.wait_for_media(1)
    frames.check_same(sources.packets("short.flv"), player.recording.packets())


def test_many_requests_share_connections(secure):
    out = subprocess.run(["h2load", "-n", "1000", "-c", "4", "-m", "50", url(secure, "/healthz")], capture_output=True,
                         timeout=patience(60), check=True).stdout.decode()
    assert re.search(r"1000 succeeded, 0 failed", out), out


def test_a_stream_that_is_read_too_slowly_is_dealt_with_as_over_http1(start_millrace, nursery, sources):
    server = start_millrace()
    clients.ffmpeg_publish(nursery, sources["heavy.flv"], server.rtmp())
    server.wait_live()
    nursery.spawn(["curl", "-s", "--http2-prior-knowledge", "--limit-rate", "20k", "-o", "/dev/null",
                   server.http("/live/cam.flv?max_latency=0.5")], "curl")
    def slow():
        viewers = [session for session in server.sessions() if session["role"] == "viewer"]
        return viewers and (viewers[0]["skips"] > 0 or viewers[0]["state"] == "audio_only")
    wait_until(slow, patience(30), "the API says that it is too slow")


def test_garbage_ends_its_connection_alone(secure):
    for garbage in (b"\xff" * 200, b"\x00\x40\x00\x00\x00\x00\x00\x00\x00" + bytes(16384), b"\x00\x00\x04\x08\x00\x00\x00\x00\x00" + bytes(4)):
        with socket.create_connection(("127.0.0.1", secure.http_port), timeout=patience(10)) as plug:
            plug.sendall(PREFACE + garbage)
            while plug.recv(4096):
                pass  # What it says before it closes.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", secure.rtmp_port), timeout=patience(10)) as plug:
        with context.wrap_socket(plug) as tls:
            assert tls.selected_alpn_protocol() == "h2"
    assert curl("--http2", url(secure, "/healthz"))
