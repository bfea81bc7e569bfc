"""MPEG-TS taken apart in the plainest way, to hold what is written to its rules (ISO/IEC 13818-1)."""

PACKET = 188
WRAP = 1 << 33


def crc32(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
            value &= 0xFFFFFFFF
    return value


def timestamp(data):
    return (data[0] >> 1 & 7) << 30 | data[1] << 22 | data[2] >> 1 << 15 | data[3] << 7 | data[4] >> 1


class Walk:
    """Walks through a stream that begins with its tables, and keeps what the rules are about."""

    def __init__(self, data):
        self.problems = []
        self.clocks = []      # (number of the packet, 90 kHz)
        self.tables = {}      # PID: bytes of its section, PAT and PMT
        self.starts = {}      # PID: [(PTS, DTS, first bytes of the payload)]
        self.keys = 0
        self.first = []       # PIDs of the first packets
        counters = {}
        for number in range(len(data) // PACKET):
            packet = data[number * PACKET:(number + 1) * PACKET]
            if packet[0] != 0x47:
                self.problems.append(f"packet {number} does not begin with 0x47")
                continue
            self._packet(number, packet, counters)

    def _packet(self, number, packet, counters):
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        start, field, has_payload = packet[1] & 0x40, packet[3] & 0x20, packet[3] & 0x10
        counter = packet[3] & 15
        if number < 3:
            self.first.append(pid)
        at = 4
        if field:
            at += 1 + packet[4]
            if packet[4] and packet[5] & 0x10:
                base = int.from_bytes(packet[6:10], "big") << 1 | packet[10] >> 7
                self.clocks.append((number, base))
            if packet[4] and packet[5] & 0x40 and pid == 0x100:
                self.keys += 1
        if pid == 0x1FFF or not has_payload:
            return
        if pid in counters and counter != (counters[pid] + 1) % 16:
            self.problems.append(f"packet {number}: PID {pid:#x} counts {counter} after {counters[pid]}")
        counters[pid] = counter
        if start:
            payload = packet[at:]
            if pid in (0, 0x1000):
                length = (payload[2] & 15) << 8 | payload[3]
                section = payload[1:4 + length]
                if crc32(section):
                    self.problems.append(f"packet {number}: bad CRC of PID {pid:#x}")
                self.tables[pid] = section
            elif payload[:3] != b"\x00\x00\x01":
                self.problems.append(f"packet {number}: PID {pid:#x} begins no PES packet")
            else:
                pts = timestamp(payload[9:14])
                dts = timestamp(payload[14:19]) if payload[7] & 0x40 else pts
                self.starts.setdefault(pid, []).append((pts, dts, payload[9 + payload[8]:][:6]))
                if self.clocks and (dts - self.clocks[-1][1]) % WRAP > WRAP // 2:
                    self.problems.append(
                        f"packet {number}: the clock {self.clocks[-1][1]} is past the time {dts} of PID {pid:#x}")

    def check(self, video=0x100, audio=0x101):
        """All rules that hold for each stream of ours."""
        assert not self.problems, self.problems[:5]
        assert self.first[:2] == [0, 0x1000], f"begins with PIDs {self.first}"
        steps = [(after[1] - before[1]) % WRAP for before, after in zip(self.clocks, self.clocks[1:])]
        assert steps and max(steps) <= 9000, f"clock references are up to {max(steps) / 90} ms apart"
        if video is not None:
            starts = self.starts[video]
            assert all(first[:6] == b"\x00\x00\x00\x01\x09\xf0" for _, _, first in starts), "a picture without delimiter"
            times = [dts for _, dts, _ in starts]
            steps = [(after - before) % WRAP for before, after in zip(times, times[1:])]
            assert all(0 < step < WRAP // 2 for step in steps), "decode times step back"
            assert all((pts - dts) % WRAP < WRAP // 2 for pts, dts, _ in starts), "a picture is shown before it is decoded"
        if audio is not None:
            assert all(first[0] == 0xFF and first[1] & 0xF0 == 0xF0 for _, _, first in self.starts[audio]), "sound without ADTS"
