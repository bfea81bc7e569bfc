"""FLV as it is: tags with their times as they stand on the wire, nothing corrected (Adobe FLV 10.1, annex E)."""

import struct
import threading
import time
from dataclasses import dataclass
from functools import cached_property

from .frames import Packet, digest

AUDIO, VIDEO, DATA = 8, 9, 18
H264, AAC = 7, 10


@dataclass(frozen=True)
class Tag:
    type: int
    time: int  # milliseconds, 32 bits
    body: bytes

    def is_header(self):
        """An AVC or AAC sequence header."""
        return self._packet_type() == 0

    def _packet_type(self):
        """0: sequence header, 1: frame, 2: end of sequence; codecs without packet types have only frames."""
        if len(self.body) < 2:
            return 0
        if self.type == VIDEO and self.body[0] & 0x0F == H264 or self.type == AUDIO and self.body[0] >> 4 == AAC:
            return self.body[1]
        return 1

    def is_key_frame(self):
        return self.type == VIDEO and self._packet_type() == 1 and self.body[0] >> 4 == 1

    def is_frame(self):
        return self.type in (AUDIO, VIDEO) and self._packet_type() == 1

    def packet(self):
        """The frame that this tag carries; None for metadata and headers."""
        return self._packet

    @cached_property
    def _packet(self):
        if not self.is_frame():
            return None
        if self.type == AUDIO:
            data = self.body[2:] if self.body[0] >> 4 == AAC else self.body[1:]
            return Packet("audio", self.time, self.time, True, digest(data))
        if self.body[0] & 0x0F != H264:
            return Packet("video", self.time, self.time, self.is_key_frame(), digest(self.body[1:]))
        offset = int.from_bytes(self.body[2:5], "big", signed=False)
        offset -= (offset & 0x800000) << 1
        return Packet("video", self.time, self.time + offset, self.is_key_frame(), digest(self.body[5:]))


class FlvReader:
    """FLV bytes in, cut anywhere; tags out. `whole` counts the bytes up to the end of the last whole tag."""

    def __init__(self):
        self._held = b""
        self._started = False
        self.whole = 0

    def feed(self, data):
        self._held += data
        tags = []
        if not self._started:
            if len(self._held) < 13:
                return tags
            assert self._held[:3] == b"FLV", f"no FLV: {self._held[:16]!r}"
            self._take(struct.unpack(">I", self._held[5:9])[0] + 4)
            self._started = True
        while len(self._held) >= 11:
            size = int.from_bytes(self._held[1:4], "big")
            if len(self._held) < size + 15:
                break
            stamp = int.from_bytes(self._held[4:7], "big") | self._held[7] << 24
            tags.append(Tag(self._held[0] & 0x1F, stamp, self._held[11:11 + size]))
            back = int.from_bytes(self._held[11 + size:15 + size], "big")
            assert back in (size + 11, 0), f"tag of {size} bytes is followed by a back pointer of {back}"
            self._take(size + 15)
        return tags

    def _take(self, count):
        self._held = self._held[count:]
        self.whole += count


def header(audio=True, video=True):
    return b"FLV\x01" + bytes([audio * 4 + video]) + struct.pack(">II", 9, 0)


def write_tag(tag):
    return (bytes([tag.type]) + len(tag.body).to_bytes(3, "big") + (tag.time & 0xFFFFFF).to_bytes(3, "big")
            + bytes([tag.time >> 24 & 0xFF]) + bytes(3) + tag.body + struct.pack(">I", len(tag.body) + 11))


def read_tags(path):
    return FlvReader().feed(path.read_bytes())


def packets(tags):
    """The frames of each track: {"video": […], "audio": […]}, a track without frames left out."""
    media = {}
    for tag in tags:
        if packet := tag.packet():
            media.setdefault(packet.kind, []).append(packet)
    return media


class Recording:
    """Takes FLV from something with a blocking read(n) into a file, and lets the test wait for what has come."""

    def __init__(self, read, path):
        self.path = path
        self.tags = []
        self.ended = False
        self.failure = None
        self._reader = FlvReader()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, args=(read,), daemon=True)
        self._thread.start()

    def _run(self, read):
        try:
            with open(self.path, "wb") as out:
                while data := read(65536):
                    out.write(data)
                    self._add(self._reader.feed(data))
                out.truncate(self._reader.whole)
        except (OSError, ValueError, AssertionError) as failure:
            self.failure = failure
        with self._news:
            self.ended = True
            self._news.notify_all()

    def _add(self, tags):
        with self._news:
            self.tags += tags
            self._news.notify_all()

    def wait(self, condition, timeout, what):
        """Waits until condition(tags) holds; fails when the stream ends before that."""
        deadline = time.monotonic() + timeout
        with self._news:
            while not (result := condition(self.tags)):
                left = deadline - time.monotonic()
                if left <= 0 or self.ended:
                    reason = self.failure or ("the stream ended" if self.ended else "timed out")
                    raise AssertionError(f"{what}: {reason} after {len(self.tags)} tags ({self.path})")
                self._news.wait(left)
            return result

    def wait_for_media(self, seconds, timeout=30, beyond=0):
        """Waits until the tags after the first `beyond` ones span so many seconds of media."""
        def spans(tags):
            times = [tag.time for tag in tags[beyond:] if tag.is_frame()]
            return times and max(times) - times[0] >= seconds * 1000
        self.wait(spans, timeout, f"{seconds} s of media")

    def join(self, timeout=10):
        self._thread.join(timeout)
        assert not self._thread.is_alive(), f"{self.path}: the stream did not end within {timeout} s"
        return self

    def packets(self):
        with self._news:
            return packets(list(self.tags))


def paced(tags, *, seconds=None, speed=1.0):
    """Gives each tag when its time has come, up to so many seconds of media."""
    start = time.monotonic()
    first = tags[0].time
    for tag in tags:
        due = (tag.time - first) / 1000
        if seconds is not None and due >= seconds:
            return
        if (left := start + due / speed - time.monotonic()) > 0:
            time.sleep(left)
        yield tag
