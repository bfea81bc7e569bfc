"""fMP4 segments (ISO/IEC 14496-12, 23000-19): boxes, initialisation segments, fragments."""

import struct
from dataclasses import dataclass, field

from . import es
from .es import Format, Sample
from .ts import Media, Track

HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf", b"edts", b"dinf", b"sinf", b"schi"}
VISUAL = {b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"vp09", b"encv"}


@dataclass
class Box:
    kind: bytes
    at: int                # of its first byte
    body: bytes
    head: int = 8
    inside: list = field(default_factory=list)

    def all(self, kind):
        return [box for box in self.inside if box.kind == kind]

    def find(self, *path):
        """The first box along a path, or None."""
        here = self
        for kind in path:
            here = next((box for box in here.inside if box.kind == kind), None) if here else None
        return here


def boxes(data, at=0, wrong=None):
    """All boxes of a run of bytes; `at`: the place of the first one."""
    found, place = [], 0
    while place < len(data):
        size, kind = (int.from_bytes(data[place:place + 4], "big"), bytes(data[place + 4:place + 8]))
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[place + 8:place + 16], "big"), 16
        elif size == 0:
            size = len(data) - place
        if size < head or place + size > len(data) or len(kind) < 4:
            if wrong:
                wrong(f"box {kind!r} of {size} bytes at byte {at + place} does not fit in", "C32")
            break
        box = Box(kind, at + place, data[place + head:place + size], head)
        if kind in HOLDERS:
            box.inside = boxes(box.body, at + place + head, wrong)
        found.append(box)
        place += size
    return found


def u32(data, at):
    return int.from_bytes(data[at:at + 4], "big")


@dataclass
class Init:
    """What an initialisation segment says of one track."""

    id: int
    timescale: int
    format: Format
    duration: int = 0  # defaults from trex
    size: int = 0
    flags: int = 0


def read_init(data):
    """Tracks by id, and what is wrong."""
    out = Media("fmp4")
    tops = boxes(data, 0, out.wrong)
    moov = next((box for box in tops if box.kind == b"moov"), None)
    if not tops or tops[0].kind != b"ftyp" or moov is None:
        out.wrong(f"the initialisation segment has the boxes {[box.kind.decode('latin1') for box in tops]}, not ftyp and moov", "C32")
        return {}, out
    if any(box.kind in (b"moof", b"mdat") for box in tops):
        out.wrong("the initialisation segment has media in it", "C32")
    trexes = {u32(box.body, 4): box.body for box in (moov.find(b"mvex") or Box(b"", 0, b"")).all(b"trex")}
    tracks = {}
    for trak in moov.all(b"trak"):
        track = _read_trak(trak, out)
        tracks[track.id] = track
        if track.id not in trexes:
            out.wrong(f"no mvex/trex for track {track.id}", "C32")
        else:
            track.duration, track.size, track.flags = (u32(trexes[track.id], at) for at in (12, 16, 20))
        for kind, place in ((b"stts", 4), (b"stsc", 4), (b"stsz", 8), (b"stco", 4)):
            table = trak.find(b"mdia", b"minf", b"stbl", kind)
            if table and u32(table.body, place):
                out.wrong(f"track {track.id} has {kind.decode()} with {u32(table.body, place)} entries in the moov", "C32")
    if not tracks:
        out.wrong("no track in the initialisation segment", "C32")
    return tracks, out


def _read_trak(trak, out):
    tkhd, mdhd = trak.find(b"tkhd"), trak.find(b"mdia", b"mdhd")
    long = tkhd.body[0] == 1
    id = u32(tkhd.body, 20 if long else 12)
    timescale = u32(mdhd.body, 20 if mdhd.body[0] == 1 else 12)
    handler = trak.find(b"mdia", b"hdlr").body[8:12]
    kind = {b"vide": "video", b"soun": "audio"}.get(handler, "data")
    stsd = trak.find(b"mdia", b"minf", b"stbl", b"stsd")
    entries = boxes(stsd.body[8:], 0, out.wrong)
    if len(entries) != 1:
        out.wrong(f"track {id} has {len(entries)} sample entries", "C32")
    return Init(id, timescale or 1, _read_entry(entries[0], kind, out) if entries else Format(kind))


