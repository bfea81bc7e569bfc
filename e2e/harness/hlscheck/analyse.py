"""What is in the fetched segments and parts: decrypted, and read in their order."""

from dataclasses import dataclass, field

from . import es
from .es import Format, Sample
from .mp4 import Mp4Reader, read_init
from .ts import Media, Track, TsReader, unwrap

TIMESTAMP_OWNER = b"com.apple.streaming.transportStreamTimestamp\x00"


@dataclass
class Piece:
    """One segment, with its clear bytes."""

    item: object
    body: bytes
    media: Media
    init: bytes = b""
    init_tracks: dict = field(default_factory=dict)
    begins: bool = False       # nothing goes on here: first of all, discontinuity, or a hole
    sealed: str = ""           # why it could not be decrypted
    parts: dict = field(default_factory=dict)  # number -> Media

    @property
    def msn(self):
        return self.item.segment.msn

    @property
    def url(self):
        return self.item.url


def decrypt(key, iv, body):
    """AES-128 in CBC; gives the bytes without their padding, or says why not."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    if not body or len(body) % 16:
        return b"", f"{len(body)} bytes are no multiple of 16"
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    clear = cipher.update(body) + cipher.finalize()
    count = clear[-1]
    if not 1 <= count <= 16 or clear[-count:] != bytes([count]) * count:
        return clear, f"the padding is {clear[-16:].hex()}: wrong key, IV or padding"
    return clear[:-count], ""


def open_up(rendition, load, key, msn, answer):
    """The clear bytes of an answer, and why they are not to be had."""
    if not key:
        return answer.body, ""
    held = rendition.resource(load.answer.url, key.uri)
    if key.method != "AES-128":
        return b"", f"METHOD={key.method} is not looked into"
    if not held or held.status != 200 or len(held.body) != 16:
        return b"", "there is no key"
    if msn is None and key.iv is None:
        return b"", f"an initialisation segment under the key of line {key.line}, which has no IV"
    return decrypt(held.body, key.iv or msn.to_bytes(16, "big"), answer.body)


def container_of(body):
    """By the first bytes: "ts", "fmp4", "packed", "vtt", or "" for nothing known."""
    if body[:1] == b"\x47":
        return "ts"
    if body[4:8] in (b"ftyp", b"styp", b"moof", b"sidx", b"emsg", b"prft"):
        return "fmp4"
    if body[:3] == b"ID3" or len(body) > 1 and body[0] == 0xFF and body[1] & 0xF6 == 0xF0:
        return "packed"
    return "vtt" if body.lstrip(b"\xef\xbb\xbf").startswith(b"WEBVTT") else ""


def analyse(rendition):
    """Fills `pieces` with all segments that came whole."""
    readers = {"ts": TsReader(), "fmp4": Mp4Reader(), "packed": PackedReader()}
    before = kept_map = None
    for msn in sorted(rendition.items):
        item = rendition.items[msn]
        if not item.answer or item.answer.status not in (200, 206) or not item.answer.complete:
            before = None
            continue
        begins = before is None or before.segment.msn != msn - 1 or item.segment.discontinuity
        body, sealed = open_up(rendition, item.load, item.segment.key, msn, item.answer)
        piece = Piece(item, body, Media(), begins=begins, sealed=sealed)
        kind = "" if sealed else container_of(body)
        if begins:
            for reader in readers.values():
                reader.reset()
        if item.segment.map:
            kept_map = _map(rendition, item, piece, kept_map)
            readers["fmp4"].use(piece.init_tracks)
        if kind in readers and (kind != "fmp4" or piece.init_tracks):
            ends = dict(readers["fmp4"].ends), readers["fmp4"].sequence
            piece.media = readers[kind].read(body)
            _parts(item, piece, kind, ends)
        else:
            piece.media = Media(kind)
        rendition.pieces.append(piece)
        before = None if sealed else item


def _map(rendition, item, piece, kept):
    """Reads the initialisation segment, once for all segments that have it."""
    answer = rendition.resource(item.load.answer.url, item.segment.map.uri, item.segment.map.range)
    if not answer or answer.status not in (200, 206):
        return None
    body, sealed = open_up(rendition, item.load, item.segment.map.key, None, answer)
    if kept and kept[0] == body:
        piece.init, piece.init_tracks = kept[0], kept[1]
        return kept
    tracks, media = read_init(body) if body else ({}, Media())
    item.init_problems = [*media.problems, *([("C37", "must", f"initialisation segment: {sealed}")] if sealed else [])]
    piece.init, piece.init_tracks = body, tracks
    return body, tracks


def _parts(item, piece, kind, ends):
    """Each part for itself, read as it goes on from the part before."""
    if kind != "fmp4":
        reader = TsReader()
    else:
        reader = Mp4Reader()
        reader.use(piece.init_tracks)
        reader.ends, reader.sequence = ends
    for number in sorted(item.parts):
        answer = item.parts[number].answer
        if answer and answer.status in (200, 206) and answer.body and not item.segment.key:
            piece.parts[number] = reader.read(answer.body)


class PackedReader:
    """AAC without a container, behind an ID3 tag with its time (RFC 8216 §3.4)."""

    near = None

    def reset(self):
        """Nothing goes on from segment to segment."""

    def read(self, body):
        out, time = Media("packed"), None
        while body[:3] == b"ID3":
            size = 10 + (body[6] << 21 | body[7] << 14 | body[8] << 7 | body[9])
            if (at := body.find(TIMESTAMP_OWNER, 0, size)) >= 0:
                at += len(TIMESTAMP_OWNER)
                time = int.from_bytes(body[at:at + 8], "big")
            body = body[size:]
        if time is None:
            out.wrong("packed audio without a timestamp tag", "C38", "should")
            time = 0
        time = self.near = unwrap(time, self.near if self.near is not None else time)
        frames, rest, problem = es.adts_frames(body)
        if rest or problem:
            out.wrong(f"packed audio: {problem or f'{len(rest)} bytes behind the last frame'}")
        if frames:
            head = frames[0][0]
            track = Track(0, 90000, Format("audio", f"mp4a.40.{head['object']}", rate=head["rate"],
                                           channels=head["channels"], frame=1024))
            for number, (_, frame) in enumerate(frames):
                at = time + round(number * 1024 * 90000 / head["rate"])
                track.samples.append(Sample(at, at, None, frame, True))
            out.tracks[0] = track
        return out


def frame_ticks(track):
    """How long a frame of a track lasts, in its ticks: the usual step, for sound what its format says."""
    form = track.format
    if form.kind == "audio" and form.frame and form.rate:
        return form.frame * track.timescale / form.rate
    steps = sorted(after.dts - before.dts for before, after in zip(track.samples, track.samples[1:]))
    if steps:
        return max(steps[len(steps) // 2], 1)
    return (track.samples[0].duration or 1) if track.samples else 1


def span(track):
    """First presentation time and the end of the last frame, seconds."""
    first = min(sample.pts for sample in track.samples)
    last = max(track.samples, key=lambda sample: sample.pts)
    return first / track.timescale, (last.pts + (last.duration or frame_ticks(track))) / track.timescale


def begin_of(piece):
    """Presentation time of the first frame of the track that counts, seconds; None when there is none."""
    track = piece.media.main()
    return track.samples[0].pts / track.timescale if track else None
