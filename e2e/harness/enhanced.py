"""Enhanced RTMP in FLV: files made of what ffmpeg encodes into MP4, and the tracks of what comes out.

ffmpeg 5.1 neither writes nor reads it; so packets are taken from MP4 by their places in the file, and compared by
hash with those that our own reading of the tags gives (E-RTMP v2).
"""

import json
import subprocess
from dataclasses import dataclass

from . import amf, material
from .flv import AUDIO, DATA, VIDEO, Tag, header, read_tags, write_tag
from .frames import Packet, digest

SEQUENCE_START, FRAMES, FRAMES_X, METADATA, MULTITRACK, MOD_EX = 0, 1, 3, 4, 6, 7
MULTICHANNEL, AUDIO_MULTITRACK = 4, 5
FIRST = float("-inf")  # before all frames, some of which have times below 0
WITH_COMPOSITION = (b"avc1", b"hvc1", b"vvc1")
FOURCC = {"h264": b"avc1", "hevc": b"hvc1", "av1": b"av01", "vp9": b"vp09", "vp8": b"vp08",
          "aac": b"mp4a", "opus": b"Opus", "flac": b"fLaC", "ac3": b"ac-3", "eac3": b"ec-3"}
COLOUR = amf.encode_all("colorInfo", {"colorConfig": {"bitDepth": 10.0, "transferCharacteristics": 16.0}})


@dataclass
class Encoded:
    """One track of an MP4 file: packets of (dts, pts, key, data), in milliseconds."""

    kind: str
    codec: str
    config: bytes
    packets: list


def _hexdump(text):
    return b"".join(bytes.fromhex(line[10:50].replace(" ", "")) for line in text.strip().splitlines())


def read_mp4(path):
    """The tracks of an MP4 file, by its own index."""
    out = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_data", "-show_streams", "-show_packets", "-show_entries",
                          "stream=index,codec_type,codec_name,extradata:packet=stream_index,dts_time,pts_time,flags,pos,size",
                          str(path)], check=True, capture_output=True, timeout=60).stdout
    found = json.loads(out)
    data = path.read_bytes()
    tracks = {}
    for stream in found["streams"]:
        config = _hexdump(stream.get("extradata", ""))
        if stream["codec_name"] == "flac":
            config = b"fLaC" + b"\x80\x00\x00\x22" + config[-34:]
        tracks[stream["index"]] = Encoded(stream["codec_type"], stream["codec_name"], config, [])
    for packet in found["packets"]:
        at, size = int(packet["pos"]), int(packet["size"])
        times = (round(float(packet[name]) * 1000) for name in ("dts_time", "pts_time"))
        tracks[packet["stream_index"]].packets.append((*times, "K" in packet["flags"], data[at:at + size]))
    return [tracks[index] for index in sorted(tracks)]


def _lead(track, number, legacy, packet_type, key=True, composition=0):
    fourcc = FOURCC[track.codec]
    if legacy:
        if track.kind == "audio":
            return bytes([0xAF, packet_type])
        return bytes([0x17 if key else 0x27, packet_type]) + composition.to_bytes(3, "big", signed=True)
    top = 0x90 if track.kind == "audio" or key else 0xA0
    several = AUDIO_MULTITRACK if track.kind == "audio" else MULTITRACK
    offset = b""
    if track.kind == "video" and packet_type == FRAMES and fourcc in WITH_COMPOSITION:
        offset = composition.to_bytes(3, "big", signed=True)
    if number:
        return bytes([top | several, packet_type]) + fourcc + bytes([number]) + offset
    return bytes([top | packet_type]) + fourcc + offset


def write_flv(path, tracks, *, metadata=None, colour=False):
    """An FLV file of tracks (Encoded, number, whether in the old form); all start at 0, in the order of time."""
    zero = min(packet[0] for track, _, _ in tracks for packet in track.packets)
    tags = []
    if metadata is not None:
        tags.append((FIRST, Tag(DATA, 0, amf.encode_all("onMetaData", metadata))))
    for track, number, legacy in tracks:
        type = VIDEO if track.kind == "video" else AUDIO
        if track.config:
            tags.append((FIRST, Tag(type, 0, _lead(track, number, legacy, SEQUENCE_START) + track.config)))
        if colour and track.kind == "video" and not number and not legacy:
            tags.append((FIRST, Tag(VIDEO, 0, bytes([0xD0 | METADATA]) + FOURCC[track.codec] + COLOUR)))
        if colour and track.kind == "audio" and not number and not legacy:
            tags.append((FIRST, Tag(AUDIO, 0, bytes([0x90 | MULTICHANNEL]) + FOURCC[track.codec] + bytes([1, 2, 0, 0, 0, 3]))))
        for dts, pts, key, data in track.packets:
            lead = _lead(track, number, legacy, FRAMES, key or track.kind == "audio", pts - dts)
            tags.append((dts, Tag(type, dts - zero, lead + data)))
    tags.sort(key=lambda entry: entry[0])
    path.write_bytes(header() + b"".join(write_tag(tag) for _, tag in tags))
    return path