def _read_entry(entry, kind, out):
    if kind == "video":
        return _read_visual(entry, out)
    if kind != "audio":
        return Format(kind, entry.kind.decode("latin1"))
    channels, rate = int.from_bytes(entry.body[16:18], "big"), u32(entry.body, 24) >> 16
    inside = {box.kind: box.body for box in boxes(entry.body[28:], 0, out.wrong)}
    name = entry.kind.decode("latin1")
    if b"esds" in inside:
        if config := _read_esds(inside[b"esds"]):
            return es.aac_format(config)
        return Format("audio", "mp4a.40.34" if b"\x6b" in inside[b"esds"][:20] else "mp4a", rate=rate, channels=channels, frame=1152)
    frame = {"Opus": 960, "ac-3": 1536, "ec-3": 1536, "fLaC": 4096}.get(name, 0)
    return Format("audio", {"Opus": "opus"}.get(name, name), rate=rate, channels=channels, frame=frame)


def _read_esds(body):
    """The AudioSpecificConfig of an esds box; empty for what is not AAC."""
    at = 4
    for wanted in (3, 4, 5):
        if at >= len(body) or body[at] != wanted:
            return b""
        at += 1
        size = 0
        while True:
            byte = body[at]
            at += 1
            size = size << 7 | byte & 127
            if not byte & 128:
                break
        if wanted == 3:
            at += 3
        elif wanted == 4:
            if body[at] not in (0x40, 0x66, 0x67, 0x68):
                return b""
            at += 13
    return body[at:at + size]


def _read_visual(entry, out):
    width, height = struct.unpack(">HH", entry.body[24:28])
    inside = {box.kind: box.body for box in boxes(entry.body[78:], 0, out.wrong)}
    name = entry.kind.decode("latin1")
    found = Format("video", name, width, height)
    if name in ("avc1", "avc3") and (config := inside.get(b"avcC")):
        found.length_size = (config[4] & 3) + 1
        count = int.from_bytes(config[6:8], "big")
        if config[5] & 31:
            found.codec, found.width, found.height = es.h264_format(config[8:8 + count], name)
            if config[1:4] != config[9:12]:
                out.wrong(f"avcC says {config[1:4].hex()}, its SPS {config[9:12].hex()}", "C32")
        elif name == "avc1":
            out.wrong("avc1 without a sequence parameter set in avcC", "C28")
    elif name in ("hvc1", "hev1") and (config := inside.get(b"hvcC")):
        found.length_size = (config[21] & 3) + 1
        found.codec = es.hevc_name(name, config[1:13])
    elif name == "av01" and (config := inside.get(b"av1C")):
        depth = 10 if config[2] & 0x40 else 8
        depth = 12 if config[2] & 0x20 and config[1] >> 5 == 2 else depth
        found.codec = f"av01.{config[1] >> 5}.{config[1] & 31:02}{'MH'[config[2] >> 7]}.{depth:02}"
    elif name == "vp09" and (config := inside.get(b"vpcC")):
        found.codec = f"vp09.{config[4]:02}.{config[5]:02}.{config[6] >> 4:02}"
    return found


