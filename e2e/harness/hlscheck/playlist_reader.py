"""Reads playlists (RFC 8216, rfc8216bis), and tells what is wrong with the text itself."""

import re

from .playlist import Key, Map, Part, Playlist, Segment, read_attributes, read_date, read_range, real

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
