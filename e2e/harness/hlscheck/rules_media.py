"""Rules C28 to C34 and C36: what is in the segments."""

import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

from . import es
from .analyse import begin_of, frame_ticks, span
from .findings import rule

ROUNDING = 0.0015     # seconds that decimals of EXTINF may take away
DECODERS = 2          # ffmpegs at a time
AUDIO_SLACK = 0.2     # seconds by which sound may begin later or end earlier than the picture of its segment


def place(piece):
    return piece.url, piece.item.segment.line


def neighbours(rendition):
    """(piece, the one that goes on from it or None)."""
    for before, after in pairwise([*rendition.pieces, None]):
        yield before, after if after and not after.begins else None


def told(watched, say, name):
    for rendition in watched.renditions:
        for piece in rendition.pieces:
            problems = [*piece.media.problems, *getattr(piece.item, "init_problems", ())]
            for found, level, text in problems:
                if found == name:
                    getattr(say, level)(*place(piece), f"segment {piece.msn}: {text}")


@rule("C28")
def begins_with_key_frame(watched, say):
    """With EXT-X-INDEPENDENT-SEGMENTS each segment begins with a random access picture that has its parameter sets."""
    told(watched, say, "C28")
    for rendition in watched.renditions:
        promised = any(load and "EXT-X-INDEPENDENT-SEGMENTS" in load.list.tags for load in (watched.master, *rendition.loads[:1]))
        for piece in rendition.pieces:
            track = piece.media.of("video")
            if not track or not track.format.codec.startswith(("avc", "hvc", "hev")):
                continue
            say.looked()
            nals = es.nals_of(track.format, track.samples[0].data)
            complaint = say.must if promised else say.should
            if nals is None:
                say.must(*place(piece), f"segment {piece.msn}: NAL unit lengths of the first frame do not add up")
            elif not es.is_random_access(track.format.codec, nals):
                complaint(*place(piece), f"segment {piece.msn} begins with no key frame")
            elif not track.format.length_size and not es.has_parameter_sets(track.format.codec, nals):
                say.must(*place(piece), f"segment {piece.msn} begins with a key frame without parameter sets")


@rule("C29")
def times_go_on(watched, say):
    """DTS goes up strictly, PTS is never before DTS, and between segments there is neither hole nor overlap of a frame."""
    for rendition in watched.renditions:
        for piece, after in neighbours(rendition):
            for track in piece.media.tracks.values():
                if track.format.kind == "data" or not track.samples:
                    continue
                say.looked()
                _order(piece, track, say)
                follower = after and after.media.tracks.get(track.id)
                if follower and follower.samples:
                    frame, last = frame_ticks(track), track.samples[-1]
                    gap = follower.samples[0].dts - last.dts - (last.duration or frame)
                    if abs(gap) >= frame + 0.001 * track.timescale:
                        say.must(*place(after), f"segment {after.msn}: the first frame of track {track.id:#x} ({track.format.kind}) is "
                                 f"{gap / track.timescale * 1000:+.1f} ms from the end of segment {piece.msn}")


def _order(piece, track, say):
    name = f"segment {piece.msn}: track {track.id:#x} ({track.format.kind})"
    for before, after in pairwise(track.samples):
        if after.dts <= before.dts:
            say.must(*place(piece), f"{name}: DTS {after.dts} after {before.dts}")
            break
    for sample in track.samples:
        if sample.pts < sample.dts:
            say.must(*place(piece), f"{name}: PTS {sample.pts} before DTS {sample.dts}")
            break


@rule("C30")
def durations_are_true(watched, say):
    """A segment lasts as long as its EXTINF says, and so do all together, within a frame."""
    for rendition in watched.renditions:
        told_sum = real_sum = 0.0
        for piece, after in neighbours(rendition):
            track = piece.media.main()
            if piece.begins:
                told_sum = real_sum = 0.0
            if not track:
                continue
            say.looked()
            frame = frame_ticks(track) / track.timescale
            begin = begin_of(piece)
            end = begin_of(after) if after and after.media.main() else span(track)[1]
            told_sum, real_sum = told_sum + piece.item.segment.duration, real_sum + end - begin
            here, where = piece.item.segment.duration, (piece.item.load.answer.url, piece.item.segment.line)
            if abs(here - (end - begin)) > frame + ROUNDING:
                say.must(*where, f"segment {piece.msn}: EXTINF {here:.3f}, it lasts {end - begin:.3f} s")
            elif abs(told_sum - real_sum) > frame + ROUNDING * 2:
                say.must(*where, f"up to segment {piece.msn} the EXTINFs are {told_sum:.3f} s, the media {real_sum:.3f} s")
                told_sum = real_sum = 0.0


