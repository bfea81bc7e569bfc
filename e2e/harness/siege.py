"""A server under attack, with one publisher and viewers that must not lose a frame until the end."""

import random
import re

from . import clients, frames, viewers
from .process import wait_until
from .scale import patience
from .server import Millrace

MEMORY_KIB = 64 * 1024  # what the server may keep of all attacks together
NOISE = random.Random(2).randbytes(1 << 16)


class Siege:
    """The server, and viewers that play all the time."""

    def __init__(self, nursery, sources):
        self.server = Millrace(nursery)
        self._source = sources.packets("gop1.flv")
        self._publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], self.server.rtmp())
        self.server.wait_live()
        self._good = [clients.ffmpeg_play(nursery, self.server.rtmp()), viewers.http_viewer(nursery, self.server.http_port)]
        for viewer in self._good:
            viewer.recording.wait_for_media(1)
        self._memory = self.server.memory_kib()

    def seen(self):
        """How much each good viewer has received."""
        return [len(viewer.recording.tags) for viewer in self._good]

    def check_plays_on(self, seen):
        assert self.server.child.running(), self.server.child.text[-3000:]
        for viewer, beyond in zip(self._good, seen):
            viewer.recording.wait_for_media(0.5, patience(10), beyond)

    def check_unharmed(self):
        """Nobody has lost a frame, the server has kept nothing, and it ends as it should."""
        grown = self.server.memory_kib() - self._memory
        assert self._publisher.running()
        for viewer in self._good:
            assert not viewer.recording.ended
            frames.check_same(self._source, viewer.recording.packets())
        assert grown < MEMORY_KIB, f"memory grew by {grown} KiB"
        self.server.stop()


def counters(server):
    return {name: value for name, value in server.metrics().items() if re.search("error|refus|reject|closed|timeout", name)}


class Attack:
    """Takes down log and counters before, and looks at them after."""

    def __init__(self, server):
        self.server = server
        self._counters = counters(server)
        self._log = len(server.child.text)

    def is_refused(self, client, seconds=5):
        """The client is closed within so many seconds, the log names it and why, and a counter rises."""
        port = client.socket.getsockname()[1]
        assert client.closed_within(patience(seconds)), "the server keeps the connection"
        wait_until(lambda: re.search(rf"127\.0\.0\.1:{port}\b.*\w", self.server.child.text[self._log:]), patience(3),
                   f"the log says why 127.0.0.1:{port} was closed")
        wait_until(lambda: any(value > self._counters.get(name, 0) for name, value in counters(self.server).items()),
                   patience(3), "a counter of errors rises")
