"""Rules C12 to C14, C17 to C19, C37, C38 and C48: what HTTP brings, and keys."""

from .findings import rule
from .probes import max_age

METHODS = ("NONE", "AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR", "AES-256-GCM")
OK = (200, 206)


def fetched(rendition):
    """(url, line, answer, seconds, load) of all segments and parts that were asked for."""
    for item in rendition.items.values():
        if item.answer:
            yield item.url, item.segment.line, item.answer, item.segment.duration, item.load
        for part in item.parts.values():
            if part.answer:
                yield part.url, part.line, part.answer, part.part.duration, part.load


@rule("C12")
def segments_are_there(watched, say):
    """What is listed answers with 200, whole, within a second of being listed, and at the line's speed."""
    for rendition in watched.renditions:
        for url, line, answer, seconds, load in fetched(rendition):
            say.looked()
            where = f" (listed in {load.answer.url}:{line})"
            if watched.expect.outage and (answer.status == 0 or not answer.complete):
                continue
            if answer.status not in OK:
                late = answer.ended - load.answer.ended
                say.must(url, line, f"status {answer.status} {answer.problem}, {late:.1f} s after it was listed{where}")
            elif not answer.complete:
                say.must(url, line, f"{len(answer.body)} bytes, {answer.problem}{where}")
            elif not answer.body:
                say.must(url, line, f"an empty body{where}")
            elif answer.ended - answer.first > max(seconds / 2, watched.expect.slack):
                say.must(url, line, f"{answer.ended - answer.first:.1f} s for the body of {seconds:.1f} s of media{where}")
        for (url, _), answer in rendition.fetched.items():
            say.looked()
            if answer.status not in OK or not answer.complete or not answer.body:
                say.must(url, 0, f"status {answer.status}, {len(answer.body)} bytes {answer.problem}")


@rule("C13")
def removed_segments_stay(watched, say):
    """A segment that has left the playlist can still be had for its duration and that of the longest playlist with it."""
    for rendition in watched.renditions:
        for msn, item in rendition.items.items():
            if item.again:
                say.looked()
                ago = item.again.ended - item.load.answer.ended
                until = item.segment.duration + item.longest
                if item.again.status not in OK and any(answer.status == 0 for answer in rendition.failures):
                    continue  # a server that has begun anew, and has had it in memory
                if item.again.status not in OK:
                    say.must(item.url, item.segment.line, f"status {item.again.status} for segment {msn}, {ago:.1f} s after it was "
                             f"first listed; it must be there for {until:.1f} s")
                elif item.again.body != item.answer.body:
                    say.must(item.url, item.segment.line, f"segment {msn} has other bytes than before")


@rule("C14")
def segments_begin_well(watched, say):
    """fMP4 segments have an EXT-X-MAP; TS segments begin with PAT and PMT."""
    for rendition in watched.renditions:
        for piece in rendition.pieces:
            if piece.media.container == "fmp4" and not piece.item.segment.map:
                say.must(piece.item.load.answer.url, piece.item.segment.line, f"segment {piece.msn} of fMP4 without an EXT-X-MAP")
            if piece.media.container:
                say.looked()
            elif piece.body and not piece.sealed:
                say.must(piece.url, piece.item.segment.line, f"begins with {piece.body[:12].hex()}: no container that is known")
            for name, level, text in piece.media.problems:
                if name == "C14":
                    say.must(piece.url, piece.item.segment.line, text)


@rule("C17")
def key_lines(watched, say):
    """EXT-X-KEY is well formed, IVs have 32 hexadecimal digits, keys 16 bytes."""
    for rendition in watched.renditions:
        for load in rendition.loads:
            for key, attributes, line in load.list.tags.get("keys", []):
                say.looked()
                url = load.answer.url
                if key.method not in METHODS:
                    say.must(url, line, f"METHOD={key.method!r}")
                elif key.method == "NONE" and len(attributes) > 1:
                    say.must(url, line, f"METHOD=NONE with {sorted(attributes.keys() - {'METHOD'})}")
                elif key.method != "NONE" and not key.uri:
                    say.must(url, line, f"METHOD={key.method} without a URI")
                if "IV" in attributes and key.iv is None:
                    say.must(url, line, f"IV={attributes['IV']} is not 0x and 32 hexadecimal digits")
                held = rendition.resource(url, key.uri)
                if key.uri and held and held.status == 200 and len(held.body) != 16 and key.method == "AES-128":
                    say.must(url, line, f"the key {held.url} has {len(held.body)} bytes, not 16")
        encrypted = any(item.segment.key for item in rendition.items.values())
        if watched.expect.encrypted is not None and rendition.items and encrypted != watched.expect.encrypted:
            say.must(rendition.url, 0, f"segments are {'' if encrypted else 'not '}encrypted, the contrary is expected")


@rule("C18")
def compressed_and_cached(watched, say):
    """Playlists come gzipped to those who can; cache headers say what caches may do; HEAD and ranges work."""
    probes = watched.probes
    if "gzip" in probes:
        say.looked()
        answer, text = probes["gzip"]
        if answer.header("Content-Encoding") != "gzip":
            say.should(answer.url, 0, "no gzip for a playlist, though Accept-Encoding asks for it")
        elif text is None or b"#EXT" not in text:
            say.must(answer.url, 0, "what is gzipped is no playlist")
        elif "accept-encoding" not in answer.header("Vary").lower():
            say.should(answer.url, 0, f"gzip, and Vary is {answer.header('Vary')!r}")
    for rendition in watched.renditions:
        _playlist_caching(rendition, say)
        for url, line, answer, _, _ in fetched(rendition):
            if answer.status in OK:
                _media_caching(url, line, answer, say)
        for key_uri in {key.uri for load in rendition.loads for key, _, _ in load.list.tags.get("keys", []) if key.uri}:
            held = rendition.resource(rendition.loads[0].answer.url, key_uri)
            if held and not {"no-store", "private"} & set(held.header("Cache-Control").replace(" ", "").split(",")):
                say.should(held.url, 0, f"a key with Cache-Control {held.header('Cache-Control')!r}")
    if "missing" in probes and (age := max_age(probes["missing"].header("Cache-Control"))) and age > 10:
        say.must(probes["missing"].url, 0, f"status {probes['missing'].status} may be cached for {age} s")
    _head_and_range(probes, say)


