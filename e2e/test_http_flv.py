"""FLV over HTTP and WebSocket: playing it, and publishing by POST and PUT."""

import threading

import pytest

from harness import clients, flv, frames, viewers
from harness.browser import Browser
from harness.http import Connection, WebSocket
from harness.process import wait_until

PATH = "/live/cam.flv"


@pytest.mark.parametrize("source", ["gop1.flv", "mp3.flv", "audio.flv", "video.flv"])
def test_ffmpeg_and_vlc_get_the_frames_over_http(millrace, nursery, sources, source):
    clients.ffmpeg_publish(nursery, sources[source], millrace.rtmp())
    millrace.wait_live()
    for child in (clients.ffmpeg_play(nursery, millrace.http(PATH)), clients.vlc_dump(nursery, millrace.http(PATH))):
        child.recording.wait_for_media(3)
        child.interrupt(10)
        frames.check_same(sources.packets(source), frames.probe(child.recording.join().path))


def test_a_plain_get_is_answered_with_flv(live, nursery):
    answer = nursery.closes(Connection(live.http_port, PATH)).answer()
    assert answer.status == 200
    assert answer.headers["content-type"] == "video/x-flv"
    assert "no-cache" in answer.headers["cache-control"] or "no-store" in answer.headers["cache-control"]
    assert answer.read()[:4] == b"FLV\x01"


@pytest.mark.parametrize("open_viewer", [viewers.http_viewer, viewers.websocket_viewer], ids=["http", "websocket"])
def test_every_byte_that_comes_is_good_flv(live, nursery, sources, open_viewer):
    viewer = open_viewer(nursery, live.http_port)
    viewer.recording.wait_for_media(3)
    assert not viewer.recording.failure
    frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets())


def test_the_header_says_which_tracks_there_are(millrace, nursery, sources):
    for source, flags in (("audio.flv", 4), ("video.flv", 1)):
        name = source.split(".")[0]
        clients.ffmpeg_publish(nursery, sources[source], millrace.rtmp(f"live/{name}"))
        millrace.wait_live(f"live/{name}")
        data = nursery.closes(Connection(millrace.http_port, f"/live/{name}.flv")).answer().read()
        assert data[4] & flags == flags


def test_head_says_what_get_would_and_has_no_body(live, nursery):
    answer = nursery.closes(Connection(live.http_port, PATH, method="HEAD", headers={"Connection": "close"})).answer()
    assert answer.status == 200 and answer.headers["content-type"] == "video/x-flv"
    assert answer.read() == b""


def test_other_origins_may_read(live):
    status, headers, _ = live.request(PATH, method="HEAD", headers={"Origin": "http://elsewhere.example"})
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] in ("*", "http://elsewhere.example")
    status, headers, _ = live.request(PATH, method="OPTIONS", headers={
        "Origin": "http://elsewhere.example", "Access-Control-Request-Method": "GET"})
    assert status in (200, 204)
    assert headers["Access-Control-Allow-Origin"] in ("*", "http://elsewhere.example")
    assert "GET" in headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_missing_stream_is_not_found(millrace, method):
    status, _, body = millrace.request("/live/nothing.flv", method=method)
    assert status == 404
    assert method == "HEAD" or b"live/nothing" in body


def test_a_websocket_to_a_missing_stream_is_refused(millrace, nursery):
    assert nursery.closes(WebSocket(millrace.http_port, "/live/nothing.flv")).status == 404


def test_a_websocket_answers_a_ping(live, nursery):
    socket = nursery.closes(WebSocket(live.http_port, PATH))
    socket.send(WebSocket.PING, b"there?")
    wait_until(lambda: socket.read() and getattr(socket, "pong", None) == b"there?", 5, "a pong comes", 0)


def test_a_websocket_that_says_goodbye_is_let_go(live, nursery):
    before = live.stream()["viewers"]
    socket = nursery.closes(WebSocket(live.http_port, PATH))
    wait_until(lambda: live.stream()["viewers"] == before + 1, 5, "the viewer is counted")
    socket.send(WebSocket.CLOSE, b"\x03\xe8")
    while socket.read():
        pass
    assert socket.closed_with == 1000
    wait_until(lambda: live.stream()["viewers"] == before, 5, "the viewer is gone")


