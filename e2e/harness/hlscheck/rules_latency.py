"""Rules C39 to C47 and C49: parts, preload hints, blocking reload, delta updates, rendition reports."""

from itertools import pairwise
from statistics import median
from urllib.parse import urljoin

from . import es
from .analyse import frame_ticks
from .findings import rule
from .playlist import real
from .playlist_reader import parse
from .probes import NOW, REFUSED

FULL = 0.85          # of the part target is the least of most parts
PROMPT = 0.05        # seconds between a part and its being listed
EACH_LATENCY = 0.1   # seconds that a part may be listed later than it is old


def with_parts(watched):
    """Renditions that have parts."""
    return [rendition for rendition in watched.renditions
            if any("EXT-X-PART-INF" in load.list.tags or any(True for _ in load.list.all_parts()) for load in rendition.loads)]


def parts_of(rendition):
    """(media sequence number, part's number, PartItem, last of its segment, Item or None), in their order."""
    for msn in sorted(rendition.items.keys() | rendition.loose.keys()):
        item = rendition.items.get(msn)
        parts = item.parts if item else rendition.loose[msn]
        for number in sorted(parts):
            yield msn, number, parts[number], bool(item) and number == max(parts), item


@rule("C39")
def part_target(watched, say):
    """EXT-X-PART-INF is there and constant; PART-HOLD-BACK is two (should be three) part targets at least."""
    if watched.expect.low_latency and not with_parts(watched):
        say.must(watched.url, 0, "low latency is expected, and there are no parts")
    for rendition in with_parts(watched):
        first = None
        for load in rendition.loads:
            if load.list.ended:
                continue
            say.looked()
            target, url, line = load.list.part_target, load.answer.url, load.list.one("EXT-X-PART-INF")[1]
            if not target:
                say.must(url, line, "parts without EXT-X-PART-INF:PART-TARGET")
                continue
            first = first or target
            if target != first:
                say.must(url, line, f"PART-TARGET was {first}, is {target}")
            _hold_back(load, target, say)


def _hold_back(load, target, say):
    url, line = load.answer.url, load.list.one("EXT-X-SERVER-CONTROL")[1]
    hold = real(load.list.control.get("PART-HOLD-BACK"))
    if hold is None or hold < 2 * target - 0.0005:
        say.must(url, line, f"PART-HOLD-BACK is {hold}, PART-TARGET {target}: less than twice")
    elif hold < 3 * target - 0.0005:
        say.should(url, line, f"PART-HOLD-BACK is {hold}, PART-TARGET {target}: less than three times")
    for name, least in (("HOLD-BACK", 3), ("CAN-SKIP-UNTIL", 6)):
        value = real(load.list.control.get(name))
        if value is not None and value < least * load.list.target - 0.0005:
            say.must(url, line, f"{name} is {value}, less than {least} target durations of {load.list.target} s")


@rule("C40")
def part_durations(watched, say):
    """No part is longer than the part target, and only some may be shorter than 85 % of it; each lasts what it says."""
    for rendition in with_parts(watched):
        target = next((load.list.part_target for load in rendition.loads if load.list.part_target), None)
        if not target:
            continue
        for msn, number, held, last, item in parts_of(rendition):
            say.looked()
            part, where = held.part, (held.load.answer.url, held.line)
            if part.duration > target + 0.0005:
                say.must(*where, f"part {msn}.{number} lasts {part.duration} s, PART-TARGET is {target}")
            before_gap = item and number + 1 in item.parts and item.parts[number + 1].part.gap
            if part.duration < FULL * target - 0.0005 and item and not (part.independent or part.gap or before_gap or last):
                say.must(*where, f"part {msn}.{number} lasts {part.duration} s, less than {FULL:.0%} of {target}, and is not the last")
        for piece in rendition.pieces:
            _measured(piece, say)


def _measured(piece, say):
    for number, media in piece.parts.items():
        held, track = piece.item.parts[number], media.main()
        if track and all(sample.duration for sample in track.samples):
            lasts = sum(sample.duration for sample in track.samples) / track.timescale
            if abs(lasts - held.part.duration) > frame_ticks(track) / track.timescale + 0.001:
                say.must(held.load.answer.url, held.line, f"part {piece.msn}.{number} says {held.part.duration} s, it lasts {lasts:.3f} s")


@rule("C41")
def parts_are_the_segment(watched, say):
    """A segment is its parts, byte for byte."""
    for rendition in with_parts(watched):
        for msn, item in rendition.items.items():
            answers = [item.parts[number].answer for number in sorted(item.parts)]
            if not answers or not all(answer and answer.status in (200, 206) for answer in [*answers, item.answer]):
                continue
            if sorted(item.parts) != list(range(len(item.parts))) or item.segment.key:
                continue
            say.looked()
            if b"".join(answer.body for answer in answers) != item.answer.body:
                say.must(item.url, item.segment.line, f"segment {msn} has {len(item.answer.body)} bytes, its {len(answers)} parts "
                         f"{sum(len(answer.body) for answer in answers)}, and they are not the same")
            total = sum(part.part.duration for part in item.parts.values())
            if abs(total - item.segment.duration) > 0.001 * (len(answers) + 1):
                say.must(item.load.answer.url, item.segment.line, f"segment {msn} lasts {item.segment.duration} s, its parts {total:.3f} s")