def _playlist_caching(rendition, say):
    for load in rendition.loads:
        value, age = load.answer.header("Cache-Control"), max_age(load.answer.header("Cache-Control"))
        if load.answer.header("Age"):
            say.should(load.answer.url, 0, f"Age: {load.answer.header('Age')} from an origin: players count it as lag")
        if load.list.ended or "_HLS_msn=" in load.answer.url:  # what was waited for never changes
            continue
        if not value:
            say.should(load.answer.url, 0, "a live playlist without Cache-Control")
        elif age is not None and age > rendition.target and "no-cache" not in value and "no-store" not in value:
            say.must(load.answer.url, 0, f"a live playlist may be cached for {age} s, target duration {rendition.target} s")


def _media_caching(url, line, answer, say):
    value = answer.header("Cache-Control")
    if not value or "no-store" in value or max_age(value) == 0:
        say.should(url, line, f"a segment with Cache-Control {value!r}")
    if answer.header("Content-Encoding"):
        say.should(url, line, f"a segment with Content-Encoding {answer.header('Content-Encoding')}")


def _head_and_range(probes, say):
    if "item" not in probes:
        return
    item, head, part = probes["item"], probes["head"], probes["range"]
    size = len(item.answer.body)
    if head.status != 200 or head.header("Content-Length") not in ("", str(size)) and not item.segment.range:
        say.should(item.url, 0, f"HEAD: status {head.status}, Content-Length {head.header('Content-Length')}, GET brought {size} bytes")
    if part.status == 206 and not item.segment.range and part.body != item.answer.body[10:110]:
        say.must(item.url, 0, f"bytes 10-109 came as {len(part.body)} other bytes")
    elif part.status not in OK:
        say.must(item.url, 0, f"status {part.status} for a range")
    if "same" in probes and probes["same"].status != 304:
        say.should(item.url, 0, f"status {probes['same'].status} for the same ETag, not 304")


@rule("C19")
def cross_origin(watched, say):
    """Pages of other origins may read all answers, those of errors, ranges and 304 too."""
    answers = [("playlist", watched.master_answer)]
    for rendition in watched.renditions:
        answers += [("playlist", load.answer) for load in rendition.loads]
        answers += [("segment or part", answer) for _, _, answer, _, _ in fetched(rendition)]
        answers += [("key or initialisation segment", answer) for answer in rendition.fetched.values()]
        answers += [("playlist", answer) for _, _, _, answer in rendition.table]
    answers += [(f"{name} probe", watched.probes[name]) for name in ("missing", "range", "same", "head") if name in watched.probes]
    for what, answer in answers:
        if answer.status:
            say.looked()
            if answer.header("Access-Control-Allow-Origin") not in ("*", "http://player.example"):
                say.must(answer.url, 0, f"{what}, status {answer.status}: Access-Control-Allow-Origin is "
                         f"{answer.header('Access-Control-Allow-Origin')!r}")
    if asked := watched.probes.get("options"):
        if asked.status not in (200, 204) or not asked.header("Access-Control-Allow-Origin"):
            say.must(asked.url, 0, f"OPTIONS: status {asked.status}, Access-Control-Allow-Origin "
                     f"{asked.header('Access-Control-Allow-Origin')!r}")


@rule("C37")
def decrypts(watched, say):
    """What is encrypted decrypts, with right padding, to a container that is known."""
    for rendition in watched.renditions:
        for piece in rendition.pieces:
            if piece.item.segment.key or piece.item.segment.map and piece.item.segment.map.key:
                say.looked()
                if piece.sealed:
                    level = say.aside if "not looked into" in piece.sealed else say.must
                    level(piece.url, piece.item.segment.line, f"segment {piece.msn}: {piece.sealed}")
                for name, _, text in getattr(piece.item, "init_problems", ()):
                    if name == "C37":
                        say.must(piece.item.load.answer.url, piece.item.segment.map.line, text)


@rule("C38")
def timestamps_of_packed(watched, say):
    """Packed audio has its timestamp tag, WebVTT its X-TIMESTAMP-MAP."""
    for rendition in watched.renditions:
        for piece in rendition.pieces:
            if piece.media.container in ("packed", "vtt"):
                say.looked()
            if piece.media.container == "vtt" and b"X-TIMESTAMP-MAP=" not in piece.body:
                say.should(piece.url, piece.item.segment.line, "WebVTT without X-TIMESTAMP-MAP")
            for name, _, text in piece.media.problems:
                if name == "C38":
                    say.should(piece.url, piece.item.segment.line, text)


@rule("C48")
def http2(watched, say):
    """Low latency comes over TLS and HTTP/2."""
    if watched.expect.low_latency or any(load.list.part_target for rendition in watched.renditions for load in rendition.loads[:1]):
        say.looked()
        agreed = watched.probes.get("h2")
        if agreed is None:
            say.aside(watched.url, 0, "without TLS, so there is no HTTP/2")
        elif agreed != "h2":
            say.should(watched.url, 0, f"TLS agrees on {agreed!r}, not on h2")
