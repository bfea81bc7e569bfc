"""A publisher of our own, for times and silences that no real publisher makes at our wish."""

import threading
from dataclasses import replace

from . import flv
from .rtmp import RtmpClient


class RawPublisher:
    """Publishes some seconds of a source at its pace, from `skip` seconds on, then keeps the connection and says nothing more."""

    def __init__(self, nursery, port, source, *, name="cam", seconds, skip=0, add_to_time=0):
        self.client = nursery.closes(RtmpClient(port).connect())
        self.client.set_chunk_size(65536)
        self.status = self.client.publish(name)
        assert self.status["code"] == "NetStream.Publish.Start", self.status
        tags = flv.read_tags(source)
        self._tags = [tag for tag in tags if tag.is_header()] + [tag for tag in tags if tag.packet() and tag.time >= skip * 1000]
        self._seconds, self._add = seconds, add_to_time
        self.failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            start = next(tag.time for tag in self._tags if not tag.is_header())
            for tag in flv.paced([replace(tag, time=max(tag.time, start)) for tag in self._tags], seconds=self._seconds):
                self.client.send_tag(tag, time=(tag.time + self._add) & 0xFFFFFFFF)
        except OSError as failure:
            self.failure = failure

    def wait_silent(self, timeout=60):
        self._thread.join(timeout)
        assert not self._thread.is_alive()
        assert not self.failure, self.failure
