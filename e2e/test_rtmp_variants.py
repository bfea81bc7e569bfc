"""RTMPS, RTMPE, RTMPT, RTMPTE, RTMPTS on one port, in both directions, with clients of others and our own."""

import hashlib
import http.client
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest

from harness import clients, frames
from harness.process import Nursery, wait_until
from harness.scale import patience
from harness.server import Millrace, Nginx, find_nginx

FAMILY = ("rtmp", "rtmps", "rtmpe", "rtmpt", "rtmpte", "rtmpts")
# This ffmpeg is built without RTMPE, and GStreamer's elements have neither RTMPE nor tunnels.
PLAYERS = {
    "rtmpdump": (clients.rtmpdump, FAMILY),
    "ffmpeg": (clients.ffmpeg_play, ("rtmp", "rtmps", "rtmpt", "rtmpts")),
    "gstreamer": (clients.gstreamer_play, ("rtmp", "rtmps")),
    "millrace": (clients.millrace_play, FAMILY),
}
PUBLISHERS = {
    "ffmpeg": (clients.ffmpeg_publish, ("rtmps", "rtmpt", "rtmpts")),
    "gstreamer": (clients.gstreamer_publish, ("rtmps",)),
    "millrace": (clients.millrace_publish, FAMILY),
}


@pytest.fixture(scope="module")
def family(tmp_path_factory, sources):
    """A server that speaks all of them on one port, with live/cam on it."""
    nursery = Nursery(tmp_path_factory.mktemp("family"))
    try:
        server = Millrace(nursery, protocols=(*FAMILY, "http", "https"))
        clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
        server.wait_live()
        yield server
        server.stop()
    finally:
        nursery.end()


@pytest.mark.parametrize("player", PLAYERS)
def test_a_player_gets_the_same_frames_over_each_variant(family, nursery, sources, player):
    play, schemes = PLAYERS[player]
    running = {scheme: play(nursery, family.rtmp(scheme=scheme)) for scheme in schemes}
    for scheme, child in running.items():
        child.recording.wait_for_media(3)
    protocols = {session["protocol"] for session in family.sessions() if session["role"] == "viewer"}
    assert set(schemes) <= protocols, f"the API shows {protocols}"
    for scheme, child in running.items():
        child.interrupt(10)
        child.recording.join()
        frames.check_same(sources.packets("gop1.flv"), frames.probe(child.recording.path))


@pytest.mark.parametrize("publisher,scheme", [(name, scheme) for name, (_, schemes) in PUBLISHERS.items() for scheme in schemes])
def test_a_publisher_is_heard_over_each_variant(start_millrace, nursery, sources, publisher, scheme):
    server = start_millrace(protocols=FAMILY)
    publish, _ = PUBLISHERS[publisher]
    publish(nursery, sources["gop1.flv"], server.rtmp(scheme=scheme))
    assert server.wait_live()["publisher"]["protocol"] == scheme
    player = clients.ffmpeg_play(nursery, server.rtmp())
    player.recording.wait_for_media(3)
    player.interrupt(10)
    player.recording.join()
    if publisher == "gstreamer":  # Its muxer moves composition offsets: see test_gstreamer_publishes.
        assert frames.probe(player.recording.path)["video"]
    else:
        frames.check_same(sources.packets("gop1.flv"), frames.probe(player.recording.path))


def test_our_client_publishes_to_another_server_and_plays_from_it(nursery, sources):
    assert find_nginx(), "./test unpacks nginx with its RTMP module"
    nginx = Nginx(nursery)
    clients.millrace_publish(nursery, sources["gop1.flv"], nginx.rtmp())
    theirs = clients.ffmpeg_play(nursery, nginx.rtmp())
    theirs.recording.wait_for_media(1)
    ours = clients.millrace_play(nursery, nginx.rtmp())
    for player in (theirs, ours):
        player.recording.wait_for_media(3)
        player.interrupt(10)
        player.recording.join()
        frames.check_same(sources.packets("gop1.flv"), frames.probe(player.recording.path))
    nginx.stop()


def test_flv_comes_over_https_and_wss(family, nursery, sources):
    for scheme in ("https", "wss"):
        child = clients.millrace_play(nursery, family.rtmp("live/cam.flv", scheme))
        child.recording.wait_for_media(3)
        child.interrupt(10)
        child.recording.join()
        frames.check_same(sources.packets("gop1.flv"), frames.probe(child.recording.path))


@pytest.mark.parametrize("scheme", FAMILY[1:])
def test_a_variant_that_is_switched_off_is_refused_with_a_line_in_the_log(start_millrace, nursery, scheme):
    server = start_millrace(protocols=tuple(name for name in FAMILY if name != scheme))
    child = clients.millrace_play(nursery, server.rtmp(scheme=scheme))
    assert child.wait(patience(15)) == 1, child.text
    refused = {"rtmpte": "RTMPE", "rtmpt": "rtmpt is not spoken", "rtmpts": "rtmpts is not spoken"}.get(
        scheme, f"{scheme} is not spoken")
    wait_until(lambda: refused in server.child.text, 5, f"the log names {scheme}")