class Mp4Reader:
    """Reads the segments (or parts) of one rendition in their order; fragment numbers and decode times go on."""

    def __init__(self):
        self.inits, self.ends, self.sequence = {}, {}, None

    def reset(self):
        """A discontinuity, or a hole: nothing goes on."""
        self.ends, self.sequence = {}, None

    def use(self, inits):
        self.inits = inits

    def read(self, data):
        out = Media("fmp4")
        tops = boxes(data, 0, out.wrong)
        kinds = [box.kind for box in tops]
        if b"moof" not in kinds or b"mdat" not in kinds:
            out.wrong(f"has the boxes {[kind.decode('latin1') for kind in kinds]}, no moof and mdat", "C32")
        for id, init in self.inits.items():
            out.tracks[id] = Track(id, init.timescale, init.format)
        for number, box in enumerate(tops):
            if box.kind == b"moof":
                mdat = next((other for other in tops[number:] if other.kind == b"mdat"), None)
                self._moof(data, box, mdat, out)
        for track in out.tracks.values():
            if not track.samples and kinds:
                out.wrong(f"track {track.id} of the initialisation segment has no frame", "C32")
        return out

    def _moof(self, data, moof, mdat, out):
        mfhd = moof.find(b"mfhd")
        number = u32(mfhd.body, 4) if mfhd else 0
        if self.sequence is not None and number != self.sequence + 1:
            out.wrong(f"mfhd has the number {number} after {self.sequence}", "C32")
        self.sequence = number
        for traf in moof.all(b"traf"):
            tfhd, tfdt = traf.find(b"tfhd"), traf.find(b"tfdt")
            if not tfhd or not tfdt:
                out.wrong(f"traf at byte {traf.at} without tfhd or tfdt", "C32")
                continue
            self._traf(data, moof, mdat, traf, tfhd.body, tfdt.body, out)

    def _traf(self, data, moof, mdat, traf, tfhd, tfdt, out):
        flags, id = u32(tfhd, 0) & 0xFFFFFF, u32(tfhd, 4)
        if id not in self.inits:
            out.wrong(f"traf at byte {traf.at} is of track {id}, the initialisation segment has {sorted(self.inits)}", "C32")
            return
        if not flags & 0x20000 or flags & 1:
            out.wrong(f"tfhd at byte {traf.at} without default-base-is-moof (flags {flags:#x})", "C32")
        init, at = self.inits[id], 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
        defaults = [init.duration, init.size, init.flags]
        for place, bit in enumerate((0x8, 0x10, 0x20)):
            if flags & bit:
                defaults[place] = u32(tfhd, at)
                at += 4
        time = int.from_bytes(tfdt[4:12], "big") if tfdt[0] == 1 else u32(tfdt, 4)
        track = out.tracks[id]
        if id in self.ends and time != self.ends[id]:
            off = (time - self.ends[id]) / init.timescale * 1000
            out.wrong(f"tfdt of track {id} is {time}, the fragment before ends at {self.ends[id]} ({off:+.2f} ms)", "C32",
                      "must" if abs(off) > 1 else "should")
        for trun in traf.all(b"trun"):
            time = self._trun(data, moof, mdat, trun.body, track, time, defaults, out)
        self.ends[id] = time

    def _trun(self, data, moof, mdat, trun, track, time, defaults, out):
        flags, count, at = u32(trun, 0) & 0xFFFFFF, u32(trun, 4), 8
        place = None
        if flags & 1:
            place = moof.at + int.from_bytes(trun[at:at + 4], "big", signed=True)
            at += 4
        first = u32(trun, at) if flags & 4 else None
        at += 4 if flags & 4 else 0
        if place is None:
            out.wrong(f"trun of track {track.id} without a data offset", "C32")
            place = 0
        for number in range(count):
            values = []
            for bit, default in zip((0x100, 0x200, 0x400), defaults):
                values.append(u32(trun, at) if flags & bit else default)
                at += 4 if flags & bit else 0
            offset = int.from_bytes(trun[at:at + 4], "big", signed=trun[0] == 1) if flags & 0x800 else 0
            at += 4 if flags & 0x800 else 0
            duration, size, marks = values
            marks = first if number == 0 and first is not None else marks
            if not mdat or place < mdat.at + mdat.head or place + size > mdat.at + mdat.head + len(mdat.body):
                out.wrong(f"frame {number} of track {track.id} (bytes {place} to {place + size}) is not in the mdat", "C32")
            else:
                sample = Sample(time, time + offset, duration, bytes(data[place:place + size]), not marks & 0x10000, place)
                track.samples.append(sample)
            place, time = place + size, time + duration
        if at > len(trun):
            out.wrong(f"trun of track {track.id} is too short for {count} frames", "C32")
        return time
