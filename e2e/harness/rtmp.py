"""A small RTMP client of our own, for what real clients do not do: measure, stop reading, and break rules."""

import os
import socket
import struct
import time

from . import amf
from .flv import AUDIO, DATA, VIDEO, Tag

SET_CHUNK_SIZE, ABORT, ACKNOWLEDGEMENT, USER_CONTROL, WINDOW, BANDWIDTH = 1, 2, 3, 4, 5, 6
COMMAND = 20
HANDSHAKE_BYTES = 1 + 2 * 1536
HEADER_BYTES = (11, 7, 3, 0)


class _ChunkStream:
    def __init__(self):
        self.time = self.delta = self.length = self.type = self.stream = 0
        self.extended = False
        self.payload = b""


class Message:
    def __init__(self, type, time, stream, payload):
        self.type, self.time, self.stream, self.payload = type, time, stream, payload

    def tag(self):
        """The message as an FLV tag; None for what is not media or data."""
        return Tag(self.type, self.time, self.payload) if self.type in (AUDIO, VIDEO, DATA) else None


class ChunkReader:
    """Chunk stream in, cut anywhere; messages out (RTMP 1.0 §5.3)."""

    def __init__(self):
        self.chunk_size = 128
        self._held = b""
        self._streams = {}

    def feed(self, data):
        self._held += data
        messages, at = [], 0
        while (end := self._read_chunk(at, messages)) is not None:
            at = end
        self._held = self._held[at:]
        return messages

    def _read_chunk(self, at, messages):
        data = self._held
        if len(data) - at < 3:
            return None
        form, csid, at = data[at] >> 6, data[at] & 63, at + 1
        if csid < 2:
            csid, at = 64 + data[at] + (256 * data[at + 1] if csid else 0), at + 1 + csid
        if len(data) - at < HEADER_BYTES[form] + 4:
            if form < 3 or len(data) - at < 1:
                return None
        stream = self._streams.setdefault(csid, _ChunkStream())
        header, at = data[at:at + HEADER_BYTES[form]], at + HEADER_BYTES[form]
        moment = int.from_bytes(header[:3], "big")
        extended = moment == 0xFFFFFF if form < 3 else stream.extended
        length = int.from_bytes(header[3:6], "big") if form < 2 else stream.length
        if extended:
            if len(data) - at < 4:
                return None
            if form < 3:
                moment = struct.unpack_from(">I", data, at)[0]
            at += 4
        size = min(self.chunk_size, length - len(stream.payload))
        if len(data) - at < size:
            return None
        self._apply(stream, form, header, moment, extended, length)
        stream.payload += data[at:at + size]
        if len(stream.payload) == stream.length:
            message = Message(stream.type, stream.time, stream.stream, stream.payload)
            stream.payload = b""
            if message.type == SET_CHUNK_SIZE:
                self.chunk_size = struct.unpack(">I", message.payload[:4])[0]
            messages.append(message)
        return at + size

    @staticmethod
    def _apply(stream, form, header, moment, extended, length):
        if form < 2:
            stream.length, stream.type = length, header[6]
        if form == 0:
            stream.stream = struct.unpack("<I", header[7:11])[0]
            stream.time = stream.delta = moment
        elif form < 3:
            stream.delta = moment
        if form < 3:
            stream.extended = extended
        if form and not stream.payload:
            stream.time = (stream.time + stream.delta) & 0xFFFFFFFF


def write_chunks(csid, type, time, stream, payload, chunk_size):
    """One message, with a full header."""
    head = min(time, 0xFFFFFF).to_bytes(3, "big") + len(payload).to_bytes(3, "big") + bytes([type]) + struct.pack("<I", stream)
    tail = struct.pack(">I", time) if time >= 0xFFFFFF else b""
    wire = bytes([csid]) + head + tail + payload[:chunk_size]
    for at in range(chunk_size, len(payload), chunk_size):
        wire += bytes([0xC0 | csid]) + tail + payload[at:at + chunk_size]
    return wire


