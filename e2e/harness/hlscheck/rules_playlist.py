"""Rules C1 to C11, C15, C16 and C20: the texts of the playlists, and how they change."""

from itertools import pairwise

from .findings import rule
from .playlist import read_date, real

TYPES = ("application/vnd.apple.mpegurl", "audio/mpegurl", "application/x-mpegurl")
MEDIA_TYPES = {"ts": ("video/mp2t",), "fmp4": ("video/mp4", "audio/mp4", "video/iso.segment"),
               "packed": ("audio/aac", "audio/aacp"), "vtt": ("text/vtt",)}
ENDINGS = {"ts": (".ts",), "fmp4": (".m4s", ".mp4", ".m4a", ".cmfv", ".cmfa"), "packed": (".aac",), "vtt": (".vtt", ".webvtt")}


def path_of(url):
    return url.split("?")[0].split("#")[0]


def loads_of(watched):
    """(rendition, load) of all playlists; the multivariant one with None."""
    if watched.master:
        yield None, watched.master
    for rendition in watched.renditions:
        for load in rendition.loads:
            yield rendition, load


def tell(say, load, name):
    """Hands on what the parser has found for a rule."""
    for found, line, text in load.list.problems:
        if found == name:
            say.must(load.answer.url, line, text)


@rule("C1")
def well_formed(watched, say):
    """The first line is #EXTM3U; UTF-8, no byte order mark, no control characters; tags and attributes as they must be."""
    if watched.master_answer.status != 200:
        say.must(watched.url, 0, f"status {watched.master_answer.status} {watched.master_answer.problem}")
    for rendition, load in loads_of(watched):
        say.looked()
        tell(say, load, "C1")
    for rendition in watched.renditions:
        for answer in rendition.failures:
            before = max((load.answer.ended for load in rendition.loads if load.answer.ended < answer.began), default=None)
            if before is not None and answer.ended - before < watched.expect.outage:
                continue
            say.must(answer.url, 0, f"no playlist: status {answer.status} {answer.problem} {answer.body[:60]!r}")


@rule("C2")
def types_and_endings(watched, say):
    """Content types and endings fit what is in there."""
    for rendition, load in loads_of(watched):
        say.looked()
        if load.answer.type not in TYPES:
            text = f"a playlist with the type {load.answer.type!r}"
            fine = path_of(load.answer.url).endswith((".m3u8", ".m3u"))
            (say.should if fine else say.must)(load.answer.url, 0, text)
    for rendition in watched.renditions:
        for piece in rendition.pieces:
            kind = piece.media.container
            if kind not in MEDIA_TYPES:
                continue
            say.looked()
            if not path_of(piece.url).endswith(ENDINGS[kind]):
                say.must(piece.url, piece.item.segment.line, f"a segment of {kind} whose name does not end in one of {ENDINGS[kind]}")
            if piece.item.answer.type not in MEDIA_TYPES[kind]:
                say.must(piece.url, piece.item.segment.line, f"a segment of {kind} with the type {piece.item.answer.type!r}")


@rule("C3")
def version(watched, say):
    """One EXT-X-VERSION, at least what is used needs, and (should) no higher."""
    for rendition, load in loads_of(watched):
        found, url = load.list, load.answer.url
        say.looked()
        tell(say, load, "C3")
        needs = dict(found.needs)
        most = max(needs, default=1)
        line = found.one("EXT-X-VERSION")[1]
        if most > found.version:
            say.must(url, line, f"version {found.version}, but {needs[most]} needs {most}")
        elif found.version > max(most, 9 if "EXT-X-PART" in found.tags or found.part_target else 6):
            say.should(url, line, f"version {found.version}, but nothing needs more than {most}")