@dataclass
class Read:
    """What one track of an FLV file is, and its packets."""

    codec: str
    configs: list
    packets: list


def _old_form(tag):
    """(codec, packet type, composition, data) of a tag in the old form; None for codecs that we do not compare."""
    body = tag.body
    if tag.type == VIDEO and len(body) >= 5 and body[0] & 15 == 7:
        return "h264", body[1], int.from_bytes(body[2:5], "big", signed=True), body[5:]
    if tag.type == AUDIO and len(body) >= 2 and body[0] >> 4 == 10:
        return "aac", body[1], 0, body[2:]
    return None


def _without_mod_ex(body):
    """A body without its modifiers: what is left begins with the packet type that they modify."""
    while body[0] & 15 == MOD_EX:
        size, at = (body[1] + 1, 2) if body[1] < 255 else (int.from_bytes(body[2:4], "big") + 1, 4)
        body = bytes([body[0] & 0xF0 | body[at + size] & 15]) + body[at + size + 1:]
    return body


def _new_form(tag):
    """(codec, packet type, composition, data, number) of a tag with a FourCC."""
    body, number = _without_mod_ex(tag.body), 0
    packet_type, at = body[0] & 15, 1
    if packet_type == (MULTITRACK if tag.type == VIDEO else AUDIO_MULTITRACK):
        assert body[1] >> 4 == 0, "we write one track in each message"
        packet_type, at, number = body[1] & 15, 2, body[6]
    fourcc, at = body[at:at + 4], at + 4 + (1 if at == 2 else 0)
    codec = next(name for name, code in FOURCC.items() if code == fourcc)
    composition = 0
    if tag.type == VIDEO and packet_type == FRAMES and fourcc in WITH_COMPOSITION:
        composition, at = int.from_bytes(body[at:at + 3], "big", signed=True), at + 3
    if tag.type == VIDEO and packet_type == FRAMES_X:
        packet_type = FRAMES
    return codec, packet_type, composition, body[at:], number


def tracks_of(tags):
    """{("video", 0): Read, …}, and the bodies of metadata packets, of FLV tags in either form."""
    tracks, colours = {}, []
    for tag in tags:
        if tag.type not in (AUDIO, VIDEO) or len(tag.body) < 2:
            continue
        kind = "video" if tag.type == VIDEO else "audio"
        if tag.body[0] >> 4 == 9 if kind == "audio" else tag.body[0] & 0x80:
            codec, packet_type, composition, data, number = _new_form(tag)
        elif (old := _old_form(tag)) is not None:
            (codec, packet_type, composition, data), number = old, 0
        else:
            raise AssertionError(f"a tag that begins with {tag.body[:2].hex()}")
        read = tracks.setdefault((kind, number), Read(codec, [], []))
        assert read.codec == codec, f"{kind} {number} was {read.codec} and is {codec}"
        if packet_type == SEQUENCE_START:
            read.configs.append(data)
        elif packet_type == FRAMES:
            key = kind == "audio" or tag.body[0] >> 4 & 7 == 1
            read.packets.append(Packet(kind, tag.time, tag.time + composition, key, digest(data)))
        elif packet_type == METADATA:
            colours.append((kind, data))
    return tracks, colours


def read_flv(path):
    return tracks_of(read_tags(path))


def source_of(track):
    """The packets of an encoded track as a reader should give them."""
    return [Packet(track.kind, dts, pts, key or track.kind == "audio", digest(data)) for dts, pts, key, data in track.packets]


def encode(name, *options):
    """An MP4 file, made by ffmpeg once."""
    material.RECIPES.setdefault(name, [*options, "-strict", "-2"])
    return read_mp4(material.make(name))
