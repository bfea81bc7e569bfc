"""Playlists, with the line of everything (RFC 8216, rfc8216bis), and the small things in them: attributes, dates, ranges."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(,|$)')
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


@dataclass
class Key:
    method: str
    attributes: dict
    line: int

    @property
    def uri(self):
        return self.attributes.get("URI", "")

    @property
    def iv(self):
        """16 bytes, or None when there is none or it is no IV."""
        text = self.attributes.get("IV", "")
        return bytes.fromhex(text[2:]) if re.fullmatch(r"0[xX][0-9a-fA-F]{32}", text) else None


@dataclass
class Map:
    uri: str
    range: tuple | None  # (first byte, number of bytes)
    key: Key | None
    line: int


@dataclass
class Part:
    uri: str
    duration: float
    line: int
    independent: bool = False
    gap: bool = False
    range: tuple | None = None


@dataclass
class Segment:
    """One media segment, or (without a URI) the parts at the end that belong to none yet."""

    msn: int
    line: int = 0
    uri: str = ""
    duration: float = 0.0
    range: tuple | None = None
    discontinuity: bool = False
    sequence: int = 0            # its discontinuity sequence number
    key: Key | None = None
    map: Map | None = None
    date: float | None = None    # program date time, seconds since 1970, when a tag says it
    date_line: int = 0
    gap: bool = False
    bitrate: int | None = None
    parts: list = field(default_factory=list)


@dataclass
class Playlist:
    text: str
    master: bool = False
    tags: dict = field(default_factory=dict)        # name -> [(value, attributes, line)]
    problems: list = field(default_factory=list)    # (rule, line, text)
    needs: dict = field(default_factory=dict)       # version -> what needs it
    segments: list = field(default_factory=list)
    open: Segment | None = None                     # parts behind the last segment
    variants: list = field(default_factory=list)    # (attributes, uri, line)
    renditions: list = field(default_factory=list)  # (attributes, line)

    def one(self, name):
        """Value and line of a tag, (None, 0) without it."""
        found = self.tags.get(name)
        return (found[0][0], found[0][2]) if found else (None, 0)

    def attributes(self, name):
        return self.tags[name][0][1] if name in self.tags else {}

    def number(self, name, default):
        value, _ = self.one(name)
        return int(value) if value is not None and re.fullmatch(r"\d{1,20}", value) else default

    @property
    def version(self):
        return self.number("EXT-X-VERSION", 1)

    @property
    def target(self):
        return self.number("EXT-X-TARGETDURATION", 0)

    @property
    def msn(self):
        return self.number("EXT-X-MEDIA-SEQUENCE", 0)

    @property
    def ended(self):
        return "EXT-X-ENDLIST" in self.tags

    @property
    def type(self):
        return self.one("EXT-X-PLAYLIST-TYPE")[0]

    @property
    def part_target(self):
        return real(self.attributes("EXT-X-PART-INF").get("PART-TARGET"))

    @property
    def control(self):
        return self.attributes("EXT-X-SERVER-CONTROL")

    @property
    def hint(self):
        """URI and line of the part that will come next."""
        for _, attributes, line in self.tags.get("EXT-X-PRELOAD-HINT", []):
            if attributes.get("TYPE") == "PART":
                return attributes.get("URI", ""), line
        return None, 0

    @property
    def skipped(self):
        return int(real(self.attributes("EXT-X-SKIP").get("SKIPPED-SEGMENTS")) or 0)

    @property
    def duration(self):
        return sum(segment.duration for segment in self.segments)

    def last(self):
        """(media sequence number, part) of the newest part; part -1: the segment's last one, or there are no parts."""
        if self.open and self.open.parts:
            return self.open.msn, len(self.open.parts) - 1
        return (self.segments[-1].msn, -1) if self.segments else (self.msn - 1, -1)

    def all_parts(self):
        """(segment, number, part) of all parts."""
        for segment in self.segments + ([self.open] if self.open else []):
            for number, part in enumerate(segment.parts):
                yield segment, number, part


def real(text):
    """A decimal number, or None."""
    return float(text) if text is not None and re.fullmatch(r"-?\d+(\.\d*)?", text) else None


def read_attributes(text):
    """Names and values (quotes taken off), and what is wrong with the list."""
    found, at, wrong = {}, 0, []
    while at < len(text):
        match = ATTRIBUTE.match(text, at)
        if not match:
            wrong.append(f"no attribute list from {text[at:at + 40]!r} on")
            break
        name, value = match[1], match[2]
        if name in found:
            wrong.append(f"attribute {name} stands twice")
        found[name] = value[1:-1] if value.startswith('"') else value
        at = match.end()
    if text.endswith(","):
        wrong.append("a comma at the end of the attribute list")
    return found, wrong


def read_date(text):
    """Seconds since 1970 of an ISO 8601 time with a zone, or None."""
    if not DATE.fullmatch(text or ""):
        return None
    try:
        date = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (date - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds()


def read_range(text, after=None):
    """`n[@o]` as (first byte, count); without o it goes on `after` the range before."""
    match = re.fullmatch(r"(\d+)(?:@(\d+))?", text)
    if not match or (match[2] is None and after is None):
        return None
    return (int(match[2]) if match[2] is not None else after, int(match[1]))