@rule("C4")
def target_duration(watched, say):
    """EXT-X-TARGETDURATION is there, and never changes."""
    for rendition in watched.renditions:
        for load in rendition.loads:
            say.looked()
            value, line = load.list.one("EXT-X-TARGETDURATION")
            if value is None or not value.isdigit() or int(value) < 1:
                say.must(load.answer.url, line, f"EXT-X-TARGETDURATION is {value!r}")
            elif load.list.target != rendition.target:
                say.must(load.answer.url, line, f"EXT-X-TARGETDURATION was {rendition.target}, is {value}")


@rule("C5")
def durations(watched, say):
    """EXTINF, rounded, is not above the target duration, and never more than half a second above it."""
    for rendition in watched.renditions:
        for item in rendition.items.values():
            segment, found = item.segment, item.load.list
            if found.target:
                say.looked()
                if int(segment.duration + 0.5) > found.target or segment.duration > found.target + 0.5:
                    say.must(item.load.answer.url, segment.line, f"EXTINF {segment.duration}, EXT-X-TARGETDURATION {found.target}")
                elif segment.duration > found.target and found.version < 6:
                    say.should(item.load.answer.url, segment.line, f"EXTINF {segment.duration} above EXT-X-TARGETDURATION {found.target} in "
                               f"version {found.version}: only since 6 is it rounded first")


@rule("C6")
def sequence_goes_up(watched, say):
    """The media sequence number never goes back, and goes up by as many as have been removed."""
    for rendition in watched.renditions:
        for before, after in pairwise(rendition.loads):
            say.looked()
            line = after.list.one("EXT-X-MEDIA-SEQUENCE")[1]
            if after.list.msn < before.list.msn:
                say.must(after.answer.url, line, f"EXT-X-MEDIA-SEQUENCE goes back from {before.list.msn} to {after.list.msn}")
                continue
            known = {segment.uri: segment.msn for segment in before.list.segments}
            moved = {segment.msn - known[segment.uri] for segment in after.list.segments if segment.uri in known}
            if len(moved) == 1 and moved != {0}:
                say.must(after.answer.url, line, f"EXT-X-MEDIA-SEQUENCE went from {before.list.msn} to {after.list.msn}, but "
                         f"the segments have numbers that are {moved.pop():+d}")
            last = before.list.segments[-1].msn if before.list.segments else before.list.msn
            if after.list.msn + len(after.list.segments) - 1 < last and after.list.type != "VOD":
                say.must(after.answer.url, line, f"segment {last} was listed, the newest is now "
                         f"{after.list.msn + len(after.list.segments) - 1}")


def shifted(before, after):
    """Whether all known segments have other numbers than before: a matter of C6, not of C7."""
    known = {segment.uri: segment.msn for segment in before.segments}
    moved = {segment.msn - known[segment.uri] for segment in after.segments if segment.uri in known}
    return after.msn < before.msn or (len(moved) == 1 and moved != {0})


@rule("C7")
def segments_stay(watched, say):
    """A media sequence number has one URI, range, duration and place among discontinuities for ever."""
    for rendition in watched.renditions:
        for before, after in pairwise(rendition.loads):
            if shifted(before.list, after.list):
                continue
            old = {segment.msn: segment for segment in before.list.segments}
            for segment in after.list.segments:
                if segment.msn in old:
                    say.looked()
                    _same(old[segment.msn], segment, after, say)


def _same(old, new, load, say):
    if old.uri.split("?")[0] != new.uri.split("?")[0]:
        say.must(load.answer.url, new.line, f"segment {new.msn} was {old.uri}, is {new.uri}")
    for what in ("range", "duration", "discontinuity", "gap"):
        if getattr(old, what) != getattr(new, what):
            say.must(load.answer.url, new.line, f"segment {new.msn}: {what} was {getattr(old, what)}, is {getattr(new, what)}")


