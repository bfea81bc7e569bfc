"""Playlists as texts (RFC 8216, rfc8216bis): parsed with the line of everything, and what is wrong with the text itself."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone

MEDIA_ONCE = {"EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-PLAYLIST-TYPE",
              "EXT-X-ENDLIST", "EXT-X-I-FRAMES-ONLY", "EXT-X-PART-INF", "EXT-X-SERVER-CONTROL", "EXT-X-SKIP",
              "EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START"}
MEDIA = MEDIA_ONCE - {"EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START"} | {
    "EXTINF", "EXT-X-BYTERANGE", "EXT-X-DISCONTINUITY", "EXT-X-KEY", "EXT-X-MAP", "EXT-X-PROGRAM-DATE-TIME", "EXT-X-GAP",
    "EXT-X-BITRATE", "EXT-X-DATERANGE", "EXT-X-PART", "EXT-X-PRELOAD-HINT", "EXT-X-RENDITION-REPORT"}
MASTER = {"EXT-X-STREAM-INF", "EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY",
          "EXT-X-CONTENT-STEERING"}
WITH_ATTRIBUTES = MASTER | {"EXT-X-KEY", "EXT-X-MAP", "EXT-X-DATERANGE", "EXT-X-PART", "EXT-X-PRELOAD-HINT", "EXT-X-START",
                            "EXT-X-RENDITION-REPORT", "EXT-X-SERVER-CONTROL", "EXT-X-PART-INF", "EXT-X-SKIP", "EXT-X-DEFINE"}
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


def parse(body):
    """Reads any playlist, as far as it can be read; what is wrong is in its `problems`."""
    wrong = []
    if body.startswith(b"\xef\xbb\xbf"):
        wrong.append(("C1", 1, "begins with a byte order mark"))
        body = body[3:]
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as failure:
        wrong.append(("C1", 0, f"is not UTF-8: {failure}"))
        text = body.decode("utf-8", "replace")
    playlist = Playlist(text, problems=wrong)
    Reader(playlist).read()
    return playlist


class Reader:
    """Goes through the lines of one playlist."""

    def __init__(self, playlist):
        self.out = playlist
        self.key = self.map = self.bitrate = None
        self.stream_inf = None
        self.next = Segment(0)
        self.range_end = {}

    def wrong(self, line, text, rule="C1"):
        self.out.problems.append((rule, line, text))

    def need(self, version, why):
        self.out.needs.setdefault(version, why)

    def read(self):
        lines = self.out.text.split("\n")
        if lines[0].rstrip("\r") != "#EXTM3U":
            self.wrong(1, f"the first line is {lines[0][:40]!r}, not #EXTM3U")
        for number, line in enumerate(lines, 1):
            line = line[:-1] if line.endswith("\r") else line
            if bad := re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", line):
                self.wrong(number, f"control character {bad[0]!r}")
            if line.startswith("#EXT"):
                self.tag(line[1:], number)
            elif line and not line.startswith("#"):
                self.uri(line, number)
        self.end()

    def tag(self, line, number):
        name, colon, value = line.partition(":")
        if name in ("EXTM3U",):
            if number != 1:
                self.wrong(number, "#EXTM3U stands again")
            return
        attributes = {}
        if name in WITH_ATTRIBUTES:
            attributes, wrong = read_attributes(value)
            for text in wrong:
                self.wrong(number, f"{name}: {text}")
        if name in MEDIA_ONCE and name in self.out.tags:
            self.wrong(number, f"{name} stands twice", "C3" if name == "EXT-X-VERSION" else "C1")
        self.out.tags.setdefault(name, []).append((value, attributes, number))
        if handler := getattr(self, "on_" + name.lower().replace("-", "_"), None):
            handler(value, attributes, number)

    def on_ext_x_media_sequence(self, value, attributes, number):
        if not re.fullmatch(r"\d{1,20}", value):
            self.wrong(number, f"EXT-X-MEDIA-SEQUENCE is {value!r}, no number")
        if self.out.segments or self.next.line:
            self.wrong(number, "EXT-X-MEDIA-SEQUENCE behind a segment")

    def on_ext_x_discontinuity_sequence(self, value, attributes, number):
        if self.out.segments or "EXT-X-DISCONTINUITY" in self.out.tags:
            self.wrong(number, "EXT-X-DISCONTINUITY-SEQUENCE behind the first segment or EXT-X-DISCONTINUITY", "C11")

    def on_extinf(self, value, attributes, number):
        length, comma, _ = value.partition(",")
        if not comma:
            self.wrong(number, "EXTINF without a comma")
        if real(length) is None or length.startswith("-"):
            self.wrong(number, f"EXTINF has the duration {length!r}")
        if "." in length:
            self.need(3, "EXTINF with a fraction")
        self.next.duration, self.next.line = real(length) or 0.0, number

    def on_ext_x_byterange(self, value, attributes, number):
        self.need(4, "EXT-X-BYTERANGE")
        self.next.range = value, number

    def on_ext_x_i_frames_only(self, value, attributes, number):
        self.need(4, "EXT-X-I-FRAMES-ONLY")

    def on_ext_x_discontinuity(self, value, attributes, number):
        self.next.discontinuity = True

    def on_ext_x_gap(self, value, attributes, number):
        self.next.gap = True

    def on_ext_x_bitrate(self, value, attributes, number):
        self.bitrate = int(value) if value.isdigit() else None

    def on_ext_x_key(self, value, attributes, number):
        self.key = Key(attributes.get("METHOD", ""), attributes, number)
        if "IV" in attributes:
            self.need(2, "the attribute IV")
        if {"KEYFORMAT", "KEYFORMATVERSIONS"} & attributes.keys() or self.key.method == "SAMPLE-AES":
            self.need(5, "KEYFORMAT or SAMPLE-AES")
        self.out.tags.setdefault("keys", []).append((self.key, attributes, number))

    def on_ext_x_map(self, value, attributes, number):
        self.need(6, "EXT-X-MAP")
        where = attributes.get("BYTERANGE")
        found = read_range(where) if where else None
        if where and (not found or "@" not in where):
            self.wrong(number, f"EXT-X-MAP with the range {where!r}, which has no offset")
        if not attributes.get("URI"):
            self.wrong(number, "EXT-X-MAP without a URI")
        key = self.key if self.key and self.key.method != "NONE" else None
        self.map = Map(attributes.get("URI", ""), found, key, number)

    def on_ext_x_program_date_time(self, value, attributes, number):
        self.next.date, self.next.date_line = read_date(value), number
        if self.next.date is None:
            self.wrong(number, f"EXT-X-PROGRAM-DATE-TIME is {value!r}, no date with a zone", "C15")

    def on_ext_x_part(self, value, attributes, number):
        duration = real(attributes.get("DURATION"))
        if duration is None or not attributes.get("URI"):
            self.wrong(number, "EXT-X-PART without a duration or a URI")
        part = Part(attributes.get("URI", ""), duration or 0.0, number, attributes.get("INDEPENDENT") == "YES",
                    attributes.get("GAP") == "YES")
        if "BYTERANGE" in attributes:
            part.range = read_range(attributes["BYTERANGE"], self.range_end.get(part.uri))
            if part.range is None:
                self.wrong(number, f"EXT-X-PART with the range {attributes['BYTERANGE']!r}, which has no beginning")
            else:
                self.range_end[part.uri] = sum(part.range)
        self.next.parts.append(part)

    def on_ext_x_skip(self, value, attributes, number):
        self.need(9, "EXT-X-SKIP")
        if self.out.segments:
            self.wrong(number, "EXT-X-SKIP behind a segment")

    def on_ext_x_define(self, value, attributes, number):
        self.need(11 if "QUERYPARAM" in attributes else 8, "EXT-X-DEFINE")

    def on_ext_x_stream_inf(self, value, attributes, number):
        self.stream_inf = attributes, number

    def on_ext_x_media(self, value, attributes, number):
        if attributes.get("INSTREAM-ID", "").startswith("SERVICE"):
            self.need(7, "INSTREAM-ID of a service")
        self.out.renditions.append((attributes, number))

    def uri(self, line, number):
        if line != line.strip() or re.search(r"\s", line):
            self.wrong(number, f"white space in the URI {line!r}")
        if self.stream_inf:
            self.out.variants.append((self.stream_inf[0], line, self.stream_inf[1]))
            self.stream_inf = None
            return
        segment = self.next
        if not segment.line:
            self.wrong(number, f"the URI {line!r} has no EXTINF (and no EXT-X-STREAM-INF)")
            segment.line = number
        segment.uri = line
        if segment.range:
            value, at = segment.range
            segment.range = read_range(value, self.range_end.get(line))
            if segment.range is None:
                self.wrong(at, f"EXT-X-BYTERANGE:{value} has no beginning")
            else:
                self.range_end[line] = sum(segment.range)
        self.place(segment)
        self.out.segments.append(segment)
        self.next = Segment(0)

    def place(self, segment):
        """Numbers a segment, and gives it what holds from lines before."""
        segment.msn = self.out.msn + self.out.skipped + len(self.out.segments)
        before = self.out.segments[-1].sequence if self.out.segments else \
            self.out.number("EXT-X-DISCONTINUITY-SEQUENCE", 0)
        segment.sequence = before + segment.discontinuity
        segment.map, segment.bitrate = self.map, self.bitrate
        segment.key = self.key if self.key and self.key.method != "NONE" else None

    def end(self):
        found = self.out.tags.keys()
        self.out.master = bool(found & MASTER) and not (found & MEDIA)
        if (found & MASTER) and (found & MEDIA):
            names = sorted(found & MASTER)[0], sorted(found & MEDIA)[0]
            self.wrong(self.out.one(names[1])[1], f"a multivariant and a media playlist at once: {names[0]} and {names[1]}")
        if self.stream_inf:
            self.wrong(self.stream_inf[1], "EXT-X-STREAM-INF without a URI line")
        if self.next.line:
            self.wrong(self.next.line, "EXTINF without a URI line")
        if self.next.parts or self.next.date or self.next.discontinuity:
            self.place(self.next)
            self.out.open = self.next
