"""Segments and parts for an HLS server in memory, cut from what ffmpeg has made."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from .hlscheck import mp4

TARGET, PART, FPS, SECONDS = 2, 0.5, 25, 30
FIRST = 100  # media sequence number of the first segment


@dataclass
class Part:
    name: str
    duration: float
    body: bytes
    independent: bool
    end: float


@dataclass
class Segment:
    msn: int
    begin: float
    duration: float
    name: str
    body: bytes = b""
    parts: list = field(default_factory=list)


class Material:
    """Segments and fragments, made by ffmpeg once."""

    def __init__(self, folder):
        self.folder = Path(folder)
        picture = ["-f", "lavfi", "-i", f"testsrc2=size=160x90:rate={FPS}:duration={SECONDS}"]
        sound = ["-f", "lavfi", "-i", f"sine=440:sample_rate=48000:duration={SECONDS}"]
        video = ["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0",
                 "-pix_fmt", "yuv420p", "-b:v", "60k", "-maxrate", "60k", "-bufsize", "60k"]
        audio = ["-c:a", "aac", "-b:a", "32k"]
        each = ["-movflags", "+frag_every_frame+empty_moov+default_base_moof", "-use_editlist", "0"]
        self._ffmpeg(*picture, *sound, *video, *audio, "-map", "0:v", "-map", "1:a", "-f", "hls", "-hls_time", str(TARGET),
                     "-hls_list_size", "0", "-hls_segment_filename", self.folder / "%03d.ts", self.folder / "list.m3u8",
                     "-map", "0:v", *video, *each, self.folder / "video.mp4", "-map", "1:a", *audio, *each, self.folder / "audio.mp4",
                     "-map", "1:a", *audio, "-f", "adts", self.folder / "audio.aac")
        self.ts = [without_sdt(path.read_bytes()) for path in sorted(self.folder.glob("*.ts"))]
        self.video = Fragments((self.folder / "video.mp4").read_bytes())
        self.audio = Fragments((self.folder / "audio.mp4").read_bytes())
        self.aac = (self.folder / "audio.aac").read_bytes()

    def _ffmpeg(self, *arguments):
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True, timeout=60)


def without_sdt(body):
    """A segment without what ffmpeg puts before its PAT."""
    packets = (body[at:at + 188] for at in range(0, len(body), 188))
    return b"".join(packet for packet in packets if (packet[1] & 31) << 8 | packet[2] != 0x11)


class Fragments:
    """One file in pieces of a frame each."""

    def __init__(self, data):
        tops = mp4.boxes(data)
        ends = [box.at for box in tops if box.kind in (b"moof", b"mfra")] + [len(data)]
        self.init = data[:ends[0]]
        tracks, _ = mp4.read_init(self.init)
        reader = mp4.Mp4Reader()
        reader.use(tracks)
        self.frames = []  # (begin in seconds, seconds, key, bytes)
        for begin, end in zip(ends, ends[1:]):
            if data[begin + 4:begin + 8] == b"moof":
                track = next(iter(reader.read(data[begin:end]).tracks.values()))
                sample, scale = track.samples[0], track.timescale
                self.frames.append((sample.dts / scale, sample.duration / scale, sample.key, data[begin:end]))

    def cut(self, begin, end):
        return [frame for frame in self.frames if begin - 1e-6 <= frame[0] < end - 1e-6]


def ts_segments(material, prefix):
    return [Segment(FIRST + number, number * TARGET, TARGET, f"{prefix}{FIRST + number}.ts", body)
            for number, body in enumerate(material.ts[:SECONDS // TARGET])]


def packed_segments(material):
    """ADTS behind a tag with the time of its first frame (vector H4 of the list of rules)."""
    frames, rest = [], material.aac
    while rest:
        length = (rest[3] & 3) << 11 | rest[4] << 3 | rest[5] >> 5
        frames.append(rest[:length])
        rest = rest[length:]
    segments, each = [], 1024 / 48000
    for number in range(SECONDS // TARGET):
        first, end = (-int(-(number + step) * TARGET // each) for step in (0, 1))
        owner = b"com.apple.streaming.transportStreamTimestamp\x00"
        stamp = b"PRIV\x00\x00\x005\x00\x00" + owner + round(900000 + first * each * 90000).to_bytes(8, "big")
        segments.append(Segment(FIRST + number, first * each, (end - first) * each, f"s{FIRST + number}.aac",
                                b"ID3\x04\x00\x00\x00\x00\x00\x3f" + stamp + b"".join(frames[first:end])))
    return segments


def mp4_segments(fragments, prefix, sound):
    """Segments and their parts; those of sound begin with the first frame that begins in them."""
    segments, step = [], 12 / FPS
    for number in range(SECONDS // TARGET):
        begin = number * TARGET
        frames = fragments.cut(begin, begin + TARGET)
        made = Segment(FIRST + number, frames[0][0], sum(frame[1] for frame in frames), f"{prefix}{FIRST + number}.m4s")
        for place in range(5):
            inside = fragments.cut(begin + place * step, min(begin + (place + 1) * step, begin + TARGET))
            made.parts.append(Part(f"{prefix}{FIRST + number}.{place}.m4s", sum(frame[1] for frame in inside),
                                   b"".join(frame[3] for frame in inside), sound or inside[0][2],
                                   min(begin + (place + 1) * step, begin + TARGET)))
        made.body = b"".join(part.body for part in made.parts)
        segments.append(made)
    return segments


def encrypted(segment, key, iv):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    count = 16 - len(segment.body) % 16
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return cipher.update(segment.body + bytes([count]) * count) + cipher.finalize()