@rule("C8")
def on_time(watched, say):
    """While the stream lives, a new segment comes within one and a half target durations."""
    for rendition in watched.renditions:
        since, newest, told = None, None, None
        limit = 1.5 * rendition.target + watched.expect.slack + watched.expect.outage
        for load in rendition.loads:
            last = load.list.segments[-1].msn if load.list.segments else None
            if last != newest:
                since, newest = load.answer.ended, last
            elif not load.list.ended and not load.list.type == "VOD" and load.asked is None and last != told:
                say.looked()
                late = load.answer.began - since
                if late > limit:
                    told = last
                    say.must(load.answer.url, 0, f"no segment after {last} for {late:.1f} s, target duration {rendition.target}")
            elif load.asked and load.answer.ended - since > limit and last != told:
                told = last
                say.must(load.answer.url, 0, f"no segment after {last} for {load.answer.ended - since:.1f} s")


@rule("C9")
def window(watched, say):
    """The window never shrinks below three target durations."""
    for rendition in watched.renditions:
        for before, after in pairwise(rendition.loads):
            if after.list.msn > before.list.msn and not after.list.ended:
                say.looked()
                if after.list.duration < 3 * rendition.target - 0.001:
                    say.must(after.answer.url, 0, f"{after.list.msn - before.list.msn} segments were removed, what is left lasts "
                             f"{after.list.duration:.3f} s, less than three times {rendition.target} s")


@rule("C10")
def playlist_type(watched, say):
    """No EXT-X-PLAYLIST-TYPE where segments are removed; EVENT only grows; VOD never changes."""
    for rendition in watched.renditions:
        for before, after in pairwise(rendition.loads):
            kind, line = after.list.one("EXT-X-PLAYLIST-TYPE")
            url = after.answer.url
            say.looked()
            if kind not in (None, "VOD", "EVENT"):
                say.must(url, line, f"EXT-X-PLAYLIST-TYPE is {kind!r}")
            if kind and after.list.msn != before.list.msn:
                say.must(url, line, f"EXT-X-PLAYLIST-TYPE:{kind}, but segments are removed")
            if kind == "VOD" and after.list.text != before.list.text:
                say.must(url, line, "a VOD playlist has changed")
            elif kind == "EVENT":
                old = [line for line in before.list.text.splitlines() if line.strip()]
                new = [line for line in after.list.text.splitlines() if line.strip()]
                if new[:len(old)] != old:
                    say.must(url, line, "an EVENT playlist has changed otherwise than at its end")
        if watched.expect.sliding and rendition.loads and rendition.loads[0].list.type:
            say.must(rendition.loads[0].answer.url, rendition.loads[0].list.one("EXT-X-PLAYLIST-TYPE")[1],
                     "EXT-X-PLAYLIST-TYPE in a sliding playlist")


@rule("C11")
def discontinuity_sequence(watched, say):
    """EXT-X-DISCONTINUITY-SEQUENCE stands in front, and goes up when, and only when, a tag leaves the list."""
    for rendition in watched.renditions:
        for load in rendition.loads:
            tell(say, load, "C11")
        for before, after in pairwise(rendition.loads):
            if shifted(before.list, after.list):
                continue
            say.looked()
            old, new = (load.list.number("EXT-X-DISCONTINUITY-SEQUENCE", 0) for load in (before, after))
            left = sum(1 for segment in before.list.segments if segment.msn < after.list.msn and segment.discontinuity)
            hole = before.list.segments and after.list.msn > before.list.segments[-1].msn + 1
            value, line = after.list.one("EXT-X-DISCONTINUITY-SEQUENCE")
            if not hole and new != old + left:
                say.must(after.answer.url, line, f"EXT-X-DISCONTINUITY-SEQUENCE went from {old} to {new}, {left} discontinuities left")


def runs_of(segments):
    """Segments in runs without a discontinuity or a hole."""
    run = []
    for segment in segments:
        if run and (segment.discontinuity or segment.msn != run[-1].msn + 1):
            yield run
            run = []
        run.append(segment)
    if run:
        yield run


