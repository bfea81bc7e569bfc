"""An HLS server in memory, on a clock of its own: what a checker of HLS is checked with.

It has all that a good server has; a test breaks one thing of it, by changing texts, bytes or answers on their way out.
"""

import gzip
import hashlib
import re
from datetime import datetime, timezone
from urllib.parse import parse_qsl, urlsplit

from .hls_pieces import FIRST, PART, SECONDS, TARGET, encrypted, mp4_segments, packed_segments, ts_segments
from .hlscheck.web import Answer

BASE = "http://origin.example/live/"
EPOCH = 1_800_000_000.0
START = 8.0  # so much media there is when the clock begins
KEYS = [bytes(range(16)), bytes(range(16, 32))]
TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", ".m4s": "video/mp4", ".mp4": "video/mp4",
         ".key": "application/octet-stream", ".aac": "audio/aac"}


def date(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Origin:
    """`kind`: "ts", "aes", "packed" or "mp4" live, "parts" (low latency), "vod", "ladder" (the same twice).

    The same functions as Web has; each request takes 5 ms. What may be broken from the start: `frozen`: nothing is new after so
    many seconds; `gone`: what has left a playlist is gone at once; `hasty`: nobody waits; `lenient`: nothing is refused;
    `behind`: program date times are so many seconds early; `rename`: a piece of names, and what it stands for.
    """

    def __init__(self, material, kind, *, window=4, text=None, body=None, answer=None, rename=("", ""), frozen=None, gone=False,
                 hasty=False, lenient=False, h2=None, behind=0.0):
        self.kind, self.window = kind, window
        self.text, self.body, self.alter = text, body, answer
        self.rename, self.frozen, self.gone, self.hasty, self.lenient = rename, frozen, gone, hasty, lenient
        self.h2, self.behind = h2, behind
        self.zero = EPOCH - START
        self.clock = EPOCH
        self.material = material
        self.log = []
        self.renditions = self._renditions(material)
        self.files = {"iv.mp4": material.video.init, "ia.mp4": material.audio.init}
        self.files |= {f"{number}.key": key for number, key in enumerate(KEYS)}
        for segments in self.renditions.values():
            for segment in segments:
                body = segment.body
                if kind == "aes":
                    body = encrypted(segment, KEYS[segment.msn // 2 % 2], segment.msn.to_bytes(16, "big"))
                self.files[segment.name] = body
                self.files |= {part.name: part.body for part in segment.parts}

    def _renditions(self, material):
        if self.kind in ("mp4", "parts"):
            return {"v": mp4_segments(material.video, "v", False), "a": mp4_segments(material.audio, "a", True)}
        if self.kind == "ladder":
            return {"v": ts_segments(material, "s"), "w": ts_segments(material, "w")}
        return {"v": packed_segments(material) if self.kind == "packed" else ts_segments(material, "s")}

    def tls_protocol(self, url):
        return self.h2

    def now(self):
        return self.clock

    def sleep(self, seconds):
        self.clock += max(0.0, seconds)

    def close(self):
        """Nothing is open."""

    @property
    def url(self):
        return BASE + "cam.m3u8"

    def get(self, url, headers=None, method="GET"):
        began, headers = self.clock, headers or {}
        self.log.append(url)
        parts = urlsplit(url)
        name = parts.path.rsplit("/", 1)[-1].replace(*self.rename)
        status, content = self._content(name, dict(parse_qsl(parts.query)))
        self.clock += 0.005
        if content is not None and self.body:
            content = self.body(name, content)
        out = {"access-control-allow-origin": "*", "content-type": TYPES.get("." + name.rsplit(".", 1)[-1], "text/plain"),
               "cache-control": "no-store" if status != 200 or name.endswith(".key") else
               "max-age=1" if name.endswith(".m3u8") else "public, max-age=3600, immutable"}
        answer = Answer(url, status, out, content or b"", began, self.clock, self.clock)
        self._finer_points(answer, headers, method, name)
        return self.alter(answer, name) or answer if self.alter else answer

    def _finer_points(self, answer, headers, method, name):
        if method == "OPTIONS":
            answer.status, answer.body = 204, b""
        elif answer.status == 200:
            tag = answer.headers["etag"] = f'"{hashlib.md5(answer.body).hexdigest()}"'
            if headers.get("If-None-Match") == tag:
                answer.status, answer.body = 304, b""
            elif match := re.fullmatch(r"bytes=(\d+)-(\d+)", headers.get("Range", "")):
                answer.status, answer.body = 206, answer.body[int(match[1]):int(match[2]) + 1]
            elif name.endswith(".m3u8") and headers.get("Accept-Encoding") == "gzip":
                answer.headers |= {"content-encoding": "gzip", "vary": "Accept-Encoding"}
                answer.body = gzip.compress(answer.body, 1)
        if method == "HEAD":
            answer.headers["content-length"] = str(len(answer.body))
            answer.body = b""

    def _content(self, name, query):
        if name == "cam.m3u8":
            return self._text(name, self._master())
        rendition = name.removesuffix(".m3u8")
        if rendition in self.renditions:
            return self._media(name, rendition, query)
        if name not in self.files:
            return 404, None
        for segments in self.renditions.values():
            for segment in segments:
                for part in segment.parts:
                    if part.name == name:  # a hinted part: it is waited for
                        self.clock = max(self.clock, self.zero + part.end)
                        if self._left(segment.msn + 3 - self.window):
                            return 404, None
                end = (segment.msn - FIRST + 1) * TARGET
                if segment.name == name and self.kind != "vod" and (end > self.edge() or self._left(segment.msn)):
                    return 404, None
        return 200, self.files[name]

    def _left(self, msn):
        """Whether it is gone because it has left the playlist."""
        return self.gone and msn - FIRST < int(self.edge() / TARGET) - self.window

    def _text(self, name, text):
        text = self.text(name, text) if self.text else text
        return 200, text if isinstance(text, bytes) else text.encode()

    def _master(self):
        lines = ["#EXTM3U", "#EXT-X-VERSION:6"]
        if sound := "a" in self.renditions:
            lines.append('#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="1",URI="a.m3u8"')
        together = [self.renditions] if sound else [{name: segments} for name, segments in self.renditions.items()]
        for group in together:
            mean = sum(8 * sum(len(segment.body) for segment in segments) / SECONDS for segments in group.values())
            peak = sum(8 * max(len(segment.body) for segment in segments) / TARGET for segments in group.values())
            picture = "" if self.kind == "packed" else ",RESOLUTION=160x90,FRAME-RATE=25.000"
            codecs = "mp4a.40.2" if self.kind == "packed" else "avc1.42c00b,mp4a.40.2"
            lines.append(f'#EXT-X-STREAM-INF:BANDWIDTH={peak:.0f},AVERAGE-BANDWIDTH={mean:.0f},CODECS="{codecs}"{picture}'
                         + (',AUDIO="g"' if sound else ""))
            lines.append(f"{next(iter(group))}.m3u8")
        return "\n".join([*lines, ""])

    def edge(self):
        """How much media there is."""
        if self.kind == "vod":
            return SECONDS
        now = self.clock - self.zero + 1e-6
        return now if self.frozen is None else min(now, START + self.frozen + 1e-6)

    def _media(self, name, rendition, query):
        if self.kind == "parts" and {"_HLS_msn", "_HLS_part"} & query.keys():
            if self._ended():
                return self._text(name, self._playlist(rendition, False))
            if not self._wait(rendition, query) and not self.lenient:
                return 400, None
        return self._text(name, self._playlist(rendition, query.get("_HLS_skip") == "YES"))

    def _wait(self, rendition, query):
        """Lets the clock go on until what is asked for is there; False: that is too far ahead."""
        if not all(value.isdigit() for key, value in query.items() if key in ("_HLS_msn", "_HLS_part")) or "_HLS_msn" not in query:
            return False
        msn, part = int(query["_HLS_msn"]), int(query["_HLS_part"]) if "_HLS_part" in query else None
        newest = FIRST + int(self.edge() / TARGET)
        there = len([part for part in self.renditions[rendition][newest - FIRST].parts if part.end <= self.edge()])
        if msn > newest + 2 or msn == newest and part is not None and part > there - 1 + int(3 / PART):
            return False
        if part is not None and msn - FIRST < SECONDS // TARGET and part >= len(self.renditions[rendition][msn - FIRST].parts):
            msn, part = msn + 1, 0
        if msn - FIRST >= SECONDS // TARGET:
            end = SECONDS
        else:
            end = (msn - FIRST + 1) * TARGET if part is None else self.renditions[rendition][msn - FIRST].parts[part].end
        if not self.hasty:
            self.clock = max(self.clock, self.zero + end)
        return True

    def _ended(self):
        return self.edge() >= SECONDS

    def _playlist(self, rendition, skip):
        segments, edge = self.renditions[rendition], self.edge()
        count = min(int(edge / TARGET), len(segments))
        closed = segments[max(0, count - self.window) if self.kind != "vod" else 0:count]
        parts, fmp4 = self.kind == "parts", self.kind in ("mp4", "parts")
        lines = ["#EXTM3U", f"#EXT-X-VERSION:{9 if parts else 6 if fmp4 or self.kind == 'packed' else 3}", f"#EXT-X-TARGETDURATION:{TARGET}"]
        if parts:
            lines += [f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={3 * PART},CAN-SKIP-UNTIL={6.0 * TARGET}",
                      f"#EXT-X-PART-INF:PART-TARGET={PART}"]
        lines += [f"#EXT-X-MEDIA-SEQUENCE:{closed[0].msn}",
                  f"#EXT-X-DISCONTINUITY-SEQUENCE:{7 + (closed[0].msn > FIRST + 1)}", "#EXT-X-INDEPENDENT-SEGMENTS"]
        if self.kind == "vod":
            lines.append("#EXT-X-PLAYLIST-TYPE:VOD")
        begun = edge - count * TARGET
        old = [segment for segment in closed if edge - (segment.msn - FIRST + 1) * TARGET >= 6 * TARGET]
        skipped = len(old) if skip and not self._ended() else 0
        if skipped:
            lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")
        elif fmp4:
            lines.append(f'#EXT-X-MAP:URI="i{rendition}.mp4"')
        for segment in closed[skipped:]:
            lines += self._segment(segment, segment is closed[0], parts and segment.msn >= FIRST + count - 3)
        if self._ended():
            lines.append("#EXT-X-ENDLIST")
        elif parts:
            lines += self._open(rendition, segments[count], begun)
        return "\n".join([*lines, ""])

    def _segment(self, segment, first, parts):
        if segment.msn == FIRST + 1:
            yield "#EXT-X-DISCONTINUITY"
        if self.kind == "aes" and (first or segment.msn % 2 == 0):
            yield f'#EXT-X-KEY:METHOD=AES-128,URI="{segment.msn // 2 % 2}.key"'
        yield f"#EXT-X-PROGRAM-DATE-TIME:{date(self.zero - self.behind + segment.begin)}"
        for part in segment.parts if parts else ():
            yield self._part(part)
        yield f"#EXTINF:{segment.duration:.5f},"
        yield segment.name

    def _open(self, rendition, segment, begun):
        yield f"#EXT-X-PROGRAM-DATE-TIME:{date(self.zero - self.behind + segment.begin)}"
        there = [part for part in segment.parts if part.end <= begun + (segment.msn - FIRST) * TARGET]
        yield from map(self._part, there)
        yield f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{segment.parts[len(there)].name}"'
        for other in self.renditions:
            if other != rendition:
                msn, part = (segment.msn, len(there) - 1) if there else (segment.msn - 1, len(segment.parts) - 1)
                yield f'#EXT-X-RENDITION-REPORT:URI="{other}.m3u8",LAST-MSN={msn},LAST-PART={part}'

    def _part(self, part):
        return f'#EXT-X-PART:DURATION={part.duration:.5f},URI="{part.name}"' + (",INDEPENDENT=YES" if part.independent else "")
