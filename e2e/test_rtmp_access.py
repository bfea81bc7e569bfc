"""Who may publish and play: challenge authentication, SWF verification, redirects and reconnect requests with real clients."""

import base64
import hashlib
import hmac
import signal
import urllib.error
import urllib.request
import zlib

import pytest

from harness import clients, frames
from harness.ports import free_port
from harness.process import wait_until
from harness.scale import patience
from harness.server import find_millrace

USERS = """
[[application]]
name  = "live"
auth  = "{scheme}"
users = {{ u1 = "secret" }}
"""


def with_user(url, user="u1", password="secret"):
    return url.replace("rtmp://", f"rtmp://{user}:{password}@")


def command(nursery, *arguments):
    return nursery.spawn([find_millrace(), *arguments], f"millrace-{arguments[0]}")


def count(server, name):
    """A counter of /metrics, over all of its reasons."""
    return sum(value for key, value in server.metrics().items() if key.split("{")[0] == f"millrace_{name}_total")


@pytest.mark.parametrize("scheme", ["adobe", "llnw"])
def test_ffmpeg_publishes_with_a_password(start_millrace, nursery, sources, scheme):
    server = start_millrace(config=USERS.format(scheme=scheme))
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], with_user(server.rtmp()))
    server.wait_live()
    player = clients.ffmpeg_play(nursery, server.rtmp())
    player.recording.wait_for_media(2)
    player.interrupt(10)
    frames.check_same(sources.packets("gop1.flv"), frames.probe(player.recording.join().path))
    assert count(server, "rtmp_challenged") == 2
    assert "live is u1" in server.child.text


@pytest.mark.parametrize("scheme", ["adobe", "llnw"])
@pytest.mark.parametrize("user, password, reason", [("u1", "guess", "wrong password"), ("u2", "secret", "no such user")])
def test_ffmpeg_is_refused_with_another_password(start_millrace, nursery, sources, scheme, user, password, reason):
    server = start_millrace(config=USERS.format(scheme=scheme))
    url = with_user(server.rtmp(), user, password)
    child = clients.ffmpeg_publish(nursery, sources["gop1.flv"], url, started=False)
    assert child.wait(patience(10)) != 0
    assert server.metrics()[f'millrace_rtmp_refused_total{{reason="{reason}"}}'] >= 1
    assert f"live: refused as {user}: {reason}" in server.child.text
    assert server.stream() is None


def test_gstreamer_publishes_with_a_password(start_millrace, nursery, sources):
    server = start_millrace(config=USERS.format(scheme="adobe"))
    clients.gstreamer_publish(nursery, sources["gop1.flv"], with_user(server.rtmp()))
    server.wait_live()


def test_who_has_no_password_may_play_but_not_publish(start_millrace, nursery, sources):
    server = start_millrace(config=USERS.format(scheme="adobe"))
    child = clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp(), started=False)
    assert child.wait(patience(10)) != 0
    status, _, body = server.request("/live/cam.flv", "POST")
    assert status == 401 and b"password" in body, (status, body)
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], with_user(server.rtmp()))
    server.wait_live()
    player = clients.rtmpdump(nursery, server.rtmp())
    player.recording.wait_for_media(1)


@pytest.mark.parametrize("scheme", ["adobe", "llnw"])
def test_our_own_client_publishes_with_a_password(start_millrace, nursery, sources, scheme):
    server = start_millrace(config=USERS.format(scheme=scheme))
    command(nursery, "publish", "--loop", sources["gop1.flv"], with_user(server.rtmp()))
    server.wait_live()
    player = clients.ffmpeg_play(nursery, server.rtmp())
    player.recording.wait_for_media(2)
    frames.check_same(sources.packets("gop1.flv"), player.recording.packets())


@pytest.mark.parametrize("credentials, what", [(None, "asks for a user and a password"), (("u1", "guess"), "does not accept"),
                                              (("u2", "secret"), "does not know this user")])
def test_our_own_client_says_what_is_wrong_with_a_password(start_millrace, nursery, sources, credentials, what):
    server = start_millrace(config=USERS.format(scheme="adobe"))
    url = with_user(server.rtmp(), *credentials) if credentials else server.rtmp()
    child = command(nursery, "publish", sources["gop1.flv"], url)
    assert child.wait(patience(10)) == 1
    assert what in child.text, child.text
    assert "guess" not in child.text and "guess" not in server.child.text


def swf_file(folder, compressed):
    """A file with a SWF head; its hash and size as rtmpdump wants them."""
    plain = b"FWS\x09" + (1008).to_bytes(4, "little") + bytes(range(250)) * 4
    path = folder / ("cws.swf" if compressed else "fws.swf")
    path.write_bytes(b"C" + plain[1:8] + zlib.compress(plain[8:]) if compressed else plain)
    digest = hmac.new(b"Genuine Adobe Flash Player 001", plain, hashlib.sha256).hexdigest()
    return path, digest, len(plain)


