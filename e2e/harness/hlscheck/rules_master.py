"""Rules C21 to C27 and C35: the multivariant playlist against what is really there, and variants against each other."""

from .analyse import begin_of, frame_ticks
from .findings import rule
from .playlist import real


APART = 0.25  # seconds that sound and picture in playlists of their own may be cut apart


def variants(watched):
    return [rendition for rendition in watched.renditions if rendition.role == "variant" and rendition.loads]


def group(watched, rendition, kind="AUDIO"):
    """The renditions that a variant names as its sounds."""
    name = rendition.attributes.get(kind)
    return [other for other in watched.renditions
            if other.role == kind.lower() and name and other.attributes.get("GROUP-ID") == name and other.loads]


def whole(watched, rendition):
    """Whether all that plays together with a variant is known: else its sums and CODECS cannot be judged."""
    sounds = group(watched, rendition)
    return all(formats(one) for one in (rendition, *sounds)) and (sounds or "AUDIO" not in rendition.attributes)


def base(watched):
    return watched.master.answer.url


def rates(rendition):
    """Peak (of runs of half to one and a half target durations) and mean bit rate."""
    runs = [(item.segment.duration, 8 * len(item.answer.body), msn) for msn, item in sorted(rendition.items.items())
            if item.answer and item.answer.status in (200, 206) and item.segment.duration > 0]
    peak = 0.0
    for start in range(len(runs)):
        seconds = bits = 0
        for offset, (duration, size, msn) in enumerate(runs[start:]):
            if msn != runs[start][2] + offset or seconds + duration > 1.5 * rendition.target:
                break
            seconds, bits = seconds + duration, bits + size
            if seconds >= 0.5 * rendition.target:
                peak = max(peak, bits / seconds)
    total = sum(duration for duration, _, _ in runs)
    return peak, (sum(size for _, size, _ in runs) / total if total else 0.0)


@rule("C21")
def bandwidth(watched, say):
    """BANDWIDTH is there, and what is measured is not above 1.1 of it; AVERAGE-BANDWIDTH is right within a tenth."""
    for attributes, uri, line in watched.master.list.variants if watched.master else []:
        say.looked()
        if not attributes.get("BANDWIDTH", "").isdigit() or int(attributes["BANDWIDTH"]) == 0:
            say.must(base(watched), line, f"BANDWIDTH is {attributes.get('BANDWIDTH')!r}")
    for rendition in variants(watched):
        peak, mean = rates(rendition)
        sounds = [rates(other) for other in group(watched, rendition)]
        peak += max((sound[0] for sound in sounds), default=0)
        mean += max((sound[1] for sound in sounds), default=0)
        told, average = (real(rendition.attributes.get(name)) for name in ("BANDWIDTH", "AVERAGE-BANDWIDTH"))
        if told and peak > 1.1 * told:
            say.must(base(watched), rendition.line, f"BANDWIDTH is {told:.0f}, measured {peak:.0f}")
        if average and mean and whole(watched, rendition) and abs(mean - average) > 0.1 * average:
            say.should(base(watched), rendition.line, f"AVERAGE-BANDWIDTH is {average:.0f}, measured {mean:.0f}")


def formats(rendition):
    """The formats of the tracks of a rendition."""
    found = {}
    for piece in rendition.pieces:
        for track in piece.media.tracks.values():
            if track.format.kind in ("video", "audio") and track.format.codec:
                found[track.format.codec] = track.format
    return found


def without_level(codec):
    """A codec string without its level, and the level as a number."""
    parts = codec.split(".")
    if parts[0] in ("avc1", "avc3") and len(parts) == 2 and len(parts[1]) == 6:
        return f"{parts[0]}.{parts[1][:4].lower()}", int(parts[1][4:], 16)
    if parts[0] in ("hvc1", "hev1") and len(parts) > 3:
        return ".".join([*parts[:3], parts[3][:1], *parts[4:]]), int(parts[3][1:] or 0)
    if parts[0] == "av01" and len(parts) > 2:
        return ".".join([*parts[:2], parts[2][-1:], *parts[3:4]]), int(parts[2][:-1] or 0)
    return codec, 0


