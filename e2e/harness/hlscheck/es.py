"""Elementary streams: what H.264, H.265 and AAC say of themselves (ISO/IEC 14496-10, 23008-2, 14496-3)."""

from dataclasses import dataclass

RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


@dataclass
class Sample:
    """One frame of one track; times in ticks of its track."""

    dts: int
    pts: int
    duration: int | None
    data: bytes
    key: bool = False
    at: int = 0   # place in the segment, bytes


@dataclass
class Format:
    """What a track holds: `codec` as CODECS has it."""

    kind: str                # "video", "audio", "data"
    codec: str = ""
    width: int = 0
    height: int = 0
    rate: int = 0            # samples a second
    channels: int = 0
    frame: int = 0           # samples of one audio frame
    length_size: int = 0     # of NAL units with lengths before them; 0: start codes


class Bits:
    """Reads bits of a NAL unit without its emulation prevention."""

    def __init__(self, nal):
        self.data = nal.replace(b"\x00\x00\x03", b"\x00\x00")
        self.at = 0

    def u(self, count):
        value = 0
        for _ in range(count):
            byte = self.data[self.at >> 3] if self.at >> 3 < len(self.data) else 0
            value = value << 1 | byte >> (7 - (self.at & 7)) & 1
            self.at += 1
        return value

    def ue(self):
        zeros = 0
        while zeros < 32 and not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self):
        value = self.ue()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def annexb(data):
    """NAL units between start codes."""
    nals, at = [], data.find(b"\x00\x00\x01")
    while at >= 0:
        end = data.find(b"\x00\x00\x01", at + 3)
        nal = data[at + 3:end if end >= 0 else len(data)]
        nals.append(nal.rstrip(b"\x00") if end >= 0 else nal)
        at = end
    return [nal for nal in nals if nal]


def lengths(data, size):
    """NAL units with lengths before them; None when the lengths do not add up."""
    nals, at = [], 0
    while at < len(data):
        count = int.from_bytes(data[at:at + size], "big")
        at += size
        if not count or at + count > len(data):
            return None
        nals.append(data[at:at + count])
        at += count
    return nals


def nals_of(format, data):
    return lengths(data, format.length_size) if format.length_size else annexb(data)


def h264_types(nals):
    return [nal[0] & 31 for nal in nals]


def h265_types(nals):
    return [nal[0] >> 1 & 63 for nal in nals]


def is_random_access(codec, nals):
    """Whether an access unit is an IDR (H.264), or an IRAP (H.265)."""
    if codec.startswith(("avc1", "avc3")):
        return 5 in h264_types(nals)
    return any(16 <= kind <= 21 for kind in h265_types(nals))


def has_parameter_sets(codec, nals):
    if codec.startswith(("avc1", "avc3")):
        return {7, 8} <= set(h264_types(nals))
    return {32, 33, 34} <= set(h265_types(nals))


def h264_format(sps, name="avc1"):
    """Codec string and size from a sequence parameter set."""
    bits = Bits(sps[1:])
    profile, constraints, level = bits.u(8), bits.u(8), bits.u(8)
    bits.ue()
    chroma = 1
    if profile in (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135):
        chroma = bits.ue()
        if chroma == 3:
            bits.u(1)
        bits.ue(), bits.ue(), bits.u(1)
        if bits.u(1):
            for number in range(8 if chroma != 3 else 12):
                if bits.u(1):
                    _skip_scaling_list(bits, 16 if number < 6 else 64)
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.u(1), bits.se(), bits.se()
        for _ in range(bits.ue()):
            bits.se()
    bits.ue(), bits.u(1)
    width, units = (bits.ue() + 1) * 16, bits.ue() + 1
    frames_only = bits.u(1)
    height = units * 16 * (2 - frames_only)
    if not frames_only:
        bits.u(1)
    bits.u(1)
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        across, down = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1) * (2 - frames_only)
        width, height = width - across * (left + right), height - down * (top + bottom)
    return f"{name}.{profile:02x}{constraints:02x}{level:02x}", width, height


def _skip_scaling_list(bits, size):
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def hevc_name(name, profile_tier_level):
    """ISO/IEC 14496-15 §E.3: from general_profile_space to general_level_idc, 12 bytes."""
    space, tier, profile = profile_tier_level[0] >> 6, profile_tier_level[0] >> 5 & 1, profile_tier_level[0] & 31
    compatible = int(f"{int.from_bytes(profile_tier_level[1:5], 'big'):032b}"[::-1], 2)
    constraints = profile_tier_level[5:11].rstrip(b"\x00")
    return ".".join([name, f"{('', 'A', 'B', 'C')[space]}{profile}", f"{compatible:x}", f"{'LH'[tier]}{profile_tier_level[11]}",
                     *(f"{byte:x}" for byte in constraints)])


def h265_format(sps, name="hvc1"):
    raw = sps.replace(b"\x00\x00\x03", b"\x00\x00")
    bits = Bits(sps[2:])
    bits.u(4)
    layers = bits.u(3)
    bits.u(1)
    bits.at += 96
    present = [(bits.u(1), bits.u(1)) for _ in range(layers)]
    if layers:
        bits.at += 2 * (8 - layers)
    for profile, level in present:
        bits.at += 88 * profile + 8 * level
    bits.ue()
    chroma = bits.ue()
    if chroma == 3:
        bits.u(1)
    width, height = bits.ue(), bits.ue()
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        across, down = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1)
        width, height = width - across * (left + right), height - down * (top + bottom)
    return hevc_name(name, raw[3:15]), width, height


def adts_frames(data):
    """[(head's fields, frame)], what is left at the end, and what is wrong; a frame is without its head."""
    frames, at = [], 0
    while at + 7 <= len(data):
        if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
            return frames, data[at:], f"no ADTS head at byte {at}"
        head = 7 if data[at + 1] & 1 else 9
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        if length < head or data[at + 2] >> 2 & 15 >= len(RATES):
            return frames, data[at:], f"an ADTS head with length {length} or an unknown rate at byte {at}"
        if at + length > len(data):
            break
        fields = {"object": (data[at + 2] >> 6) + 1, "rate": RATES[data[at + 2] >> 2 & 15],
                  "channels": (data[at + 2] & 1) << 2 | data[at + 3] >> 6}
        frames.append((fields, data[at + head:at + length]))
        at += length
    return frames, data[at:], ""


def aac_format(config):
    """From an AudioSpecificConfig."""
    bits = Bits(b"")
    bits.data = config
    kind = bits.u(5)
    if kind == 31:
        kind = 32 + bits.u(6)
    index = bits.u(4)
    rate = bits.u(24) if index == 15 else RATES[index] if index < len(RATES) else 0
    channels = bits.u(4)
    frame = 1024 if kind in (5, 29) or not bits.u(1) else 960
    return Format("audio", f"mp4a.40.{kind}", rate=rate, channels=channels, frame=frame)


MPEG_AUDIO_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def mpeg_audio_format(data):
    """From the head of a frame of MPEG-1 or MPEG-2 audio; None when there is none."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    version, layer, rate = data[1] >> 3 & 3, 4 - (data[1] >> 1 & 3), data[2] >> 2 & 3
    if version == 1 or rate == 3 or layer == 4:
        return None
    frame = 384 if layer == 1 else 576 if layer == 3 and version != 3 else 1152
    return Format("audio", "mp4a.40.34", rate=MPEG_AUDIO_RATES[version][rate], channels=1 if data[3] >> 6 == 3 else 2, frame=frame)