def test_our_client_demands_a_certificate_that_it_can_trust(family, nursery):
    child = nursery.spawn([family.binary, "probe", family.rtmp(scheme="rtmps")], "probe")
    assert child.wait(patience(15)) == 1
    assert "its certificate is not trusted: self-signed certificate; --insecure takes any" in child.text


def make_pair(folder, name):
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def test_a_changed_certificate_is_used_without_a_restart(start_millrace, nursery, tmp_path):
    certificate, key = make_pair(tmp_path, "first")
    server = start_millrace(protocols=("rtmps",), config=f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
    address = ("127.0.0.1", server.rtmp_port)
    before = ssl.get_server_certificate(address)
    assert before.strip() == certificate.read_text().strip()
    fresh, fresh_key = make_pair(tmp_path, "second")
    key.write_text(fresh_key.read_text())
    certificate.write_text(fresh.read_text())
    server.child.popen.send_signal(signal.SIGHUP)
    wait_until(lambda: ssl.get_server_certificate(address).strip() == fresh.read_text().strip(), patience(15),
               "the new certificate is shown")


def test_a_self_signed_pair_is_made_once_and_said(start_millrace):
    server = start_millrace(protocols=("rtmps",))
    assert "a self-signed one was made" in server.child.text
    assert (server.data / "tls" / "key.pem").stat().st_mode & 0o077 == 0


def test_garbage_inside_and_instead_of_tls_harms_nobody(family):
    for garbage in (b"\x16" * 3000, b"\x16\x03\x01\xff\xff" + bytes(5000), b"\x16"):
        with socket.create_connection(("127.0.0.1", family.rtmp_port), patience(15)) as peer:
            peer.sendall(garbage)
            peer.shutdown(socket.SHUT_WR)
            peer.settimeout(patience(15))
            try:
                while peer.recv(4096):
                    pass
            except ConnectionResetError:
                pass
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", family.rtmp_port), patience(15)) as raw:
        with context.wrap_socket(raw) as peer:
            peer.sendall(b"\xff no protocol that anybody knows")
            peer.settimeout(patience(15))
            assert peer.recv(100) == b""
    assert family.wait_live()


class Tunnel:
    """RTMPT by hand, on as many connections as wanted."""

    def __init__(self, server):
        self.server = server
        status, body = self.post("/open/1", b"\0")
        assert status == 200 and body.endswith(b"\n")
        self.id = body.decode().strip()

    def post(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.rtmp_port, timeout=patience(20))
        connection.request("POST", path, body, {"Content-Type": "application/x-fcs"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def ask(self, verb, number, body=b"\0"):
        return self.post(f"/{verb}/{self.id}/{number}", body)


C0C1 = bytes([3]) + bytes(8) + hashlib.shake_128(b"c1").digest(1528)


def test_a_tunnel_answers_the_handshake_in_the_request_that_brings_it(family):
    tunnel = Tunnel(family)
    status, body = tunnel.ask("send", 0, C0C1)
    assert status == 200 and len(body) == 1 + 3073 and body[:2] == b"\x01\x03"


def test_a_tunnel_takes_requests_in_order_whatever_connection_they_come_on(family):
    from concurrent.futures import ThreadPoolExecutor
    tunnel = Tunnel(family)
    pieces = [C0C1[:500], C0C1[500:1000], C0C1[1000:]]
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(tunnel.ask, "send", number, pieces[number]) for number in (2, 1)]
        assert tunnel.ask("send", 0, pieces[0])[0] == 200
        bodies = [answer.result() for answer in answers]
    assert [status for status, _ in bodies] == [200, 200]
    assert len(bodies[0][1]) == 1 + 3073


def test_a_tunnel_repeats_its_newest_answer_and_no_older_one(family):
    tunnel = Tunnel(family)
    first = tunnel.ask("send", 0, C0C1)
    assert tunnel.ask("send", 0, C0C1) == first
    assert tunnel.ask("idle", 1)[0] == 200
    status, body = tunnel.ask("send", 0, C0C1)
    assert status == 400 and b"answered before" in body


def test_a_tunnel_says_what_is_wrong_with_a_request(family):
    tunnel = Tunnel(family)
    status, body = tunnel.ask("idle", 100)
    assert status == 400 and b"missing" in body
    assert tunnel.post("/send/0000feedfeedfeed/0", b"x")[0] == 404
    assert tunnel.post("/send/nonsense/0", b"x")[0] == 404
    assert tunnel.post("/fcs/ident2", b"\0")[0] == 404
    assert Tunnel(family).ask("send", 0, bytes(1 << 21))[0] == 413
    closing = Tunnel(family)
    assert closing.ask("close", 0) == (200, b"\0")
    assert closing.ask("idle", 1)[0] == 404


def test_a_tunnel_that_is_given_garbage_is_closed(family):
    tunnel = Tunnel(family)
    tunnel.ask("send", 0, b"\xff" * 2000)
    wait_until(lambda: tunnel.ask("idle", 1)[0] == 404, patience(10), "the session is gone")


@pytest.mark.slow
def test_a_tunnel_that_nobody_asks_for_is_forgotten(family):
    tunnel = Tunnel(family)
    assert tunnel.ask("send", 0, C0C1)[0] == 200
    time.sleep(22)  # Its limit is 20 s.
    assert tunnel.ask("idle", 1)[0] == 404