@rule("C22")
def codecs(watched, say):
    """CODECS is there, and names what the samples are, no more and no less."""
    for rendition in variants(watched):
        measured = set(formats(rendition))
        for other in group(watched, rendition):
            measured |= set(formats(other))
        told = rendition.attributes.get("CODECS")
        say.looked()
        if told is None:
            say.should(base(watched), rendition.line, f"no CODECS; it would be {','.join(sorted(measured))!r}")
            continue
        told = {without_level(codec.strip())[0] for codec in told.split(",")}
        found = {without_level(codec)[0] for codec in measured}
        if whole(watched, rendition) and told != found:
            say.should(base(watched), rendition.line, f"CODECS is {rendition.attributes['CODECS']!r}, the samples are "
                       f"{','.join(sorted(measured))!r}")


@rule("C35")
def within_the_level(watched, say):
    """No stream needs a higher level than its CODECS says."""
    for rendition in variants(watched):
        told = dict(without_level(codec.strip()) for codec in rendition.attributes.get("CODECS", "").split(",") if codec)
        for codec in formats(rendition):
            name, level = without_level(codec)
            if name in told:
                say.looked()
                if level > told[name]:
                    say.should(base(watched), rendition.line, f"CODECS is {rendition.attributes['CODECS']!r}, the picture is {codec}")


@rule("C23")
def resolution_and_rate(watched, say):
    """RESOLUTION and FRAME-RATE are there, and right."""
    for rendition in variants(watched):
        sizes = {(form.width, form.height) for form in formats(rendition).values() if form.kind == "video" and form.width}
        if not sizes:
            continue
        say.looked()
        told = rendition.attributes.get("RESOLUTION")
        if told is None:
            say.should(base(watched), rendition.line, f"no RESOLUTION; the pictures have {sizes}")
        elif told not in {f"{width}x{height}" for width, height in sizes}:
            say.should(base(watched), rendition.line, f"RESOLUTION is {told}, the pictures have {sizes}")
        rate, told = frame_rate(rendition), real(rendition.attributes.get("FRAME-RATE"))
        if told is None:
            say.should(base(watched), rendition.line, "no FRAME-RATE")
        elif rate and abs(rate - told) > 0.02 * told:
            say.should(base(watched), rendition.line, f"FRAME-RATE is {told}, measured {rate:.3f}")


def frame_rate(rendition):
    count = seconds = 0
    for piece in rendition.pieces:
        track = piece.media.of("video")
        if track and len(track.samples) > 1:
            count += len(track.samples) - 1
            seconds += (track.samples[-1].dts - track.samples[0].dts) / track.timescale
    return count / seconds if seconds else 0


@rule("C24")
def groups(watched, say):
    """Groups that are named exist; in a group names are unique and one rendition at most is the default."""
    if not watched.master:
        return
    seen, url = {}, base(watched)
    for attributes, line in watched.master.list.renditions:
        say.looked()
        kind, id, name = (attributes.get(key) for key in ("TYPE", "GROUP-ID", "NAME"))
        if not (kind and id and name):
            say.must(url, line, f"EXT-X-MEDIA without TYPE, GROUP-ID or NAME: {attributes}")
        members = seen.setdefault((kind, id), [])
        if name in [other.get("NAME") for other in members]:
            say.must(url, line, f"the name {name!r} stands twice in the group {id!r}")
        if attributes.get("DEFAULT") == "YES":
            if any(other.get("DEFAULT") == "YES" for other in members):
                say.must(url, line, f"a second default in the group {id!r}")
            if attributes.get("AUTOSELECT", "YES") != "YES":
                say.must(url, line, "DEFAULT=YES with AUTOSELECT=NO")
        if kind == "SUBTITLES" and "URI" not in attributes or kind == "CLOSED-CAPTIONS" and "URI" in attributes:
            say.must(url, line, f"TYPE={kind} {'with' if 'URI' in attributes else 'without'} a URI")
        if "FORCED" in attributes and kind != "SUBTITLES":
            say.must(url, line, f"FORCED on TYPE={kind}")
        members.append(attributes)
    for attributes, _, line in watched.master.list.variants:
        for kind in ("AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"):
            id = attributes.get(kind)
            if id is not None and not (kind == "CLOSED-CAPTIONS" and id == "NONE"):
                say.looked()
                if (kind, id) not in seen:
                    say.must(url, line, f"{kind}={id!r}, and there is no such group")


