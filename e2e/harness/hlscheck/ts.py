"""MPEG-TS segments (ISO/IEC 13818-1), read packet by packet with all that a receiver relies on."""

from dataclasses import dataclass, field

from . import es
from .es import Format, Sample

WRAP = 1 << 33
PCR_MOST = 9000        # ticks of 90 kHz between two PCRs: 100 ms
VIDEO = {0x1B: "avc1", 0xDB: "avc1", 0x24: "hvc1"}
KINDS = {**dict.fromkeys((0x01, 0x02, 0x1B, 0x24, 0xDB), "video"),
         **dict.fromkeys((0x03, 0x04, 0x0F, 0x11, 0x81, 0x87, 0xCF, 0xC1, 0xC2), "audio")}
CODECS = {0x81: "ac-3", 0x87: "ec-3", 0xC1: "ac-3", 0xC2: "ec-3"}
SPARSE = {0x05, 0x06, 0x15, 0x86}  # types that need not be in each segment


@dataclass
class Track:
    """One track of a segment."""

    id: int
    timescale: int
    format: Format
    samples: list = field(default_factory=list)
    type: int = 0  # stream_type of a transport stream


@dataclass
class Media:
    """What is in one segment, part, or initialisation segment."""

    container: str = ""
    tracks: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)  # (rule, level, text)

    def wrong(self, text, rule="C31", level="must"):
        self.problems.append((rule, level, text))

    def of(self, kind):
        """The first track of a kind that has samples, or None."""
        return next((track for track in self.tracks.values() if track.format.kind == kind and track.samples), None)

    def main(self):
        """The track that the segment is measured by: picture, else sound."""
        return self.of("video") or self.of("audio")


def _crc_table():
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(value)
    return table


CRC = _crc_table()


def crc32(data):
    """CRC-32/MPEG-2: zero over a section with its CRC."""
    value = 0xFFFFFFFF
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ CRC[value >> 24 ^ byte]
    return value


def unwrap(value, near):
    """A 33-bit time as the one nearest to another time."""
    return value + round((near - value) / WRAP) * WRAP


def read_time(data):
    return (data[0] >> 1 & 7) << 30 | data[1] << 22 | data[2] >> 1 << 15 | data[3] << 7 | data[4] >> 1