def ingest(connection, tags, seconds):
    """Sends a source as a chunked body, at its pace, each tag torn in two."""
    connection.send_chunk(flv.header())
    for tag in flv.paced(tags, seconds=seconds):
        data = flv.write_tag(tag)
        connection.send_chunk(data[:7])
        connection.send_chunk(data[7:])


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_chunked_body_is_published(millrace, nursery, sources, method):
    connection = nursery.closes(Connection(millrace.http_port, PATH, method=method, headers={
        "Transfer-Encoding": "chunked", "Content-Type": "video/x-flv"}))
    sender = threading.Thread(target=ingest, args=(connection, flv.read_tags(sources["gop1.flv"]), 6))
    sender.start()
    assert millrace.wait_live()["publisher"]["protocol"].startswith("http")
    running = [clients.rtmpdump(nursery, millrace.rtmp()), viewers.http_viewer(nursery, millrace.http_port)]
    for viewer in running:
        viewer.recording.wait_for_media(3)
        frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets())
    sender.join(20)
    connection.send_chunk(b"")
    assert connection.answer().status in (200, 201, 204)


def test_a_body_of_known_length_is_published(millrace, nursery, sources):
    tags = [tag for tag in flv.read_tags(sources["gop1.flv"]) if tag.time < 6000]
    size = 13 + sum(len(tag.body) + 15 for tag in tags)
    connection = nursery.closes(Connection(millrace.http_port, PATH, method="POST", headers={
        "Content-Length": size, "Content-Type": "video/x-flv"}))

    def send():
        connection.socket.sendall(flv.header())
        for tag in flv.paced(tags):
            connection.socket.sendall(flv.write_tag(tag))
    sender = threading.Thread(target=send)
    sender.start()
    millrace.wait_live()
    viewer = viewers.http_viewer(nursery, millrace.http_port)
    viewer.recording.wait_for_media(3)
    frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets())
    sender.join(20)
    assert connection.answer().status in (200, 201, 204)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_ffmpeg_publishes_over_http(millrace, nursery, sources, method):
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], millrace.http(PATH), output=("-f", "flv", "-method", method))
    millrace.wait_live()
    player = clients.ffmpeg_play(nursery, millrace.rtmp())
    player.recording.wait_for_media(3)
    frames.check_same(sources.packets("gop1.flv"), player.recording.packets())


def test_a_second_publisher_gets_a_conflict(live, nursery, sources):
    second = nursery.closes(Connection(live.http_port, PATH, method="POST", headers={"Transfer-Encoding": "chunked"}))
    second.send_chunk(flv.header())
    assert second.answer().status == 409


def test_broken_tags_are_skipped_with_a_warning_that_gives_the_offset(millrace, nursery, sources):
    tags = flv.read_tags(sources["gop1.flv"])
    connection = nursery.closes(Connection(millrace.http_port, PATH, method="POST", headers={"Transfer-Encoding": "chunked"}))
    sent = []

    def send():
        offset = 13
        connection.send_chunk(flv.header())
        for tag in flv.paced(tags, seconds=6):
            data = flv.write_tag(tag)
            if len(sent) == 0 and tag.time > 3000:
                sent.append(offset)
                connection.send_chunk(b"\xee" * 333)
                offset += 333
            connection.send_chunk(data)
            offset += len(data)
    sender = threading.Thread(target=send)
    sender.start()
    millrace.wait_live()
    viewer = viewers.http_viewer(nursery, millrace.http_port)
    viewer.recording.wait_for_media(4.5)
    sender.join(20)
    frames.check_same(sources.packets("gop1.flv"), viewer.recording.packets())
    assert str(sent[0]) in millrace.child.text, f"no warning names offset {sent[0]}"


@pytest.mark.parametrize("via", ["flv", "ws"])
def test_chromium_plays_in_the_console_page(live, nursery, via):
    browser = Browser(nursery)
    browser.open(live.http(f"/#/play/live/cam?via={via}"))
    look = browser.wait_playing(3)
    assert (look["width"], look["height"]) == (320, 180)
    assert look["frames"] > 25 and look["decodedAudio"] > 0
    assert browser.console_errors() == []
    begins = "ws" if via == "ws" else "http"
    assert any(session["role"] == "viewer" and session["protocol"].startswith(begins) for session in live.sessions())


def test_chromium_lists_the_streams(live, nursery):
    browser = Browser(nursery)
    browser.open(live.http("/"))
    wait_until(lambda: "live/cam" in browser.text(), 15, "the page lists live/cam", 0.2)
    assert browser.console_errors() == []
