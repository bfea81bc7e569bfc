"""The HTTP API, metrics, and how the server starts and ends."""

import json
import re
import socket
from datetime import datetime, timezone

import pytest

from harness import clients, viewers
from harness.ports import free_port
from harness.process import wait_until
from harness.scale import patience
from harness.server import Millrace, find_millrace


@pytest.fixture
def live(millrace, nursery, sources):
    """A server of its own for each test, as viewers are counted and sessions ended here."""
    millrace.publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.rtmp())
    millrace.wait_live()
    return millrace


def check_moment(text):
    """An RFC 3339 time in UTC, of this minute."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text), text
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    assert abs((datetime.now(timezone.utc) - moment).total_seconds()) < 120


def test_no_stream_is_an_empty_list(millrace):
    assert millrace.api("streams")["streams"] == []
    status, headers, body = millrace.request("/healthz")
    assert status == 200 and body
    assert millrace.request("/api/v1/streams")[1]["Content-Type"].startswith("application/json")


def test_a_stream_is_described_whole(live, nursery):
    player = clients.rtmpdump(nursery, live.rtmp())
    watching = viewers.http_viewer(nursery, live.http_port)
    player.recording.wait_for_media(4)
    stream = live.stream()
    assert stream["state"] == "live" and stream["viewers"] == 2
    assert stream["publisher"]["protocol"] == "rtmp" and stream["publisher"]["remote"].startswith("127.0.0.1:")
    check_moment(stream["publisher"]["since"])
    video, audio = sorted(stream["tracks"], key=lambda track: track["kind"], reverse=True)
    assert (video["kind"], video["codec"], video["width"], video["height"]) == ("video", "h264", 320, 180)
    assert abs(video["fps"] - 25) < 1 and 150_000 < video["bitrate"] < 600_000
    assert (audio["kind"], audio["codec"], audio["sample_rate"], audio["channels"]) == ("audio", "aac", 44100, 2)
    assert 40_000 < audio["bitrate"] < 100_000
    assert abs(stream["gop_seconds"] - 1) < 0.1
    assert stream["bytes_in"] > 100_000 and stream["bytes_out"] > stream["bytes_in"]
    watching.close()
    wait_until(lambda: live.stream()["viewers"] == 1, 5, "a viewer that went is no longer counted")


def test_sessions_are_listed_and_can_be_ended(live, nursery):
    player = clients.rtmpdump(nursery, live.rtmp())
    watching = viewers.http_viewer(nursery, live.http_port)
    player.recording.wait_for_media(0.5)
    sessions = live.sessions()
    ids = [session["id"] for session in sessions]
    assert len(set(ids)) == len(ids) >= 3
    assert live.stream()["publisher"]["id"] in ids
    for session in sessions:
        if session["id"] != live.stream()["publisher"]["id"]:
            assert live.request(f"/api/v1/sessions/{session['id']}", method="DELETE")[0] in (200, 204, 404)
    player.recording.join(patience(10))
    watching.recording.join(patience(10))
    assert live.request(f"/api/v1/sessions/{live.stream()['publisher']['id']}", method="DELETE")[0] in (200, 204)
    live.publisher.wait(patience(10))


def test_a_session_that_is_not_there_cannot_be_ended(millrace):
    for name in ("999999", "nonsense"):
        status, _, body = millrace.request(f"/api/v1/sessions/{name}", method="DELETE")
        assert status == 404 and json.loads(body)


@pytest.mark.parametrize("method, path, expected", [
    ("GET", "/api/v1/nothing", 404), ("POST", "/api/v1/streams", 405), ("DELETE", "/healthz", 405), ("GET", "/nothing", 404)])
def test_what_is_not_there_or_not_allowed(millrace, method, path, expected):
    assert millrace.request(path, method=method)[0] == expected


def test_openapi_names_what_there_is(millrace):
    document = millrace.api("openapi.json")
    assert document["openapi"].startswith("3.")
    assert {"/api/v1/streams", "/api/v1/sessions", "/api/v1/sessions/{id}"} <= document["paths"].keys()
    assert "delete" in document["paths"]["/api/v1/sessions/{id}"]


def test_metrics_are_prometheus(live):
    status, headers, body = live.request("/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain")
    for line in body.decode().splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .*|\w+(\{(\w+="(\\.|[^"\\])*",?)*\})? \S+', line), line
    samples = live.metrics()
    assert samples and all(name.startswith(("millrace_", "process_")) for name in samples)
    before = samples
    def grown():
        return [name for name, value in live.metrics().items() if "bytes" in name and value > before.get(name, 0)]
    assert wait_until(grown, patience(5), "a counter of bytes rises")


def test_the_console_is_served(millrace):
    status, headers, body = millrace.request("/")
    assert status == 200 and headers["Content-Type"].startswith("text/html") and b"<html" in body.lower()
    asset = re.search(rb'(?:src|href)="\.?/?(assets/[^"]+\.js)"', body)
    assert asset, body[:500]
    status, headers, _ = millrace.request("/" + asset.group(1).decode())
    assert status == 200 and "javascript" in headers["Content-Type"]


def test_ctrl_c_ends_it_while_everybody_is_busy(live, nursery):
    players = [clients.rtmpdump(nursery, live.rtmp()), viewers.http_viewer(nursery, live.http_port),
               viewers.websocket_viewer(nursery, live.http_port)]
    for player in players:
        player.recording.wait_for_media(0.5)
    live.stop()
    for player in players:
        player.recording.join(5)


def test_sigterm_ends_it_as_well(millrace):
    millrace.child.signal(15)
    assert millrace.child.wait(5) == 0
    millrace.ended = True


def serve(nursery, config, *options):
    """Starts with a configuration that should be refused: status and output."""
    path = nursery.path("millrace.toml")
    path.write_text(config)
    return nursery.run([find_millrace(), "serve", "--config", path, "--data", nursery.path("data"), *options], patience(10))


def listen(port, protocol="rtmp"):
    return f'[[listen]]\naddress = "127.0.0.1:{port}"\nprotocols = ["{protocol}"]\n'


BAD_CONFIGURATIONS = {
    "unknown key": ("dta = \"x\"\n" + listen(1), ["dta", "data", r"\b1\b"]),
    "unknown key in a table": (listen(1) + '\n[tls]\ncertifcate = "a"\n', ["certifcate", "certificate", r"\b6\b"]),
    "unknown protocol": (listen(1, "rtpm"), ["rtpm", "rtmp", r"\b3\b"]),
    "no TOML": ("this is [ no TOML\n", [r"\b1\b"]),
    "wrong type": ("data = 5\n" + listen(1), ["data", r"\b1\b"]),
    "no address": ('[[listen]]\naddress = "127.0.0.1:http"\nprotocols = ["http"]\n', ["127.0.0.1:http"]),
}


@pytest.mark.parametrize("name", BAD_CONFIGURATIONS)
@pytest.mark.parametrize("options", [(), ("--check",)], ids=["serve", "check"])
def test_a_bad_configuration_is_refused_with_one_clear_line(nursery, name, options):
    config, words = BAD_CONFIGURATIONS[name]
    status, text = serve(nursery, config, *options)
    assert status == 1, text
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) == 1, text
    for word in words:
        assert re.search(word, lines[0]), f"{word} is not in: {lines[0]}"


def test_a_configuration_that_is_not_there_is_one_clear_line(nursery):
    status, text = nursery.run([find_millrace(), "serve", "--config", "/nonexistent.toml"], patience(10))
    assert status == 1
    assert len(text.strip().splitlines()) == 1 and "/nonexistent.toml" in text


def test_check_accepts_a_good_configuration(nursery):
    status, text = serve(nursery, listen(free_port()), "--check")
    assert status == 0, text


def test_a_taken_port_is_one_clear_line(nursery):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, text = serve(nursery, listen(port))
    assert status == 1, text
    failures = [line for line in text.splitlines() if str(port) in line]
    assert len(failures) == 1 and re.search("in use|taken", failures[0]), text


def test_a_port_that_another_millrace_has_is_taken_too(millrace, nursery):
    status, text = serve(nursery, listen(millrace.rtmp_port))
    assert status == 1, text
    assert str(millrace.rtmp_port) in text


def test_port_offset_moves_the_default_ports(nursery):
    base = free_port() - 8080
    child = nursery.spawn([find_millrace(), "serve", "--port-offset", base, "--data", nursery.path("data")])
    server = Millrace.__new__(Millrace)
    server.child, server.binary, server.rtmp_port, server.http_port = child, find_millrace(), base + 1935, base + 8080
    wait_until(server._answers, patience(10), "/healthz answers")
    socket.create_connection(("127.0.0.1", server.rtmp_port)).close()
    wait_until(lambda: re.search(rf"rtmp://\S+:{server.rtmp_port}\b", child.text), patience(5), "it says where to publish")
    wait_until(lambda: re.search(rf"http://\S+:{server.http_port}\b", child.text), patience(5), "it says where the console is")
    server.stop()
