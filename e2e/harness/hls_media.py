"""What is inside segments of HLS, read with code that is not the server's: fragments of MP4 and packets of MPEG-TS."""

import struct
import zlib
from dataclasses import dataclass, field


def boxes(data, begin=0, end=None):
    """(type, offset of the body, offset behind it) of each box."""
    end = len(data) if end is None else end
    while begin + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, begin)
        assert size >= 8 and begin + size <= end, f"box {kind} at {begin} has {size} bytes, {end - begin} are left"
        yield kind.decode("latin-1"), begin + 8, begin + size
        begin += size
    assert begin == end, f"{end - begin} bytes behind the last box"


def find(data, *path):
    """Body of the first box along a path; None when there is none."""
    begin, end = 0, len(data)
    for name in path:
        for kind, body, stop in boxes(data, begin, end):
            if kind == name:
                begin, end = body, stop
                break
        else:
            return None
    return data[begin:end]


@dataclass
class Init:
    """An initialisation segment of one track."""
    track: int
    timescale: int
    kind: str
    entry: str
    has_mvex: bool
    samples: int
    codec: str


def codec_of(entry, stsd):
    """RFC 6381, from the sample entry alone."""
    at = stsd.find(b"avcC")
    if entry == "avc1":
        return "avc1." + stsd[at + 5:at + 8].hex()
    if entry == "mp4a":
        at = stsd.find(b"esds") + 8
        kind = stsd.find(b"\x04", at)
        if stsd[kind + 2] == 0x40:
            asc = stsd[stsd.find(b"\x05", kind + 15) + 2]
            return f"mp4a.40.{asc >> 3}"
        return "mp4a.40.34"
    return {"Opus": "opus", "fLaC": "fLaC", "ac-3": "ac-3", "ec-3": "ec-3"}.get(entry, entry)


def read_init(data):
    assert [kind for kind, _, _ in boxes(data)][:2] == ["ftyp", "moov"], "an init segment is ftyp and moov"
    tkhd = find(data, "moov", "trak", "tkhd")
    mdhd = find(data, "moov", "trak", "mdia", "mdhd")
    stsd = find(data, "moov", "trak", "mdia", "minf", "stbl", "stsd")
    stsz = find(data, "moov", "trak", "mdia", "minf", "stbl", "stsz")
    entry = stsd[12:16].decode()
    return Init(track=struct.unpack_from(">I", tkhd, 12)[0], timescale=struct.unpack_from(">I", mdhd, 12)[0],
                kind=find(data, "moov", "trak", "mdia", "hdlr")[8:12].decode(), entry=entry,
                has_mvex=find(data, "moov", "mvex", "trex") is not None,
                samples=struct.unpack_from(">I", stsz, 8)[0], codec=codec_of(entry, stsd))


@dataclass
class Fragments:
    """Samples of a segment's only track, in units of its timescale."""
    begin: int = 0
    end: int = 0
    samples: list = field(default_factory=list)  # (decode time, duration, composition, key, payload)
    sequences: list = field(default_factory=list)
    holes: int = 0


def read_fragments(data, track):
    """Raises AssertionError for whatever breaks C32."""
    found = Fragments()
    moof = None
    for kind, body, stop in boxes(data):
        if kind == "moof":
            moof = body - 8
            pending = _read_moof(data, body, stop, track, found)
        elif kind == "mdat":
            assert moof is not None, "mdat without moof"
            for offset, size, sample in pending:
                begin = moof + offset
                assert body <= begin and begin + size <= stop, "a sample stands outside of its mdat"
                found.samples.append((*sample, data[begin:begin + size]))
            moof = None
    assert found.samples, "a segment without samples"
    return found


def _read_moof(data, body, stop, track, found):
    pending = []
    for kind, at, end in boxes(data, body, stop):
        if kind == "mfhd":
            found.sequences.append(struct.unpack_from(">I", data, at + 4)[0])
        if kind != "traf":
            continue
        duration = size = flags = 0
        for inner, at, _ in boxes(data, at, end):
            if inner == "tfhd":
                bits, number = struct.unpack_from(">II", data, at)
                assert bits & 0x020000, "tfhd without default-base-is-moof"
                assert number == track, f"track {number} in the segment, {track} in the init"
                at += 8
                for bit in (0x08, 0x10, 0x20):
                    if bits & bit:
                        value, = struct.unpack_from(">I", data, at)
                        duration, size, flags = (value if bit == 8 else duration, value if bit == 16 else size,
                                                 value if bit == 32 else flags)
                        at += 4
            elif inner == "tfdt":
                version = data[at]
                time, = struct.unpack_from(">Q" if version == 1 else ">I", data, at + 4)
                if found.end and time != found.end:
                    found.holes += 1
                if not found.sequences[1:]:
                    found.begin = time
                found.end = time
            elif inner == "trun":
                pending += _read_trun(data, at, duration, size, flags, found)
    return pending


