"""What can be wrong with HLS: each function gives an option of Origin, or changes the bytes of a segment."""

import re

from .hlscheck.ts import crc32, read_time

VIDEO, AUDIO, PMT = 0x100, 0x101, 0x1000  # PIDs of ffmpeg


def text(pattern, by, only="v.m3u8", count=0):
    """Replaces in playlists."""
    return {"text": lambda name, body: re.sub(pattern, by, body, count, re.MULTILINE) if name == only else body}


def every(second):
    """Alters the playlist from the second time on."""
    calls = []

    def alter(name, body):
        calls.append(name)
        return second(body) if name == "v.m3u8" and calls.count(name) > 1 else body
    return {"text": alter}


def late(pattern, by):
    return every(lambda body: re.sub(pattern, by, body, 0, re.MULTILINE))


def body(only, change):
    return {"body": lambda name, content: change(bytearray(content)) if re.fullmatch(only, name) else content}


def header(only, **fields):
    """Replaces (or, with None, takes away) heads of answers."""
    def alter(answer, name):
        if re.fullmatch(only, name):
            for field, value in fields.items():
                answer.headers.pop(field.replace("_", "-"), None)
                if value is not None:
                    answer.headers[field.replace("_", "-")] = value
    return {"answer": alter}


def status(only, code):
    def alter(answer, name):
        if re.fullmatch(only, name):
            answer.status, answer.body = code, b""
    return {"answer": alter}


def packets(content, pid):
    """Where the packets of a PID are."""
    return [at for at in range(0, len(content), 188) if (content[at + 1] & 31) << 8 | content[at + 2] == pid]


def crossed_counter(content):
    content[packets(content, VIDEO)[3] + 3] ^= 1
    return bytes(content)


def wrong_crc(content):
    content[packets(content, PMT)[0] + 20] ^= 1
    return bytes(content)


def other_pmt(content):
    """The same with a higher version, in one segment."""
    for at in packets(content, PMT):
        section = content[at + 5:at + 188]
        length = 3 + ((section[1] & 15) << 8 | section[2])
        section[5] += 2
        section[length - 4:length] = crc32(section[:length - 4]).to_bytes(4, "big")
        content[at + 5:at + 188] = section
    return bytes(content)


def without(pid):
    return lambda content: b"".join(content[at:at + 188] for at in range(0, len(content), 188)
                                    if (content[at + 1] & 31) << 8 | content[at + 2] != pid)


def pcr_ahead(content):
    """All PCRs a second later: behind them comes what should have been there."""
    for at in packets(content, VIDEO):
        if content[at + 3] & 0x20 and content[at + 4] and content[at + 5] & 0x10:
            raw = int.from_bytes(content[at + 6:at + 12], "big") + (90000 << 15)
            content[at + 6:at + 12] = raw.to_bytes(6, "big")
    return bytes(content)


def without_pcr(content):
    """PCRs in the first half only."""
    for at in packets(content, VIDEO)[len(packets(content, VIDEO)) // 2:]:
        if content[at + 3] & 0x20 and content[at + 4] and content[at + 5] & 0x10:
            size = content[at + 4]
            content[at + 5:at + 5 + size] = bytes([content[at + 5] & 0xEF]) + b"\xff" * (size - 1)
    return bytes(content)


def wrong_pes_length(content):
    at = packets(content, AUDIO)[0]
    start = content.index(b"\x00\x00\x01\xc0", at)
    content[start + 5] ^= 1
    return bytes(content)


def without_delimiters(content):
    return bytes(content).replace(b"\x00\x00\x00\x01\x09\xf0", b"\x00\x00\x00\x01\x0c\xff")


def sequence_sets_gone(content):
    """The sequence parameter set becomes filler."""
    at = content.index(b"\x00\x00\x00\x01\x67")
    content[at + 4] = 0x6C
    return bytes(content)


def not_idr(content):
    """IDR slices become slices of another kind."""
    return bytes(content).replace(b"\x00\x00\x01\x65", b"\x00\x00\x01\x61")


def shifted_times(pid, seconds):
    """All times of one PID of a segment without DTS are moved."""
    def change(content):
        for place in packets_that_begin(content, pid):
            value = read_time(content[place:place + 5]) + round(seconds * 90000)
            content[place:place + 5] = write_time(content[place] >> 4, value)
        return bytes(content)
    return change


def write_time(mark, value):
    return bytes([mark << 4 | value >> 29 & 14 | 1, value >> 22 & 255, value >> 14 & 254 | 1, value >> 7 & 255, value << 1 & 254 | 1])


def boxed(kind, change):
    """Changes the body of each box of a kind (as long as it was)."""
    def alter(content):
        at = content.find(kind)
        while at >= 0:
            size = int.from_bytes(content[at - 4:at], "big")
            content[at + 4:at - 4 + size] = change(content[at + 4:at - 4 + size])
            at = content.find(kind, at + 4)
        return bytes(content)
    return alter


def other_sound(content):
    """One bit of the last byte of a frame of sound."""
    at = packets(content, AUDIO)[0]
    content[at + 187] ^= 1
    return bytes(content)


def spoilt_pictures(content):
    """Zeros in the middle of pictures."""
    for at in packets(content, VIDEO)[2:40:3]:
        if not content[at + 1] & 0x40 and not content[at + 3] & 0x20:
            content[at + 4:at + 188] = bytes([0x55]) * 184
    return bytes(content)


def frozen_times(content):
    """Two pictures of a segment have the same times."""
    first, second = packets_that_begin(content, VIDEO)[2:4]
    content[second:second + 5] = content[first:first + 5]
    return bytes(content)


def packets_that_begin(content, pid):
    """Where the PTS of the PES packets of a PID are."""
    return [content.index(b"\x00\x00\x01", at) + 9 for at in packets(content, pid) if content[at + 1] & 0x40]


def later(by):
    def change(tfdt):
        tfdt[4:12] = (int.from_bytes(tfdt[4:12], "big") + by).to_bytes(8, "big")
        return tfdt
    return change


def at(place, value):
    def change(content):
        content[place:place + len(value)] = value
        return content
    return change
