"""HTTP and WebSocket by hand: live bodies that never end, read as they come."""

import base64
import hashlib
import os
import socket
import struct

WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Connection:
    """One request on one connection; the body can be read while it lasts."""

    def __init__(self, port, path, *, method="GET", headers=None, timeout=10, small_window=False):
        self.socket = socket.socket()
        if small_window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self._buffer = b""
        self._left = 0
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def answer(self):
        """Reads the head of the answer."""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        first, *rest = head.decode().split("\r\n")
        self.status = int(first.split(" ")[1])
        self.headers = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in rest}
        self.chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        return self

    def _more(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise EOFError
        self._buffer += data

    def _line(self):
        while b"\r\n" not in self._buffer:
            self._more()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def read(self, most=1 << 16):
        """The next bytes of the body; none at its end."""
        try:
            if self.chunked:
                return self._read_chunked(most)
            if not self._buffer:
                self._more()
            data, self._buffer = self._buffer[:most], self._buffer[most:]
            return data
        except EOFError:
            return b""

    def _read_chunked(self, most):
        if not self._left:
            self._left = int(self._line().split(b";")[0], 16)
            if not self._left:
                return b""
        if not self._buffer:
            self._more()
        size = min(most, self._left)
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        self._left -= len(data)
        if not self._left:
            self._line()
        return data

    def send_chunk(self, data):
        """A piece of a request body with `Transfer-Encoding: chunked`; an empty one ends it."""
        self.socket.sendall(b"%x\r\n%s\r\n" % (len(data), data))

    def close(self):
        self.socket.close()


class WebSocket:
    """A WebSocket client that takes binary messages and answers pings (RFC 6455)."""

    TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

    def __init__(self, port, path, *, origin=None, timeout=10):
        key = base64.b64encode(os.urandom(16)).decode()
        headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
        if origin:
            headers["Origin"] = origin
        self._http = Connection(port, path, headers=headers, timeout=timeout).answer()
        self.status = self._http.status
        self.closed_with = None
        if self.status == 101:
            proof = base64.b64encode(hashlib.sha1((key + WEBSOCKET_GUID).encode()).digest()).decode()
            assert self._http.headers["sec-websocket-accept"] == proof

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self._http.read(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def send(self, opcode, payload):
        mask = os.urandom(4)
        assert len(payload) < 126
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self._http.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def read(self, _most=0):
        """The next data frame's payload; none at the end."""
        try:
            while True:
                first, second = self._exactly(2)
                size = second & 127
                assert not second & 128, "a server must not mask"
                if size > 125:
                    size = struct.unpack(">H" if size == 126 else ">Q", self._exactly(2 if size == 126 else 8))[0]
                payload = self._exactly(size)
                opcode = first & 15
                if opcode == self.PING:
                    self.send(self.PONG, payload)
                elif opcode == self.CLOSE:
                    self.closed_with = struct.unpack(">H", payload[:2])[0] if payload else None
                    return b""
                elif opcode == self.PONG:
                    self.pong = payload
                else:
                    assert opcode in (0, self.BINARY), "FLV must come in binary messages"
                    if payload:
                        return payload
        except EOFError:
            return b""

    def close(self):
        self._http.close()
