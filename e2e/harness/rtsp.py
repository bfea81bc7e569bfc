"""RTSP: what players receive, and a client that says what it likes."""

import re
import socket
import subprocess

from . import frames
from .clients import FFMPEG
from .scale import patience

BARE = ["-c", "copy", "-bsf:v", "filter_units=remove_types=6-9", "-f", "framehash", "-hash", "sha256"]
UNKNOWN = -2**63
EDGE = 40.0  # milliseconds that the clock of one track may be off: RTP's clocks round


def read_hashes(text):
    """The packets of a framehash file; its times are presentation times, for RTP has no others."""
    kinds, bases, media = {}, {}, {}
    for line in text.splitlines():
        if line.startswith("#media_type"):
            stream, kind = line.split(" ", 1)[1].split(": ")
            kinds[stream] = kind.strip()
        elif line.startswith("#tb"):
            stream, base = line.split(" ", 1)[1].split(": ")
            above, below = base.split("/")
            bases[stream] = 1000 * int(above) / int(below)
        elif not line.startswith("#") and line.strip():
            stream, dts, pts, _, _, data = [part.strip() for part in line.split(",")][:6]
            if int(pts) == UNKNOWN:
                pts = dts  # ffmpeg does not time all of what it probes
            time = int(pts) * bases[stream]
            media.setdefault(kinds[stream], []).append(frames.Packet(kinds[stream], time, time, True, data[:32]))
    return media


def ffmpeg_play(nursery, url, *options, seconds=3):
    """What ffmpeg receives in so many seconds."""
    out = nursery.path("hashes")
    child = nursery.spawn([*FFMPEG, *options, "-i", url, "-t", str(seconds), "-map", "0:v?", "-map", "0:a?", "-copyinkf",
                           *BARE, out], "ffmpeg-rtsp")
    assert child.wait(patience(seconds + 25)) == 0, child.text
    return read_hashes(out.read_text())


def ffmpeg_publish(nursery, source, url, *options):
    child = nursery.spawn([*FFMPEG, "-re", "-stream_loop", "-1", "-i", source, "-c", "copy", "-f", "rtsp", *options, url],
                          "ffmpeg-rtsp-publish")
    child.wait_for(r"time=00:00:0[0-9.]+ ", patience(20))
    return child


def check_same(source, received, seconds=1.0, moves=2):
    """The frames are those of the source, in one stretch each, and sound and picture are as far apart as there.

    `moves`: by so many milliseconds times may be moved within. Those of an RTSP publisher are, until its first reports tell
    how its tracks lie to each other.
    """
    shifts = {}
    for kind in frames.KINDS:
        track = received.get(kind, [])
        assert track, f"no {kind} came out"
        runs = frames.follow(source[kind], track)
        assert len(runs) == 1, f"{kind} has gaps: {runs}"
        at, start, count = runs[0]
        assert count == len(track)
        assert track[-1].pts - track[0].pts >= seconds * 1000 - 200, f"too little {kind}: {track[0]} to {track[-1]}"
        length = len(source[kind])
        moved = [track[step].pts - source[kind][start + step].pts for step in range(1, count) if start + step < length]
        assert max(moved) - min(moved) < moves, f"times of {kind} were moved by {min(moved)} to {max(moved)} ms"
        shifts[kind] = moved[-1]
    if len(shifts) == 2:
        assert abs(shifts["video"] - shifts["audio"]) < EDGE + moves, f"sound and picture are apart: {shifts}"


class Client:
    """A connection on which any text may be said."""

    def __init__(self, port, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=patience(10), source_address=(source, 0))
        self.data = b""
        self.cseq = 0
        self.frames = []

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(self.data)
        self.data += data

    def answer(self):
        """The next response: status, headers (names in small letters), body. Frames before it are kept."""
        while True:
            while not self.data:
                self._more()
            if self.data[:1] == b"$":
                self.take_frame()
                continue
            while b"\r\n\r\n" not in self.data:
                self._more()
            head, self.data = self.data.split(b"\r\n\r\n", 1)
            lines = head.decode().split("\r\n")
            headers = {}
            for line in lines[1:]:
                name, value = line.split(":", 1)
                headers.setdefault(name.lower(), []).append(value.strip())
            length = int(headers.get("content-length", ["0"])[0])
            while len(self.data) < length:
                self._more()
            body, self.data = self.data[:length].decode(), self.data[length:]
            if not lines[0].startswith("RTSP/"):
                continue  # a request of the server's
            return int(lines[0].split()[1]), {name: ", ".join(values) for name, values in headers.items()}, body

    def take_frame(self):
        """One interleaved frame: channel and packet."""
        while len(self.data) < 4 or len(self.data) < 4 + int.from_bytes(self.data[2:4], "big"):
            self._more()
        size = int.from_bytes(self.data[2:4], "big")
        frame = self.data[1], self.data[4:4 + size]
        self.data = self.data[4 + size:]
        self.frames.append(frame)
        return frame

    def ask(self, method, url, body="", **headers):
        self.cseq += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self.cseq}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines) + "\r\n\r\n" + body)
        return self.answer()

    def status(self, method, url, body="", **headers):
        return self.ask(method, url, body, **headers)[0]

    def set_up(self, url, channels=True):
        """DESCRIBE and SETUP of all tracks; gives the session's id."""
        status, headers, sdp = self.ask("DESCRIBE", url)
        assert status == 200, (status, sdp)
        self.sdp = sdp
        session = {}
        for number, control in enumerate(re.findall(r"a=control:(rtsp\S+)", sdp)):
            status, answer, why = self.ask(
                "SETUP", control, Transport=f"RTP/AVP/TCP;unicast;interleaved={2 * number}-{2 * number + 1}", **session)
            assert status == 200, (status, why)
            session = {"Session": answer["session"].split(";")[0]}
        return session["Session"]


def rtp(packet):
    """Sequence number, timestamp, marker of a packet."""
    return int.from_bytes(packet[2:4], "big"), int.from_bytes(packet[4:8], "big"), packet[1] >> 7


def gstreamer(nursery, *pipeline, seconds):
    """Runs a pipeline to its end, or for so long."""
    child = nursery.spawn(["gst-launch-1.0", "-q", "-e", *pipeline], "gst-rtsp")
    try:
        child.popen.wait(patience(seconds + 20))
    except subprocess.TimeoutExpired:
        pass
    return child