class RtmpClient:
    """A connection that has shaken hands. Reading blocks, and fails after `timeout` seconds."""

    def __init__(self, port, *, timeout=10, small_window=False, handshake=True):
        self.timeout = timeout
        self.socket = socket.socket()
        if small_window:  # so that a reader that stops is felt after a few kilobytes
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = ChunkReader()
        self.chunk_size = 128
        self.pending = []
        self._transaction = 0
        if handshake:
            self._shake_hands()

    def _shake_hands(self):
        self.socket.sendall(b"\x03" + bytes(8) + os.urandom(1528))
        answer = b""
        while len(answer) < HANDSHAKE_BYTES:
            data = self.socket.recv(HANDSHAKE_BYTES - len(answer))
            assert data, "the server closed during the handshake"
            answer += data
        assert answer[0] == 3
        self.socket.sendall(answer[1:1537])

    def send(self, type, payload, *, csid=3, time=0, stream=0):
        self.socket.sendall(write_chunks(csid, type, time, stream, payload, self.chunk_size))

    def set_chunk_size(self, size):
        self.send(SET_CHUNK_SIZE, struct.pack(">I", size), csid=2)
        self.chunk_size = size

    def command(self, name, *arguments, stream=0, transaction=None):
        if transaction is None:
            self._transaction += 1
            transaction = self._transaction
        self.send(COMMAND, amf.encode_all(name, transaction, *arguments), stream=stream, csid=8 if stream else 3)
        return transaction

    def next_message(self):
        """The next message, control messages included; None at the end of the connection."""
        deadline = time.monotonic() + self.timeout
        while not self.pending:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no whole message within {self.timeout} s")
            data = self.socket.recv(1 << 18)
            if not data:
                return None
            self.pending += self.reader.feed(data)
        return self.pending.pop(0)

    def next_command(self, *names):
        """The next command with one of these names, decoded; what comes before is dropped."""
        while message := self.next_message():
            if message.type == COMMAND:
                values = amf.decode_all(message.payload)
                if values[0] in names:
                    return values
        raise AssertionError(f"the server closed before {names}")

    def connect(self, app="live", **announced):
        url = f"rtmp://127.0.0.1:{self.socket.getpeername()[1]}/{app}"
        self.command("connect", {"app": app, "tcUrl": url, "flashVer": "LNX 9,0,124,2", **announced})
        answer = self.next_command("_result", "_error")
        assert answer[0] == "_result", answer
        self.information = answer[3]
        return self

    def create_stream(self):
        self.command("createStream", None)
        answer = self.next_command("_result", "_error")
        assert answer[0] == "_result", answer
        return int(answer[3])

    def play(self, name="cam"):
        """Asks for a stream; gives the code of the first status."""
        self.stream = self.create_stream()
        self.command("play", None, name, -2000, stream=self.stream)
        return self.next_command("onStatus")[3]["code"]

    def publish(self, name="cam"):
        """Offers a stream; gives the first status."""
        self.stream = self.create_stream()
        self.command("publish", None, name, "live", stream=self.stream)
        return self.next_command("onStatus")[3]

    def send_tag(self, tag, time=None):
        self.send(tag.type, tag.body, csid={AUDIO: 4, VIDEO: 6, DATA: 5}[tag.type],
                  time=tag.time if time is None else time, stream=self.stream)

    def next_tag(self):
        """The next audio, video or data message; None at the end of the connection."""
        while message := self.next_message():
            if tag := message.tag():
                return tag
        return None

    def closed_within(self, seconds):
        """Whether the server closes the connection, whatever it still says before."""
        deadline = time.monotonic() + seconds
        try:
            while (left := deadline - time.monotonic()) > 0:
                self.socket.settimeout(left)
                if not self.socket.recv(1 << 16):
                    return True
        except ConnectionError:
            return True
        except TimeoutError:
            pass
        return False

    def close(self):
        self.socket.close()