@rule("C15")
def program_date_time(watched, say):
    """Live playlists have program date times; between two of them lies what the EXTINFs say, within a frame."""
    for rendition in watched.renditions:
        frame = watched.frame(rendition)
        for load in rendition.loads[:1]:
            listed = [*load.list.segments, *filter(None, [load.list.open])]
            if rendition.live and listed and not any(segment.date is not None for segment in listed):
                say.must(load.answer.url, 0, "a live playlist without EXT-X-PROGRAM-DATE-TIME")
        for load in rendition.loads:
            tell(say, load, "C15")
        segments = [rendition.items[msn].segment for msn in sorted(rendition.items)]
        for run in runs_of(segments):
            at = None
            for segment in run:
                if segment.date is not None:
                    say.looked()
                    if at is not None and abs(segment.date - at) > frame + 0.0011:
                        url = rendition.items[segment.msn].load.answer.url
                        say.must(url, segment.date_line, f"program date time of segment {segment.msn} is "
                                 f"{(segment.date - at) * 1000:+.0f} ms from what the durations before it say")
                    at = segment.date
                at = at + segment.duration if at is not None else None


@rule("C16")
def date_ranges(watched, say):
    """EXT-X-DATERANGE needs program date times; ids are unique; what was said of one never changes."""
    for rendition in watched.renditions:
        known = {}
        for load in rendition.loads:
            if "EXT-X-DATERANGE" not in load.list.tags:
                continue
            if "EXT-X-PROGRAM-DATE-TIME" not in load.list.tags:
                say.must(load.answer.url, load.list.one("EXT-X-DATERANGE")[1], "EXT-X-DATERANGE without EXT-X-PROGRAM-DATE-TIME")
            for _, attributes, line in load.list.tags["EXT-X-DATERANGE"]:
                say.looked()
                _date_range(attributes, line, known, load.answer.url, say)


def _date_range(attributes, line, known, url, say):
    id = attributes.get("ID")
    if not id:
        say.must(url, line, "EXT-X-DATERANGE without an ID")
    start, end = (read_date(attributes.get(name)) for name in ("START-DATE", "END-DATE"))
    if start is None and id not in known:
        say.must(url, line, f"date range {id} with the START-DATE {attributes.get('START-DATE')!r}")
    if start is not None and end is not None and end < start:
        say.must(url, line, f"date range {id} ends before it begins")
    for name in ("DURATION", "PLANNED-DURATION"):
        if name in attributes and (real(attributes[name]) is None or real(attributes[name]) < 0):
            say.must(url, line, f"date range {id} with {name}={attributes[name]}")
    if attributes.get("END-ON-NEXT") == "YES" and ("CLASS" not in attributes or {"DURATION", "END-DATE"} & attributes.keys()):
        say.must(url, line, f"date range {id} with END-ON-NEXT, without CLASS or with an end")
    for name, value in attributes.items():
        if known.setdefault(id, {}).setdefault(name, value) != value:
            say.must(url, line, f"date range {id}: {name} was {known[id][name]!r}, is {value!r}")


@rule("C20")
def the_end(watched, say):
    """Behind EXT-X-ENDLIST nothing comes: no preload hint, no change afterwards, the tag never goes."""
    for rendition in watched.renditions:
        for load in rendition.loads:
            if load.list.ended:
                say.looked()
                if "EXT-X-PRELOAD-HINT" in load.list.tags:
                    say.must(load.answer.url, load.list.one("EXT-X-PRELOAD-HINT")[1], "a preload hint and EXT-X-ENDLIST")
        for before, after in pairwise(rendition.loads):
            if before.list.ended and after.list.type != "VOD" and before.list.type != "VOD":
                old, new = ([segment.uri for segment in load.list.segments] for load in (before, after))
                if not after.list.ended or old != new:
                    say.must(after.answer.url, 0, "a playlist with EXT-X-ENDLIST has changed")
        if watched.expect.ends and rendition.loads and not rendition.newest.ended:
            say.must(rendition.loads[-1].answer.url, 0, "the stream has ended, EXT-X-ENDLIST has not come")