class TsReader:
    """Reads the segments of one rendition in their order; continuity goes on from each to the next."""

    def __init__(self):
        self.near = None  # the newest time, not wrapped
        self.reset()

    def reset(self):
        """A discontinuity: counters, tables and clock begin anew."""
        self.counters, self.pcr, self.pmt = {}, None, None
        self.pmt_pid = self.pcr_pid = None
        self.types, self.formats = {}, {}

    def read(self, data):
        self.out, self.open, self.sections = Media("ts"), {}, {}
        self.seen_first_pcr = False
        if len(data) % 188:
            self.out.wrong(f"{len(data)} bytes are no multiple of 188")
        order = []
        for at in range(0, len(data) - 187, 188):
            if data[at] != 0x47:
                self.out.wrong(f"no sync byte but {data[at]:#04x} at byte {at}")
                break
            pid = (data[at + 1] & 31) << 8 | data[at + 2]
            if len(order) < 2 and pid != 0x1FFF:
                order.append(pid)
            self._packet(data, at, pid)
        for pid in list(self.open):
            self._flush(pid)
        if order[:1] != [0] or order[1:2] != [self.pmt_pid]:
            self.out.wrong(f"begins with PIDs {[hex(pid) for pid in order]}, not with PAT and PMT", "C14")
        self._finish()
        return self.out

    def _packet(self, data, at, pid):
        control = data[at + 3] >> 4 & 3
        if data[at + 1] & 0x80:
            self.out.wrong(f"transport error indicator at byte {at}, PID {pid:#x}")
        if data[at + 3] & 0xC0:
            self.out.wrong(f"scrambling control is set at byte {at}, PID {pid:#x}")
        if pid == 0x1FFF:
            return
        start, pcr, flags = at + 4, None, 0
        if control & 2:
            size = data[at + 4]
            if size > (183 if control == 2 else 182):
                self.out.wrong(f"adaptation field of {size} bytes at byte {at}")
                return
            flags = data[at + 5] if size else 0
            if flags & 0x10 and size >= 7:
                raw = int.from_bytes(data[at + 6:at + 12], "big")
                pcr = (raw >> 15) + (raw & 511) / 300
            start += 1 + size
        if control == 0:
            self.out.wrong(f"adaptation field control 0 at byte {at}, PID {pid:#x}")
            return
        self._count(pid, data[at + 3] & 15, control & 1, flags & 0x80, at)
        if pcr is not None and pid == self.pcr_pid:
            self._clock(pcr, flags & 0x80, at)
        if control & 1:
            self._payload(pid, data[at + 1] & 0x40, data[start:at + 188], flags, at)

    def _count(self, pid, counter, payload, jump, at):
        before = self.counters.get(pid)
        if before is not None and not jump:
            wanted = (before + 1 if payload else before) & 15
            if counter != wanted:
                self.out.wrong(f"continuity counter {counter}, not {wanted}, at byte {at}, PID {pid:#x}")
        self.counters[pid] = counter

    def _clock(self, pcr, jump, at):
        if self.pcr is not None and not jump:
            step = (pcr - self.pcr + WRAP / 2) % WRAP - WRAP / 2
            if step > PCR_MOST:
                self.out.wrong(f"{step / 90:.1f} ms from PCR to PCR at byte {at}")
            elif step < 0:
                self.out.wrong(f"PCR goes back by {-step / 90:.1f} ms at byte {at}")
        self.pcr = pcr

    def _payload(self, pid, begins, payload, flags, at):
        if pid == 0 or pid == self.pmt_pid:
            self._section(pid, begins, payload, at)
        elif pid in self.types:
            if begins:
                self._flush(pid)
                self.open[pid] = [bytearray(payload), flags, at, self.pcr]
            elif pid in self.open:
                self.open[pid][0] += payload
            else:
                self.out.wrong(f"PID {pid:#x} goes on at byte {at} with a PES packet that has not begun in this segment")

    def _section(self, pid, begins, payload, at):
        if begins:
            payload = payload[1 + payload[0]:]
            self.sections[pid] = b""
        elif pid not in self.sections:
            return
        section = self.sections[pid] + payload
        length = 3 + ((section[1] & 15) << 8 | section[2]) if len(section) >= 3 else 1 << 16
        self.sections[pid] = section
        if len(section) < length:
            return
        del self.sections[pid]
        section = section[:length]
        if crc32(section):
            self.out.wrong(f"{'PAT' if pid == 0 else 'PMT'} with a wrong CRC at byte {at}")
        elif pid == 0:
            self._pat(section, at)
        else:
            self._pmt(section, at)

    def _pat(self, section, at):
        programs = [((section[i] << 8 | section[i + 1]), (section[i + 2] & 31) << 8 | section[i + 3])
                    for i in range(8, len(section) - 7, 4)]
        programs = [pid for number, pid in programs if number]
        if len(programs) != 1:
            self.out.wrong(f"PAT with {len(programs)} programs at byte {at}")
        if programs:
            if self.pmt_pid not in (None, programs[0]):
                self.out.wrong(f"PMT moves from PID {self.pmt_pid:#x} to {programs[0]:#x} at byte {at}")
            self.pmt_pid = programs[0]

    def _pmt(self, section, at):
        if self.pmt is not None and section != self.pmt:
            self.out.wrong(f"PMT changes at byte {at} without a discontinuity")
        self.pmt = section
        self.pcr_pid = (section[8] & 31) << 8 | section[9]
        place = 12 + ((section[10] & 15) << 8 | section[11])
        self.types = {}
        while place + 5 <= len(section) - 4:
            pid = (section[place + 1] & 31) << 8 | section[place + 2]
            self.types[pid] = section[place]
            place += 5 + ((section[place + 3] & 15) << 8 | section[place + 4])
        for pid, kind in self.types.items():
            self._track(pid, kind)

    def _track(self, pid, kind):
        if pid not in self.out.tracks:
            known = self.formats.setdefault(pid, Format(KINDS.get(kind, "data"), CODECS.get(kind, "")))
            self.out.tracks[pid] = Track(pid, 90000, known, type=kind)
        return self.out.tracks[pid]

    def _flush(self, pid):
        if pid not in self.open:
            return
        pes, flags, at, pcr = self.open.pop(pid)
        if len(pes) < 9 or pes[:3] != b"\x00\x00\x01" or pes[6] >> 6 != 2:
            self.out.wrong(f"no PES head at byte {at}, PID {pid:#x}")
            return
        length = pes[4] << 8 | pes[5]
        if length and length + 6 != len(pes):
            self.out.wrong(f"PES packet of {len(pes)} bytes says {length + 6} at byte {at}, PID {pid:#x}")
        track = self._track(pid, self.types[pid])
        if not length and track.format.kind != "video":
            self.out.wrong(f"PES packet without a length at byte {at}, PID {pid:#x}: only video may leave it out")
        if not pes[7] & 0x80:
            self.out.wrong(f"PES packet without a PTS at byte {at}, PID {pid:#x}")
            return
        pts = read_time(pes[9:14])
        dts = read_time(pes[14:19]) if pes[7] & 0x40 else pts
        if self.near is None:
            self.near = dts
        dts = unwrap(dts, self.near)
        pts = unwrap(pts, dts)
        self.near = dts
        if pcr is not None and (late := (dts - pcr + WRAP / 2) % WRAP - WRAP / 2) < 0:
            self.out.wrong(f"DTS is {-late / 90:.1f} ms before the PCR at byte {at}, PID {pid:#x}")
        self._samples(track, dts, pts, bytes(pes[9 + pes[8]:]), flags, at)

    def _samples(self, track, dts, pts, data, flags, at):
        if track.type in VIDEO:
            self._picture(track, dts, pts, data, flags, at)
        elif track.type in (0x0F, 0xCF):
            self._sound(track, pts, data, at)
        else:
            if track.type in (0x03, 0x04) and not track.format.codec:
                if found := es.mpeg_audio_format(data):
                    vars(track.format).update(vars(found))
            track.samples.append(Sample(dts, pts, None, data, True, at))

    def _picture(self, track, dts, pts, data, flags, at):
        nals, name = es.annexb(data), VIDEO[track.type]
        kinds = es.h264_types(nals) if name == "avc1" else es.h265_types(nals)
        delimiter, sps = (9, 7) if name == "avc1" else (35, 33)
        if kinds[:1] != [delimiter] or kinds.count(delimiter) != 1:
            self.out.wrong(f"access unit at byte {at} has NAL units {kinds[:6]}: not one delimiter, in front", level="should")
        if sps in kinds:
            read = es.h264_format if name == "avc1" else es.h265_format
            track.format.codec, track.format.width, track.format.height = read(nals[kinds.index(sps)])
        key = es.is_random_access(name, nals)
        if key and not flags & 0x40:
            self.out.wrong(f"key frame at byte {at} without the random access indicator", level="should")
        track.samples.append(Sample(dts, pts, None, data, key, at))

    def _sound(self, track, pts, data, at):
        frames, rest, problem = es.adts_frames(data)
        if problem or rest:
            self.out.wrong(f"audio PES packet at byte {at}: {problem or f'{len(rest)} bytes of a frame that does not end'}")
        for number, (fields, frame) in enumerate(frames):
            if not track.format.rate:
                track.format.codec, track.format.rate = f"mp4a.40.{fields['object']}", fields["rate"]
                track.format.channels, track.format.frame = fields["channels"], 1024
            time = pts + round(number * 1024 * 90000 / fields["rate"])
            track.samples.append(Sample(time, time, None, frame, True, at))

    def _finish(self):
        if self.pmt is None:
            self.out.wrong("no PMT")
            return
        if self.pcr is None:
            self.out.wrong(f"no PCR on PID {self.pcr_pid:#x}")
        for track in self.out.tracks.values():
            if not track.samples and track.type not in SPARSE:
                self.out.wrong(f"PID {track.id:#x} (type {track.type:#x}) is in the PMT, but has no frame")
