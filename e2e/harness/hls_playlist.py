"""Playlists of HLS, read with code that is not the server's."""

import datetime
import re
from dataclasses import dataclass, field

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)(?:,|$)')


def attributes(text):
    found = {}
    at = 0
    while at < len(text):
        match = ATTRIBUTE.match(text, at)
        assert match, f"no attribute list: {text[at:]!r}"
        assert match[1] not in found, f"{match[1]} stands twice"
        found[match[1]] = match[2].strip('"')
        at = match.end()
    return found


@dataclass
class Segment:
    msn: int
    uri: str
    duration: float
    discontinuity: int
    tagged: bool
    map: str = None
    key: dict = None
    date: float = None
    gap: bool = False
    parts: list = field(default_factory=list)

    def identity(self):
        """What never changes of a segment (C7)."""
        return self.uri, self.duration, self.discontinuity, self.map, self.gap


@dataclass
class Media:
    """A media playlist, with the parts of the segment in progress."""
    text: str
    tags: dict = field(default_factory=dict)
    segments: list = field(default_factory=list)
    open_parts: list = field(default_factory=list)
    open_tagged: bool = False
    hint: dict = None
    reports: list = field(default_factory=list)
    skipped: int = 0
    ended: bool = False

    @property
    def target(self):
        return int(self.tags["EXT-X-TARGETDURATION"])

    @property
    def first(self):
        return int(self.tags.get("EXT-X-MEDIA-SEQUENCE", 0))

    @property
    def next_msn(self):
        return self.first + self.skipped + len(self.segments)


ONCE = {"EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE",
        "EXT-X-PLAYLIST-TYPE", "EXT-X-PART-INF", "EXT-X-SERVER-CONTROL", "EXT-X-SKIP", "EXT-X-INDEPENDENT-SEGMENTS"}


def parse_media(text):
    playlist = Media(text)
    lines = text.split("\n")
    assert lines[0] == "#EXTM3U", "C1: the first line is not #EXTM3U"
    number, tagged, key, current, duration, date, gap, parts, msn = 0, False, None, None, None, None, False, [], None
    for line in lines[1:]:
        line = line.rstrip("\r")
        if line.startswith("#EXT"):
            name, _, value = line[1:].partition(":")
            if name in ONCE:
                assert name not in playlist.tags, f"{name} stands twice"
                playlist.tags[name] = value
            if name == "EXT-X-DISCONTINUITY-SEQUENCE":
                assert not playlist.segments and not tagged, "C11: DISCONTINUITY-SEQUENCE stands too late"
                number = int(value)
            elif name == "EXT-X-SKIP":
                playlist.skipped = int(attributes(value)["SKIPPED-SEGMENTS"])
            elif name == "EXT-X-DISCONTINUITY":
                tagged = True
                number += 1
            elif name == "EXT-X-MAP":
                current = attributes(value)["URI"]
            elif name == "EXT-X-KEY":
                key = attributes(value)
            elif name == "EXT-X-PROGRAM-DATE-TIME":
                date = datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
            elif name == "EXT-X-GAP":
                gap = True
            elif name == "EXT-X-PART":
                parts.append(attributes(value))
            elif name == "EXT-X-PRELOAD-HINT":
                playlist.hint = attributes(value)
            elif name == "EXT-X-RENDITION-REPORT":
                playlist.reports.append(attributes(value))
            elif name == "EXT-X-ENDLIST":
                playlist.ended = True
            elif name == "EXTINF":
                assert "," in value, "EXTINF without its comma"
                duration = float(value.split(",")[0])
        elif line and not line.startswith("#"):
            assert duration is not None, f"{line} without EXTINF"
            playlist.segments.append(Segment(msn=playlist.next_msn, uri=line, duration=duration, discontinuity=number,
                                             tagged=tagged, map=current, key=key, date=date, gap=gap, parts=parts))
            duration, tagged, date, gap, parts = None, False, None, False, []
    playlist.open_parts, playlist.open_tagged = parts, tagged
    return playlist


@dataclass
class Variant:
    uri: str
    attributes: dict


@dataclass
class Multivariant:
    text: str
    variants: list = field(default_factory=list)
    media: list = field(default_factory=list)


def parse_multivariant(text):
    playlist = Multivariant(text)
    assert text.startswith("#EXTM3U\n"), "C1: the first line is not #EXTM3U"
    pending = None
    for line in text.split("\n"):
        if line.startswith("#EXT-X-STREAM-INF:"):
            pending = attributes(line.partition(":")[2])
        elif line.startswith("#EXT-X-MEDIA:"):
            playlist.media.append(attributes(line.partition(":")[2]))
        elif line and not line.startswith("#"):
            assert pending is not None, f"{line} without STREAM-INF"
            playlist.variants.append(Variant(line, pending))
            pending = None
    assert playlist.variants, "a multivariant playlist without a variant"
    return playlist
