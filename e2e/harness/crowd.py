"""Many viewers in one thread: what they receive is kept as it comes, and looked at afterwards."""

import selectors
import socket
import threading

from . import flv


class CrowdViewer:
    """A connection that has asked for a stream, over RTMP or HTTP; takes over the socket."""

    def __init__(self, client, *, rtmp):
        self.client = client
        self.rtmp = rtmp
        self.pieces = []
        self.ended = False
        self.remote = "{}:{}".format(*client.socket.getsockname())

    def tags(self):
        """All whole tags that came."""
        if self.rtmp:
            messages = self.client.pending + self.client.reader.feed(b"".join(self.pieces))
            return [tag for message in messages if (tag := message.tag())]
        self.client.socket = _Replay(self.pieces)
        reader, tags = flv.FlvReader(), []
        while data := self.client.read(1 << 20):
            tags += reader.feed(data)
        return tags


class _Replay:
    """Stands for a socket that has received all it will ever receive."""

    def __init__(self, pieces):
        self._pieces = iter(pieces)

    def recv(self, _most):
        return next(self._pieces, b"")


class Crowd:
    """Reads from all its viewers until it is closed."""

    def __init__(self):
        self.viewers = []
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._joining = []
        self._lock = threading.Lock()
        self._running = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def add(self, viewer):
        viewer.client.socket.setblocking(False)
        self.viewers.append(viewer)
        with self._lock:
            self._joining.append(viewer)
        self._wake.send(b"x")

    def _run(self):
        while self._running:
            for key, _ in self._selector.select(1):
                if key.data is None:
                    self._woken.recv(4096)
                else:
                    self._read(key.data)
            with self._lock:
                joining, self._joining = self._joining, []
            for viewer in joining:
                self._selector.register(viewer.client.socket, selectors.EVENT_READ, viewer)

    def _read(self, viewer):
        try:
            data = viewer.client.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            viewer.pieces.append(data)
        else:
            viewer.ended = True
            self._selector.unregister(viewer.client.socket)

    def close(self):
        """Stops reading; the connections close, what came stays."""
        if self._running:
            self._running = False
            self._wake.send(b"x")
            self._thread.join(5)
            for viewer in self.viewers:
                viewer.client.socket.close()
