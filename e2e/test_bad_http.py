"""Whatever a peer sends over HTTP, it gets a clear answer or the end; a good viewer sees nothing of it.

All tests of this file attack one server (harness/siege.py).
"""

import re
import socket
import time

import pytest

from harness.http import Connection, WebSocket
from harness.scale import patience


BAD_REQUESTS = {
    "noise": b"GET \x00\x01\x02 HTTP/1.1\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "endless header": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000,
    "many headers": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 20_000,
    "bad chunk": b"POST /live/bad.flv HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "no flv": b"POST /live/bad.flv HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n" + bytes(4000),
    "two lengths": b"POST /live/bad.flv HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_bad_request_is_refused(besieged, nursery, name):
    web = nursery.closes(socket.create_connection(("127.0.0.1", besieged.http_port), timeout=patience(10)))
    answer = b""
    try:
        web.sendall(BAD_REQUESTS[name])
        while data := web.recv(4096):
            answer += data
            if b"\r\n\r\n" in answer:
                break
    except ConnectionError:
        pass
    assert not answer or re.match(rb"HTTP/1\.[01] 4\d\d ", answer), answer[:200]
    assert besieged.stream("live/bad") is None


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/live/../../etc/passwd.flv", "/live/%00.flv",
                                  "/" + "a" * 7000 + ".flv", "/live/.flv", "//.flv", "/api/v1/sessions/%ff"])
def test_an_odd_path_is_not_found(besieged, nursery, path):
    answer = nursery.closes(Connection(besieged.http_port, path)).answer()
    assert 400 <= answer.status < 500, answer.status


BAD_FRAMES = {
    "unmasked": b"\x82\x01x",
    "reserved bits": b"\xf2\x80" + bytes(4),
    "reserved opcode": b"\x83\x80" + bytes(4),
    "a length of 2^63": b"\x82\xff" + b"\xff" * 8 + bytes(4),
    "a ping of 1000 bytes": b"\x89\xfe\x03\xe8" + bytes(1004),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_a_bad_websocket_frame_ends_the_connection(besieged, nursery, name):
    client = nursery.closes(WebSocket(besieged.http_port, "/live/cam.flv"))
    assert client.status == 101
    client._http.socket.sendall(BAD_FRAMES[name])
    deadline = time.monotonic() + patience(5)
    try:
        while client.read():
            assert time.monotonic() < deadline, "the stream goes on"
    except ConnectionError:
        pass


@pytest.mark.slow
def test_a_client_that_does_not_go_on_is_closed_at_its_deadline(besieged, nursery):
    silent, half = (nursery.closes(socket.create_connection(("127.0.0.1", besieged.http_port), timeout=patience(40)))
                    for _ in range(2))
    half.sendall(b"GET /live/cam.flv HTTP/1.1\r\nHost: a\r\nX-Half")
    for web in (silent, half):
        while web.recv(4096):
            pass


def test_a_publisher_that_sends_nothing_takes_no_name(besieged, nursery):
    nursery.closes(Connection(besieged.http_port, "/live/empty.flv", method="POST", headers={"Transfer-Encoding": "chunked"}))
    time.sleep(0.5)  # nothing happens that could be waited for
    stream = besieged.stream("live/empty")
    assert stream is None or not stream["tracks"]
