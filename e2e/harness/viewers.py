"""Viewers of our own that record into FLV, beside the real clients: the same interface, more exact clocks."""

import time

from . import flv
from .flv import Recording
from .http import Connection, WebSocket
from .rtmp import RtmpClient


class Viewer:
    """Something that is being received; `.recording` has what came."""

    def __init__(self, nursery, source, name):
        self._source = nursery.closes(source)
        self.recording = Recording(self._read, nursery.path(f"{name}.flv"))

    def _read(self, most):
        return self._source.read(most)

    def close(self):
        self._source.close()


def http_viewer(nursery, port, path="/live/cam.flv"):
    connection = Connection(port, path).answer()
    assert connection.status == 200, connection.status
    return Viewer(nursery, connection, "http")


def websocket_viewer(nursery, port, path="/live/cam.flv"):
    connection = WebSocket(port, path)
    assert connection.status == 101, connection.status
    return Viewer(nursery, connection, "websocket")


class _RtmpReader:
    """Makes FLV of the messages that come."""

    def __init__(self, client):
        self._client = client
        self._started = False

    def read(self, _most):
        if not self._started:
            self._started = True
            return flv.header()
        tag = self._client.next_tag()
        return flv.write_tag(tag) if tag else b""

    def close(self):
        self._client.close()


def rtmp_viewer(nursery, port, name="cam", app="live"):
    client = RtmpClient(port, timeout=30).connect(app)
    assert client.play(name) == "NetStream.Play.Start" or client.next_command("onStatus")[3]["code"] == "NetStream.Play.Start"
    return Viewer(nursery, _RtmpReader(client), "rtmp")


def rtmp_first_key_frame(port, name="cam"):
    """Seconds from asking for the stream to the first whole key frame, and the tags up to there."""
    client = RtmpClient(port).connect()
    try:
        client.stream = client.create_stream()
        start = time.perf_counter()
        client.command("play", None, name, -2000, stream=client.stream)
        tags = []
        while not tags or not tags[-1].is_key_frame():
            tags.append(client.next_tag())
        return time.perf_counter() - start, tags
    finally:
        client.close()


def flv_first_key_frame(connect):
    """The same over HTTP or a WebSocket, with the time to connect in it; `connect` gives something to read from."""
    start = time.perf_counter()
    source = connect()
    try:
        reader, tags = flv.FlvReader(), []
        while not any(tag.is_key_frame() for tag in tags):
            tags += reader.feed(source.read(1 << 16))
        return time.perf_counter() - start, tags
    finally:
        source.close()