def _read_trun(data, at, duration, size, flags, found):
    bits, count = struct.unpack_from(">II", data, at)
    at += 8
    assert bits & 1, "trun without data offset"
    offset, = struct.unpack_from(">i", data, at)
    at += 4 + (4 if bits & 4 else 0)
    pending = []
    for _ in range(count):
        one, length, flag, composition = duration, size, flags, 0
        for bit in (0x100, 0x200, 0x400, 0x800):
            if bits & bit:
                value, = struct.unpack_from(">i" if bit == 0x800 else ">I", data, at)
                at += 4
                one, length, flag, composition = (value if bit == 0x100 else one, value if bit == 0x200 else length,
                                                  value if bit == 0x400 else flag, value if bit == 0x800 else composition)
        pending.append((offset, length, (found.end, one, composition, not flag & 0x10000)))
        offset += length
        found.end += one
    return pending


def crc32_mpeg(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


class Transport:
    """Reads the segments of one rendition one after the other; raises AssertionError for whatever breaks C31."""

    def __init__(self):
        self.counters = {}
        self.pmt = None
        self.streams = {}
        self.clock = None

    def begin_anew(self):
        self.counters, self.pmt, self.clock = {}, None, None

    def read(self, data):
        """First decode times by stream type, last ones, and whether the first picture has an AUD and parameter sets."""
        assert len(data) % 188 == 0, "the length is no multiple of 188"
        order, times, units = [], {}, {}
        for at in range(0, len(data), 188):
            packet = data[at:at + 188]
            assert packet[0] == 0x47, f"no sync byte at {at}"
            pid = (packet[1] & 0x1F) << 8 | packet[2]
            if pid == 0x1FFF:
                continue
            body = self._adaptation(packet, pid)
            if not packet[3] & 0x10:
                continue
            counter = packet[3] & 15
            assert pid not in self.counters or counter == (self.counters[pid] + 1) % 16, f"PID {pid:#x}: continuity"
            self.counters[pid] = counter
            starts = packet[1] & 0x40
            if starts:
                order.append(pid)
            if pid == 0:
                self._section(body)
                self.pmt = (body[1 + 10] & 0x1F) << 8 | body[1 + 11]
            elif pid == self.pmt:
                self._map(body)
            elif starts:
                times.setdefault(pid, []).append(self._pes(body))
                units.setdefault(pid, body)
        assert order[:2] == [0, self.pmt], "a segment begins with PAT and PMT"
        missing = set(self.streams) - set(times)
        return times, units, missing

    def _adaptation(self, packet, pid):
        if not packet[3] & 0x20:
            return packet[4:]
        length = packet[4]
        if length and packet[5] & 0x10:
            value = int.from_bytes(packet[6:12], "big")
            clock = (value >> 15) * 300 + (value & 0x1FF)
            if self.clock is not None:
                step = (clock - self.clock) % (2 ** 33 * 300) / 27e6
                assert step <= 0.1 + 0.02, f"{step:.3f} s between clock references"
            self.clock = clock
        return packet[5 + length:]

    def _section(self, body):
        assert body[0] == 0, "pointer field"
        length = (body[2] & 15) << 8 | body[3]
        section = body[1:1 + 3 + length]
        assert crc32_mpeg(section) == 0, "a table's CRC is wrong"
        return section

    def _map(self, body):
        section = self._section(body)
        at = 12 + ((section[10] & 15) << 8 | section[11])
        streams = {}
        while at < len(section) - 4:
            streams[(section[at + 1] & 0x1F) << 8 | section[at + 2]] = section[at]
            at += 5 + ((section[at + 3] & 15) << 8 | section[at + 4])
        assert not self.streams or self.streams == streams or not self.counters, "the program's streams changed"
        self.streams = streams

    @staticmethod
    def _pes(body):
        assert body[:3] == b"\0\0\1", "a PES packet begins with 000001"
        flags = body[7] >> 6
        def stamp(at):
            b = body[at:at + 5]
            return (b[0] >> 1 & 7) << 30 | b[1] << 22 | (b[2] >> 1) << 15 | b[3] << 7 | b[4] >> 1
        pts = stamp(9)
        return (stamp(14) if flags == 3 else pts), pts


def crc(data):
    return zlib.crc32(data)