@rule("C42")
def preload_hints(watched, say):
    """The next part is hinted, has that URI, can be asked for before it is there, and is listed as soon as it is."""
    for rendition in with_parts(watched):
        for before, after in pairwise(rendition.loads):
            if before.list.hint[0] is None and not before.list.ended:
                say.must(before.answer.url, 0, "no EXT-X-PRELOAD-HINT for the next part")
            elif before.list.hint[0]:
                say.looked()
                _became(before, after, say)
        for hint in rendition.hints:
            say.looked()
            if hint.answer.status not in (200, 206):
                if hint.after is None or not hint.after.list.ended:
                    say.must(hint.url, hint.line, f"status {hint.answer.status} for the hinted part")
            elif hint.after and hint.url in [urljoin(hint.after.answer.url, part.uri) for _, _, part in hint.after.list.all_parts()]:
                late = hint.after.answer.ended - hint.answer.ended
                if late > PROMPT + watched.expect.slack:
                    say.must(hint.url, hint.line, f"the hinted part was there {late * 1000:.0f} ms before it was listed")


def _became(before, after, say):
    """The hinted URI is that of the part that came next."""
    url, line = before.list.hint
    known = {part.uri for _, _, part in before.list.all_parts()}
    fresh = [part.uri for _, _, part in after.list.all_parts() if part.uri not in known]
    msn, part = before.list.last()
    wanted = (msn, part + 1) if part >= 0 else (msn + 1, 0)
    places = {(segment.msn, number): held.uri for segment, number, held in after.list.all_parts()}
    if url in known:
        say.must(before.answer.url, line, f"the hint {url} is listed already")
    elif fresh and url not in places.values() and (wanted in places or (wanted[0] + 1, 0) in places):
        say.must(before.answer.url, line, f"the hint {url} has not come, but {places.get(wanted) or fresh[0]}")


@rule("C43")
def blocking_reload(watched, say):
    """Blocking reloads wait for what is asked, no longer; what cannot be is refused with 400 at once."""
    for rendition in watched.renditions:
        for load in rendition.loads[:1]:
            if load.list.part_target and not load.list.ended and load.list.control.get("CAN-BLOCK-RELOAD") != "YES":
                say.must(load.answer.url, load.list.one("EXT-X-SERVER-CONTROL")[1], "parts without CAN-BLOCK-RELOAD=YES")
        for load in rendition.loads:
            if load.asked and not load.list.ended:
                say.looked()
                if not _has(load.list, load.asked):
                    say.must(load.answer.url, 0, f"part {load.asked} was asked for, the newest is {load.list.last()}")
        for query, wanted, place, answer in rendition.table:
            say.looked()
            _judge(rendition, query, wanted, place, answer, watched.expect.slack, say)


def _has(found, place):
    msn, part = found.last()
    closed = found.segments[-1].msn if found.segments else found.msn - 1
    if place[1] < 0:
        return closed >= place[0]
    return closed >= place[0] or (msn, part) >= place


def _judge(rendition, query, wanted, place, answer, slack, say):
    took = answer.ended - answer.began
    what = f"{query or 'no directives'}: status {answer.status} after {took:.2f} s"
    if wanted == REFUSED:
        if answer.status != 400:
            say.must(answer.url, 0, f"{what}; 400 is expected")
        elif took > slack + PROMPT:
            say.must(answer.url, 0, f"{what}; at once is expected")
        return
    if answer.status != 200:
        say.must(answer.url, 0, f"{what}; 200 is expected")
        return
    if wanted == NOW and took > slack + PROMPT:
        say.must(answer.url, 0, f"{what}; at once is expected")
    found = parse(answer.body)
    if place and not found.ended and not _has(found, place):
        say.must(answer.url, 0, f"{what}, and the newest is {found.last()}; {place} is expected")


@rule("C44")
def delta_updates(watched, say):
    """A delta update is the playlist with its old segments left out, and no others."""
    for rendition in watched.renditions:
        for before, delta, after in rendition.deltas:
            say.looked()
            wrong = [_delta(full.list, delta.list) for full in (before, after)]
            if all(wrong):
                say.must(delta.answer.url, delta.list.one("EXT-X-SKIP")[1], wrong[0])


