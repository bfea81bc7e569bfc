"""A publisher of our own, for times and silences that no real publisher makes at our wish."""

import threading

from . import flv
from .rtmp import RtmpClient


class RawPublisher:
    """Publishes the first seconds of a source at its pace, then keeps the connection and says nothing more."""

    def __init__(self, nursery, port, source, *, name="cam", seconds, add_to_time=0):
        self.client = nursery.closes(RtmpClient(port).connect())
        self.client.set_chunk_size(65536)
        self.status = self.client.publish(name)
        assert self.status["code"] == "NetStream.Publish.Start", self.status
        self._tags = flv.read_tags(source)
        self._seconds, self._add = seconds, add_to_time
        self.failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            for tag in flv.paced(self._tags, seconds=self._seconds):
                if tag.type == flv.DATA:
                    continue
                self.client.send_tag(tag, time=(tag.time + self._add) & 0xFFFFFFFF)
        except OSError as failure:
            self.failure = failure

    def wait_silent(self, timeout=60):
        self._thread.join(timeout)
        assert not self._thread.is_alive()
        assert not self.failure, self.failure
