"""Are the frames that came out those that went in? Packets are compared by hash, order, time and A/V offset.

A received track must be a contiguous piece of its source track (which may have been sent in a loop), decode times never
step back, and the distance between a frame that was received and its source is the same for audio and video.
"""

import hashlib
import json
import subprocess
from dataclasses import dataclass

KINDS = ("video", "audio")
EDGE_MS = 1000  # a piece at the edge of a loop or a run may be too short to have a piece of the other track beside it


@dataclass(frozen=True)
class Packet:
    kind: str
    dts: float  # milliseconds, like all times here
    pts: float
    key: bool
    digest: str


def digest(data):
    return hashlib.sha256(data).hexdigest()[:32]


@dataclass(frozen=True)
class Piece:
    """A stretch of one track that stood in this order in the source, within one pass of its loop."""

    kind: str
    run: int
    packets: int
    start: float
    end: float
    shift: float  # what was added to the times of the source


def probe(path):
    """The packets of a file as ffmpeg's demuxer gives them, no time corrected: {"video": […], "audio": […]}."""
    output = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_data_hash", "SHA256", "-show_entries",
         "packet=codec_type,pts_time,dts_time,flags,data_hash", str(path)],
        check=True, capture_output=True, timeout=60).stdout
    media = {}
    for entry in json.loads(output)["packets"]:
        if (kind := entry.get("codec_type")) in KINDS:
            dts = round(float(entry["dts_time"]) * 1000, 3)
            pts = round(float(entry.get("pts_time", entry["dts_time"])) * 1000, 3)
            media.setdefault(kind, []).append(
                Packet(kind, dts, pts, "K" in entry["flags"], entry["data_hash"].split(":")[1].lower()[:32]))
    return media


def essence(path):
    """The same by ffmpeg's framehash, with what containers add taken away, so that TS can be compared with FLV.

    H.264 in Annex B without parameter sets, SEI and access unit delimiters; AAC without ADTS heads.
    """
    output = subprocess.run(
        ["ffmpeg", "-v", "error", "-copyts", "-i", str(path), "-map", "0:v?", "-map", "0:a?", "-c", "copy",
         "-copyinkf", "-bsf:v", "h264_mp4toannexb,filter_units=remove_types=6-9", "-bsf:a", "aac_adtstoasc",
         "-f", "framehash", "-hash", "sha256", "-"], check=True, capture_output=True, text=True, timeout=60).stdout
    kinds, bases, media = {}, {}, {}
    for line in output.splitlines():
        if line.startswith("#media_type"):
            stream, kind = line.split(" ", 1)[1].split(": ")
            kinds[stream] = kind.strip()
        elif line.startswith("#tb"):
            stream, base = line.split(" ", 1)[1].split(": ")
            above, below = base.split("/")
            bases[stream] = 1000 * int(above) / int(below)
        elif not line.startswith("#") and line.strip():
            stream, dts, pts, _, _, data = [part.strip() for part in line.split(",")][:6]
            kind, base = kinds[stream], bases[stream]
            media.setdefault(kind, []).append(Packet(kind, int(dts) * base, int(pts) * base, True, data[:32]))
    return media


def follow(source, received):
    """Cuts a received track into runs (first place in the received track, first place in the source, count).

    A place in the source goes on counting in the next pass of a loop.
    """
    places = {}
    for place, packet in enumerate(source):
        places.setdefault(packet.digest, []).append(place)
    runs, at = [], 0
    while at < len(received):
        starts = places.get(received[at].digest)
        if not starts:
            packet = received[at]
            raise AssertionError(f"{packet.kind} packet {at} (dts {packet.dts}) is not one of the source")
        run = max((_length(source, received, at, start), start) for start in starts)
        runs.append((at, run[1], run[0]))
        at += run[0]
    return runs


def _length(source, received, at, start):
    count = 0
    while at + count < len(received) and source[(start + count) % len(source)].digest == received[at + count].digest:
        count += 1
    return count


def _pieces(source, received, runs, tolerance):
    for number, (at, start, count) in enumerate(runs):
        piece = []
        for step in range(count):
            origin = source[(start + step) % len(source)]
            packet = received[at + step]
            lead, origin_lead = packet.pts - packet.dts, origin.pts - origin.dts
            assert abs(lead - origin_lead) <= tolerance, \
                f"{packet.kind} packet {at + step}: pts - dts is {lead} ms, was {origin_lead} ms"
            if step and (start + step) % len(source) == 0:
                yield _piece(piece, number, tolerance)
                piece = []
            piece.append((origin, packet))
        yield _piece(piece, number, tolerance)


def _piece(pairs, run, tolerance):
    shifts = [packet.dts - origin.dts for origin, packet in pairs]
    packet = pairs[0][1]
    assert max(shifts) - min(shifts) <= tolerance, \
        f"{packet.kind} from dts {packet.dts} on: times were moved by {min(shifts)} to {max(shifts)} ms"
    return Piece(packet.kind, run, len(pairs), packet.dts, pairs[-1][1].dts, shifts[0])


def _check_order(track):
    for before, after in zip(track, track[1:]):
        assert after.dts >= before.dts, f"{after.kind} dts steps back from {before.dts} to {after.dts}"


def _check_offset(pieces, others, tolerance):
    for piece in pieces:
        near = min((abs(piece.shift - other.shift) for other in others), default=None)
        if piece.end - piece.start >= EDGE_MS:
            assert near is not None and near <= tolerance, (
                f"A/V offset changed by {near} ms: {piece.kind} from dts {piece.start} was moved by {piece.shift} ms, "
                f"the other track by {[other.shift for other in others]}")


def check_same(source, received, *, runs=1, tolerance=1.0, seconds=1.0, key_first=True):
    """Asserts all of the above; gives the pieces by kind.

    `runs` is how many contiguous stretches are allowed (a publisher that starts again begins a new one), `seconds` how
    much of each track there must be at least. Each stretch of video begins with a key frame.
    """
    found = {}
    for kind in KINDS:
        if kind not in source:
            assert kind not in received, f"{kind} came out, but none went in"
            continue
        track = received.get(kind, [])
        assert track and track[-1].dts - track[0].dts >= seconds * 1000, \
            f"too little {kind} came out: {len(track)} packets"
        _check_order(track)
        cuts = follow(source[kind], track)
        if len(cuts) > runs:
            places = [(start % len(source[kind]), count) for _, start, count in cuts]
            raise AssertionError(f"{kind} has {len(cuts)} stretches, {runs} allowed: (place in source, count) {places[:8]}")
        if kind == "video" and key_first:
            for at, start, _ in cuts:
                assert source[kind][start].key, f"a stretch of video begins with no key frame at dts {track[at].dts}"
        found[kind] = list(_pieces(source[kind], track, cuts, tolerance))
    if len(found) == 2:
        _check_offset(found["video"], found["audio"], tolerance)
        _check_offset(found["audio"], found["video"], tolerance)
    return found
