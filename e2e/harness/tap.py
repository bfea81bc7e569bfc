"""A wire tap: forwards to the server, and keeps the media that a publisher has sent, as it stood on the wire."""

import socket
import threading

from . import flv
from .rtmp import HANDSHAKE_BYTES, ChunkReader


class Tap:
    """Listens on `port` for one RTMP client (plain or digest handshake) and passes everything on."""

    def __init__(self, nursery, server_port):
        self._listener = nursery.closes(socket.create_server(("127.0.0.1", 0)))
        self.port = self._listener.getsockname()[1]
        self._server_port = server_port
        self._nursery = nursery
        self._tags = []
        self._lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, stream="live/cam"):
        return f"rtmp://127.0.0.1:{self.port}/{stream}"

    def packets(self):
        with self._lock:
            return flv.packets(list(self._tags))

    def _serve(self):
        try:
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._nursery.closes(end)
        threading.Thread(target=self._forward, args=(server, client, None), daemon=True).start()
        self._forward(client, server, self._keep())

    def _forward(self, source, target, keep):
        if keep:
            next(keep)
        try:
            while data := source.recv(1 << 16):
                if keep:
                    keep.send(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            target.close()

    def _keep(self):
        left, reader = HANDSHAKE_BYTES, ChunkReader()
        while True:
            data = yield
            skipped = min(left, len(data))
            left -= skipped
            tags = [message.tag() for message in reader.feed(data[skipped:])]
            with self._lock:
                self._tags += [tag for tag in tags if tag]