def _delta(full, delta):
    """What differs; empty when they are the same."""
    if not delta.skipped:
        due = _old(full, 0.0)
        return f"nothing is skipped, {due} segments are old enough" if due else ""
    old = _old(full, sum(part.duration for part in full.open.parts) if full.open else 0.0)
    if delta.skipped > old:
        return f"{delta.skipped} segments are skipped, only {old} are older than CAN-SKIP-UNTIL"
    if delta.msn != full.msn:
        return f"EXT-X-MEDIA-SEQUENCE is {delta.msn}, in the full playlist {full.msn}"
    kept = full.segments[delta.skipped:]
    for mine, theirs in zip(kept, delta.segments):
        for what in ("uri", "duration", "date", "discontinuity", "range"):
            if getattr(mine, what) != getattr(theirs, what):
                return f"segment {mine.msn}: {what} is {getattr(theirs, what)}, in the full playlist {getattr(mine, what)}"
    if len(kept) != len(delta.segments) or full.last() != delta.last():
        return f"it has {len(delta.segments)} segments up to {delta.last()}, the full playlist {len(kept)} up to {full.last()}"
    heads = [{name: found[0][0] for name, found in one.tags.items() if name in HEAD} for one in (full, delta)]
    return "" if heads[0] == heads[1] else f"the head is {heads[1]}, in the full playlist {heads[0]}"


HEAD = ("EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-PART-INF", "EXT-X-SERVER-CONTROL")


def _old(full, behind):
    """How many segments end further from the end than CAN-SKIP-UNTIL; `behind`: what comes after the last segment."""
    until, count = real(full.control.get("CAN-SKIP-UNTIL")) or 0, len(full.segments)
    for segment in reversed(full.segments):
        if behind >= until - 0.001:
            break
        behind, count = behind + segment.duration, count - 1
    return count if until else 0


@rule("C45")
def independent_parts(watched, say):
    """A part that says so begins with a key frame."""
    for rendition in with_parts(watched):
        for piece in rendition.pieces:
            for number, media in piece.parts.items():
                held, track = piece.item.parts[number], media.of("video")
                if not track:
                    continue
                say.looked()
                nals = es.nals_of(track.format, track.samples[0].data)
                known = track.format.codec.startswith(("avc", "hvc", "hev"))
                key = es.is_random_access(track.format.codec, nals or []) if known else track.samples[0].key
                if held.part.independent and not key:
                    say.must(held.load.answer.url, held.line, f"part {piece.msn}.{number} says INDEPENDENT, and begins with no key frame")
                elif key and not held.part.independent:
                    say.should(held.load.answer.url, held.line, f"part {piece.msn}.{number} begins with a key frame, and does not say so")


@rule("C46")
def rendition_reports(watched, say):
    """Each playlist reports on all others, and what it says is no older than a part."""
    renditions = with_parts(watched)
    for rendition in renditions if len(renditions) > 1 else ():
        for load in rendition.loads:
            if load.list.ended:
                continue
            reports = {urljoin(load.answer.url, attributes.get("URI", "")).split("?")[0]: (attributes, line)
                       for _, attributes, line in load.list.tags.get("EXT-X-RENDITION-REPORT", [])}
            for other in renditions:
                if other is not rendition:
                    say.looked()
                    _report(load, reports.get(other.url.split("?")[0]), other, say)


def _report(load, found, other, say):
    if not found:
        say.must(load.answer.url, 0, f"no EXT-X-RENDITION-REPORT for {other.url}")
        return
    attributes, line = found
    if not all(attributes.get(name, "").isdigit() for name in ("LAST-MSN", "LAST-PART")):
        say.must(load.answer.url, line, f"EXT-X-RENDITION-REPORT without LAST-MSN or LAST-PART: {attributes}")
        return
    told = int(attributes["LAST-MSN"]), int(attributes["LAST-PART"])
    earlier = [one for one in other.loads if one.answer.ended < load.answer.began]
    places = [(segment.msn, number) for one in earlier[-3:] for segment, number, _ in one.list.all_parts()]
    places = sorted(set(places))
    if len(places) > 1 and told < places[-2]:
        say.must(load.answer.url, line, f"the report on {other.url} ends with part {told}, {places[-1]} was listed there before")


@rule("C47")
def parts_stay(watched, say):
    """Parts that have left the playlist can be had for three more target durations."""
    for rendition in with_parts(watched):
        for msn, number, held, _, _ in parts_of(rendition):
            if held.again:
                say.looked()
                if held.again.status not in (200, 206) or held.again.body != held.answer.body:
                    say.must(held.url, held.line, f"part {msn}.{number}: status {held.again.status}, "
                             f"{held.again.ended - held.left:.1f} s after it left the playlist")


@rule("C49")
def latency(watched, say):
    """A part is listed no later than its duration and 100 ms after its first frame came in (by its program date time)."""
    for rendition in with_parts(watched):
        late = []
        for load in rendition.loads:
            if load.asked and load.list.open and load.list.open.date is not None and load.list.open.parts:
                parts = load.list.open.parts
                begin = load.list.open.date + sum(part.duration for part in parts[:-1])
                late.append(load.answer.ended - begin - parts[-1].duration)
        if late:
            say.looked()
            watched.report.times[f"part listed after its end {rendition.url.split('/')[-1]}"] = round(median(late), 3)
            if median(late) > EACH_LATENCY + watched.expect.slack:
                say.must(rendition.url, 0, f"parts are listed {median(late):.2f} s after their end, at most {max(late):.2f} s")