@rule("C25")
def variants_agree(watched, say):
    """All renditions have one target duration, the same discontinuities, one mapping to program date times, the same cuts."""
    loaded = [rendition for rendition in watched.renditions if rendition.loads]
    for other in loaded[1:]:
        first = loaded[0]
        say.looked()
        if first.target != other.target:
            say.must(other.url, 0, f"target duration {other.target}, that of {first.url} is {first.target}")
        if first.newest.type != other.newest.type:
            say.must(other.url, 0, f"EXT-X-PLAYLIST-TYPE {other.newest.type}, that of {first.url} is {first.newest.type}")
        _pair(first, other, say)


def _pair(first, other, say):
    pieces = {piece.msn: piece for piece in first.pieces}
    for piece in other.pieces:
        match, begin = pieces.get(piece.msn), begin_of(piece)
        mine = begin_of(match) if match else None
        if begin is None or mine is None:
            continue
        say.looked()
        frame = max(frame_ticks(track) / track.timescale for track in (piece.media.main(), match.media.main()))
        line, segment, there = piece.item.segment.line, piece.item.segment, match.item.segment
        url = piece.item.load.answer.url
        if abs(begin - mine) >= frame + 0.001:
            same = piece.media.main().format.kind == match.media.main().format.kind
            complaint = say.must if same or abs(begin - mine) > APART else say.should
            complaint(url, line, f"segment {piece.msn} begins at {begin:.3f} s, in {first.url} at {mine:.3f} s")
        if segment.sequence != there.sequence:
            say.must(url, line, f"segment {piece.msn} has the discontinuity number {segment.sequence}, in {first.url} {there.sequence}")
        elif (segment.date is None) != (there.date is None):
            say.must(url, line, f"segment {piece.msn} has a program date time in one of {first.url} and {url} only")
        elif segment.date is not None and abs((segment.date - begin) - (there.date - mine)) > frame + 0.002:
            off = (segment.date - begin) - (there.date - mine)
            say.must(url, line, f"the program date time of segment {piece.msn} is {off * 1000:+.0f} ms from that in {first.url}")


@rule("C26")
def same_sound(watched, say):
    """Variants with sound in them have the very same sound."""
    heard = []
    for rendition in variants(watched):
        frames = {}
        for piece in rendition.pieces:
            if (track := piece.media.of("audio")) and piece.media.of("video"):
                frames.update({round(1000 * sample.pts / track.timescale): sample.data for sample in track.samples})
        if frames:
            heard.append((rendition, frames))
    for rendition, frames in heard[1:]:
        first = heard[0][1]
        both = first.keys() & frames.keys()
        say.looked()
        different = [time for time in both if first[time] != frames[time]]
        if different or not both:
            say.should(rendition.url, 0, f"{len(different)} of {len(both)} frames of sound at the same times differ from {heard[0][0].url}")


@rule("C27")
def something_small(watched, say):
    """There is a variant below 192 kbit/s, or one with sound alone, for slow lines."""
    if len(variants(watched)) > 1:
        say.looked()
        small = [rendition for rendition in variants(watched)
                 if int(rendition.attributes.get("BANDWIDTH", "0") or 0) < 192000 or not any(
                     form.kind == "video" for form in formats(rendition).values())]
        if not small:
            say.should(base(watched), 0, "no variant is below 192 kbit/s or without a picture")