@rule("C31")
def transport_stream(watched, say):
    """TS: sync bytes, continuity, CRCs, one program, a constant PMT, PCRs, PES packets, delimiters; packed audio: whole frames."""
    told(watched, say, "C31")
    for rendition in watched.renditions:
        if count := sum(1 for piece in rendition.pieces if piece.media.container in ("ts", "packed")):
            say.looked(count)


@rule("C32")
def fragments(watched, say):
    """fMP4: decode times and numbers go on, offsets stay inside, the initialisation segment fits and has no samples."""
    told(watched, say, "C32")
    for rendition in watched.renditions:
        for piece in rendition.pieces:
            if piece.media.container == "fmp4":
                say.looked()
                for track in piece.media.tracks.values():
                    _lengths(piece, track, say)


def _lengths(piece, track, say):
    if track.format.length_size:
        for number, sample in enumerate(track.samples):
            if es.lengths(sample.data, track.format.length_size) is None:
                say.must(*place(piece), f"segment {piece.msn}: NAL unit lengths of frame {number} do not add up")
                return


@rule("C33")
def sound_covers_picture(watched, say):
    """The sound of a segment begins and ends with its picture, within 0.2 s."""
    for rendition in watched.renditions:
        for piece in rendition.pieces:
            video, audio = piece.media.of("video"), piece.media.of("audio")
            if video and audio:
                say.looked()
                (begin, end), (from_, to) = span(video), span(audio)
                if from_ > begin + AUDIO_SLACK or to < end - AUDIO_SLACK:
                    say.must(*place(piece), f"segment {piece.msn}: picture from {begin:.3f} to {end:.3f} s, "
                             f"sound from {from_:.3f} to {to:.3f} s")
            elif video and any(track.format.kind == "audio" for track in piece.media.tracks.values()):
                say.must(*place(piece), f"segment {piece.msn} has a track for sound, and no sound")


@rule("C34")
def key_frame_interval(watched, say):
    """There is a key frame every two seconds."""
    for rendition in watched.renditions:
        key = None
        for piece in rendition.pieces:
            key = None if piece.begins or not piece.media.of("video") else key
            if track := piece.media.of("video"):
                say.looked()
                for sample in track.samples:
                    since = (sample.dts - key) / track.timescale if key is not None else 0
                    if sample.key or key is None:
                        key = sample.dts
                    if since > 2.05 and (sample.key or sample is track.samples[-1]):
                        say.should(*place(piece), f"segment {piece.msn}: {since:.2f} s without a key frame")


@rule("C36")
def decodes(watched, say):
    """ffmpeg decodes each segment alone, and each run of segments as a whole, without a complaint."""
    if not watched.expect.decode:
        return
    jobs = []
    for rendition in watched.renditions:
        run = []
        for piece in rendition.pieces:
            lost = piece.sealed or piece.media.container == "fmp4" and not piece.init_tracks  # C37, C14 and C32 tell it
            if lost or piece.media.container not in ("ts", "fmp4", "packed"):
                continue
            jobs.append((*place(piece), f"segment {piece.msn} alone", [piece.init, piece.body]))
            if piece.begins or run and piece.init != run[-1].init:
                jobs += _whole(run)
                run = []
            run.append(piece)
        jobs += _whole(run)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(DECODERS) as pool:
        for (url, line, what, _), complaint in zip(jobs, pool.map(lambda job: decode(job[3], Path(folder)), jobs)):
            say.looked()
            if complaint:
                say.must(url, line, f"{what}: {complaint}")


def _whole(run):
    if len(run) > 1:
        yield *place(run[0]), f"segments {run[0].msn} to {run[-1].msn} as a whole", [run[0].init, *(piece.body for piece in run)]


def decode(pieces, folder):
    """What ffmpeg complains of; empty when all is well."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.writelines(pieces)
        file.flush()
        done = subprocess.run(["ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-xerror", "-threads", "1", "-i", file.name,
                               "-map", "0:v?", "-map", "0:a?", "-f", "null", "-"], capture_output=True, text=True, timeout=120)
    return f"status {done.returncode}: {done.stderr.strip()[:300]}" if done.returncode or done.stderr.strip() else ""