@pytest.mark.parametrize("compressed", [False, True], ids=["FWS", "CWS"])
def test_rtmpdump_proves_that_it_is_a_swf_file(start_millrace, nursery, sources, tmp_path, compressed):
    path, digest, size = swf_file(tmp_path, compressed)
    server = start_millrace(config=f"""
[[application]]
name  = "flash"
auth  = "adobe"
users = {{ u1 = "secret" }}
swf   = ["{path}"]
""")
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], with_user(server.rtmp("flash/cam")))
    server.wait_live("flash/cam")
    player = clients.rtmpdump(nursery, server.rtmp("flash/cam"), "--swfhash", digest, "--swfsize", str(size))
    player.recording.wait_for_media(2)
    frames.check_same(sources.packets("gop1.flv"), player.recording.packets())
    wrong = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    clients.rtmpdump(nursery, server.rtmp("flash/cam"), "--swfhash", wrong, "--swfsize", str(size), name="rtmpdump-wrong")
    wait_until(lambda: "did not prove in time that it is one of the SWF files" in server.child.text, patience(10),
               "the wrong file is closed")
    assert server.request("/flash/cam.flv")[0] == 403


@pytest.mark.parametrize("compressed", [False, True], ids=["FWS", "CWS"])
def test_our_own_player_proves_that_it_is_a_swf_file(start_millrace, nursery, sources, tmp_path, compressed):
    path, _, _ = swf_file(tmp_path, compressed)
    server = start_millrace(config=USERS.format(scheme="adobe") + f'swf = ["{path}"]\n')
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], with_user(server.rtmp()))
    server.wait_live()
    player = command(nursery, "play", "--swf", path, "--duration", "1", server.rtmp())
    assert player.wait(patience(15)) == 0, player.text
    other = tmp_path / "other.swf"
    other.write_bytes(b"FWS\x09" + (108).to_bytes(4, "little") + bytes(100))
    player = command(nursery, "play", "--swf", other, "--duration", "1", server.rtmp())
    assert player.wait(patience(15)) == 1
    assert "SWF" in player.text, player.text


def test_publishing_over_http_takes_the_same_password(start_millrace, nursery, sources):
    server = start_millrace(config=USERS.format(scheme="adobe"))
    flv = sources["gop1.flv"].read_bytes()
    token = base64.b64encode(b"u1:secret").decode()
    for authorization, status in ((None, 401), ("Basic " + base64.b64encode(b"u1:guess").decode(), 401), ("Basic " + token, 200)):
        headers = {"Authorization": authorization} if authorization else {}
        request = urllib.request.Request(server.http("/live/cam.flv"), flv, headers, method="POST")
        try:
            got = urllib.request.urlopen(request, timeout=patience(10)).status
        except urllib.error.HTTPError as refusal:
            got = refusal.code
        except (urllib.error.URLError, ConnectionError):
            got = 401 if server.metrics().get('millrace_http_refused_total{reason="401"}') else None
        assert got == status, authorization


def test_our_own_client_follows_a_redirect(start_millrace, nursery, sources):
    there = start_millrace()
    here = start_millrace(config=f'''
[[application]]
name     = "live"
redirect = "{there.rtmp("tv")}"
''')
    command(nursery, "publish", "--loop", sources["gop1.flv"], here.rtmp("live/cam"))
    there.wait_live("tv/cam")
    path = nursery.path("copy.flv")
    player = command(nursery, "play", here.rtmp("live/cam"), "-o", path, "--duration", "2")
    assert player.wait(patience(20)) == 0, player.text
    frames.check_same(sources.packets("gop1.flv"), frames.probe(path))
    assert count(here, "rtmp_redirected") == 2
    assert here.stream("live/cam") is None


def test_our_own_client_does_not_follow_redirects_for_ever(start_millrace, nursery, sources):
    port = free_port()
    server = start_millrace(rtmp_port=port, config=f'''
[[application]]
name     = "live"
redirect = "rtmp://127.0.0.1:{port}/live"
''')
    child = command(nursery, "play", server.rtmp("live/cam"))
    assert child.wait(patience(20)) == 1
    assert "redirected more than 5 times" in child.text
    assert count(server, "rtmp_redirected") == 6


def test_our_own_clients_move_when_the_server_ends(start_millrace, nursery, sources):
    there = start_millrace()
    here = start_millrace(config=f'''
[drain]
time   = 8
server = "rtmp://127.0.0.1:{there.rtmp_port}"
''')
    publisher = command(nursery, "publish", "--loop", sources["gop1.flv"], here.rtmp())
    here.wait_live()
    path = nursery.path("copy.flv")
    player = command(nursery, "play", here.rtmp(), "-o", path)
    wait_until(lambda: path.exists() and path.stat().st_size > 50_000, patience(10), "the player receives")
    here.child.signal(signal.SIGTERM)
    there.wait_live(timeout=15)
    wait_until(lambda: any(session["role"] == "viewer" for session in there.sessions()), patience(15), "the player has moved")
    before = path.stat().st_size
    wait_until(lambda: path.stat().st_size > before + 200_000, patience(20), "the player goes on")
    assert here.child.wait(patience(15)) == 0
    here.ended = True
    assert publisher.running() and player.running()
    assert player.interrupt(10) == 0, player.text
    media = frames.probe(path)
    frames.follow(sources.packets("gop1.flv")["video"], media["video"])
    times = [packet.dts for packet in media["video"]]
    assert times == sorted(times)
