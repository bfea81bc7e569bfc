"""A checker of HLS streams: follows a multivariant playlist for a while, fetches what is listed, and says which rules of
the list in docs/protocols/hls.md it breaks. Knows nothing of the server that it checks.

    checker = HlsChecker("http://HOST/live/cam.m3u8"); checker.watch(10); assert not checker.verdict()

Rules that need speed to be measured (C8, C42's 50 ms, C49) are told as figures, and never fail.
"""

import gzip
import http.client
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict

from . import hls_media
from .hls_playlist import parse_media, parse_multivariant

FRAME = 0.06  # the longest frame in the tests' sources, and rounding
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


def fetch(url, method="GET", **headers):
    request = urllib.request.Request(url, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as answer:
        return Reply(answer.code, answer.headers, answer.read())


class Rendition:
    """What was seen of one media playlist."""

    def __init__(self, url, kind):
        self.url, self.kind = url, kind
        self.shots = []       # every playlist, in order
        self.known = {}       # msn: the first Segment seen
        self.bodies = {}      # msn: bytes, decrypted
        self.inits = {}       # uri: bytes
        self.parts = {}       # uri: bytes
        self.keys = {}
        self.gone_checked = False
        self.head = None      # headers of the first answer

    @property
    def last(self):
        return self.shots[-1]


class HlsChecker:
    def __init__(self, url):
        self.url = url
        self.broken = []
        self.notes = []
        self.renditions = []
        self.master = None

    # ---- watching

    def fault(self, rule, text):
        line = f"{rule}: {text}"
        if line not in self.broken:
            self.broken.append(line)

    def expect(self, condition, rule, text):
        if not condition:
            self.fault(rule, text)

    def open(self):
        reply = fetch(self.url)
        assert reply.status == 200, f"{self.url}: {reply.status} {reply.body[:300]!r}"
        self._check_text(self.url, reply)
        self.master = parse_multivariant(reply.body.decode())
        for variant in self.master.variants:
            kind = "video" if "RESOLUTION" in variant.attributes else "audio"
            self.renditions.append(Rendition(urllib.parse.urljoin(self.url, variant.uri), kind))
        for media in self.master.media:
            if "URI" in media:
                self.renditions.append(Rendition(urllib.parse.urljoin(self.url, media["URI"]), "audio"))
        return self

    def watch(self, seconds=None, until=None, timeout=120):
        """Follows all media playlists for so long, or until a condition holds."""
        if self.master is None:
            self.open()
        begun = time.monotonic()
        while True:
            for rendition in self.renditions:
                self._look(rendition)
            passed = time.monotonic() - begun
            if (until and until(self)) or (until is None and passed >= seconds):
                return self
            assert passed < timeout, f"what was waited for did not come in {timeout} s; faults so far: {self.broken}"
            time.sleep(0.3)

    def _look(self, rendition):
        reply = fetch(rendition.url)
        if reply.status != 200:
            self.fault("C12", f"{rendition.url}: {reply.status}")
            return
        rendition.head = rendition.head or reply.headers
        self._check_text(rendition.url, reply)
        try:
            playlist = parse_media(reply.body.decode())
        except (AssertionError, ValueError) as failure:
            self.fault("C1", f"{rendition.url}: {failure}")
            return
        if not rendition.shots or rendition.last.text != playlist.text:
            rendition.shots.append(playlist)
        for segment in playlist.segments:
            known = rendition.known.get(segment.msn)
            if known is None:
                rendition.known[segment.msn] = segment
                self._fetch_segment(rendition, segment)
            else:
                self.expect(known.identity() == segment.identity(), "C7",
                            f"segment {segment.msn} was {known.identity()}, now {segment.identity()}")

    def _fetch_segment(self, rendition, segment):
        if segment.gap:
            return
        url = urllib.parse.urljoin(rendition.url, segment.uri)
        reply = fetch(url)
        self.expect(reply.status == 200, "C12", f"{segment.uri} is listed but answered with {reply.status}")
        if reply.status != 200:
            return
        self.expect(int(reply.headers.get("Content-Length", -1)) == len(reply.body), "C12", f"{segment.uri}: incomplete")
        kind = reply.headers["Content-Type"]
        fits = {"m4s": ("video/mp4", "audio/mp4"), "ts": ("video/mp2t",)}[segment.uri.split("?")[0].rsplit(".", 1)[1]]
        self.expect(kind in fits, "C2", f"{segment.uri}: {kind}")
        self.expect(reply.headers["Access-Control-Allow-Origin"] == "*", "C19", f"{segment.uri}: no CORS")
        self.expect("max-age" in (reply.headers["Cache-Control"] or ""), "C18", f"{segment.uri}: {reply.headers['Cache-Control']}")
        if segment.map and segment.map not in rendition.inits:
            init = fetch(urllib.parse.urljoin(rendition.url, segment.map))
            self.expect(init.status == 200, "C14", f"{segment.map}: {init.status}")
            rendition.inits[segment.map] = init.body
        body = reply.body
        if segment.key and segment.key["METHOD"] != "NONE":
            body = self._decrypt(rendition, segment, body)
        rendition.bodies[segment.msn] = body
        joined = b""
        for part in segment.parts:
            reply = fetch(urllib.parse.urljoin(rendition.url, part["URI"]))
            self.expect(reply.status == 200, "C12", f"{part['URI']} is listed but answered with {reply.status}")
            rendition.parts[part["URI"]] = reply.body
            joined += reply.body
        if segment.parts:
            self.expect(joined == body, "C41", f"the parts of {segment.uri} are not the segment")

    def _decrypt(self, rendition, segment, body):
        uri = segment.key["URI"]
        if uri not in rendition.keys:
            reply = fetch(urllib.parse.urljoin(rendition.url, uri))
            self.expect(reply.status == 200 and len(reply.body) == 16, "C17", f"{uri}: {reply.status}, {len(reply.body)} bytes")
            self.expect("no-store" in (reply.headers["Cache-Control"] or ""), "C18", f"{uri} may be cached")
            rendition.keys[uri] = reply.body
        iv = segment.key.get("IV", f"0x{segment.msn:032x}")
        self.expect(re.fullmatch(r"0x[0-9a-fA-F]{32}", iv) is not None, "C17", f"IV {iv}")
        done = subprocess.run(["openssl", "enc", "-d", "-aes-128-cbc", "-K", rendition.keys[uri].hex(), "-iv", iv[2:]],
                              input=body, capture_output=True)
        self.expect(done.returncode == 0, "C37", f"{segment.uri}: {done.stderr.decode()}")
        return done.stdout

    def _check_text(self, url, reply):
        body = reply.body
        self.expect(not body.startswith(b"\xef\xbb\xbf"), "C1", f"{url}: BOM")
        try:
            self.expect(not CONTROL.search(body.decode()), "C1", f"{url}: control characters")
        except UnicodeDecodeError:
            self.fault("C1", f"{url}: no UTF-8")
        self.expect(reply.headers["Content-Type"] == "application/vnd.apple.mpegurl", "C2", reply.headers["Content-Type"])
        self.expect(reply.headers["Access-Control-Allow-Origin"] == "*", "C19", f"{url}: no CORS")
        self.expect(reply.headers["Cache-Control"] is not None, "C18", f"{url}: no Cache-Control")
        self.expect("Age" not in reply.headers, "C18", f"{url}: an origin sends no Age")

    # ---- judging

    def verdict(self):
        """Every rule that was broken, one line each."""
        self._check_http()
        self._check_multivariant()
        for rendition in self.renditions:
            self._check_playlists(rendition)
            self._check_parts(rendition)
            try:
                self._check_media(rendition)
            except AssertionError as failure:
                self.fault("C31/C32", f"{rendition.url}: {failure}")
        self._check_together()
        return self.broken

    def _check_http(self):
        url = self.renditions[0].url
        zipped = fetch(url, Accept_Encoding="gzip")
        self.expect(zipped.headers["Content-Encoding"] == "gzip", "C18", "gzip is not offered")
        if zipped.headers["Content-Encoding"] == "gzip":
            self.expect(gzip.decompress(zipped.body).startswith(b"#EXTM3U"), "C18", "gzip is broken")
        segment = next((s for s in reversed(self.renditions[0].last.segments) if not s.gap), None)
        if segment is None:
            return
        where = urllib.parse.urljoin(url, segment.uri)
        whole = fetch(where)
        part = fetch(where, Range="bytes=10-19")
        self.expect(part.status == 206 and part.body == whole.body[10:20], "C12", f"Range: {part.status}")
        head = fetch(where, "HEAD")
        self.expect(head.status == 200 and not head.body and int(head.headers["Content-Length"]) == len(whole.body), "C12", "HEAD")
        same = fetch(where, If_None_Match=whole.headers["ETag"] or "none")
        self.expect(same.status == 304, "C18", f"If-None-Match: {same.status}")
        missing = fetch(re.sub(r"-(\d+)\.(m4s|ts)", lambda m: f"-{int(m[1]) - 100000}.{m[2]}", where))
        self.expect(missing.status == 404, "C12", f"an evicted segment: {missing.status}")
        self.expect("no-store" in (missing.headers["Cache-Control"] or ""), "C18", "a 404 may be cached")
        for reply in (part, same, missing):
            self.expect(reply.headers["Access-Control-Allow-Origin"] == "*", "C19", f"{reply.status} without CORS")

    def _check_multivariant(self):
        groups = defaultdict(list)
        for media in self.master.media:
            groups[media["TYPE"], media["GROUP-ID"]].append(media)
        for (kind, group), members in groups.items():
            names = [media["NAME"] for media in members]
            self.expect(len(names) == len(set(names)), "C24", f"{group}: names {names}")
            self.expect(sum(media.get("DEFAULT") == "YES" for media in members) <= 1, "C24", f"{group}: several defaults")
        for variant in self.master.variants:
            told = variant.attributes
            self.expect("BANDWIDTH" in told, "C21", "no BANDWIDTH")
            self.expect("CODECS" in told, "C22", "no CODECS")
            if "AUDIO" in told:
                self.expect(("AUDIO", told["AUDIO"]) in groups, "C24", f"no group {told['AUDIO']}")

    def _check_playlists(self, rendition):
        shots, url = rendition.shots, rendition.url
        first = shots[0]
        warm = False
        for before, shot in zip([None, *shots], shots):
            self._check_shot(rendition, shot)
            length = sum(segment.duration for segment in shot.segments)
            warm = warm or length >= 3 * shot.target
            self.expect(not warm or length >= 3 * shot.target or shot.ended, "C9", f"{url}: a window of {length} s")
            if before is None:
                continue
            self.expect(shot.target == first.target, "C4", f"{url}: TARGETDURATION changed")
            self.expect(shot.first >= before.first, "C6", f"{url}: MEDIA-SEQUENCE went back")
            self.expect(shot.next_msn >= before.next_msn, "C6", f"{url}: the newest segment went away")
            for tag in ("EXT-X-PART-INF", "EXT-X-SERVER-CONTROL", "EXT-X-VERSION"):
                self.expect(shot.tags.get(tag) == first.tags.get(tag), "C39", f"{url}: {tag} changed")
        last = rendition.last
        if last.first > first.first and not rendition.gone_checked:
            rendition.gone_checked = True
            gone = rendition.known[last.first - 1]
            reply = fetch(urllib.parse.urljoin(url, gone.uri), "HEAD")
            self.expect(gone.gap or reply.status == 200, "C13", f"{gone.uri} left the playlist and is {reply.status} already")

    def _check_shot(self, rendition, shot):
        url, target = rendition.url, shot.target
        version = int(shot.tags.get("EXT-X-VERSION", 1))
        needed = 3
        needed = 6 if any(segment.map for segment in shot.segments) else needed
        needed = 9 if shot.skipped else needed
        self.expect(version >= needed, "C3", f"{url}: VERSION {version}, {needed} is needed")
        self.expect("EXT-X-PLAYLIST-TYPE" not in shot.tags, "C10", f"{url}: PLAYLIST-TYPE in live")
        for before, segment in zip([None, *shot.segments], shot.segments):
            self.expect(round(segment.duration) <= target and segment.duration <= target + 0.5, "C5",
                        f"{segment.uri}: {segment.duration} s, TARGETDURATION {target}")
            self.expect(segment.date is not None, "C15", f"{segment.uri}: no PROGRAM-DATE-TIME")
            if before and segment.date and before.date and not segment.tagged:
                off = segment.date - before.date - before.duration
                self.expect(abs(off) < FRAME, "C15", f"{segment.uri}: its date is {off:.3f} s off")
        ends = [line for line in shot.text.split("\n") if line]
        self.expect(not shot.ended or ends[-1] == "#EXT-X-ENDLIST", "C20", f"{url}: lines behind ENDLIST")
        self.expect(not (shot.ended and shot.hint), "C20", f"{url}: a hint after the end")

    def _check_parts(self, rendition):
        last = rendition.last
        if "EXT-X-PART-INF" not in last.tags:
            return
        target = float(last.tags["EXT-X-PART-INF"].split("=")[1])
        control = dict(pair.split("=") for pair in last.tags["EXT-X-SERVER-CONTROL"].split(","))
        hold = float(control["PART-HOLD-BACK"])
        self.expect(hold >= 2 * target, "C39", f"PART-HOLD-BACK {hold}, PART-TARGET {target}")
        self.expect(float(control["CAN-SKIP-UNTIL"]) >= 6 * last.target, "C39", "CAN-SKIP-UNTIL is too short")
        for shot in rendition.shots:
            for segment in shot.segments:
                for i, part in enumerate(segment.parts):
                    self._check_part(part, target, i + 1 == len(segment.parts))
            for part in shot.open_parts:
                self._check_part(part, target, False)
            if not shot.ended:
                self.expect(shot.hint is not None, "C42", f"{rendition.url}: no PRELOAD-HINT")
        for before, shot in zip(rendition.shots, rendition.shots[1:]):
            if before.hint and shot.next_msn + len(shot.open_parts) > before.next_msn + len(before.open_parts):
                listed = [p["URI"] for s in shot.segments for p in s.parts] + [p["URI"] for p in shot.open_parts]
                self.expect(before.hint["URI"] in listed or shot.first > before.next_msn, "C42",
                            f"{before.hint['URI']} was hinted and never came")
        if len(self.renditions) > 1 and not last.ended:
            self.expect(len(last.reports) == len(self.renditions) - 1, "C46", f"{len(last.reports)} rendition reports")

    def _check_part(self, part, target, is_last):
        duration = float(part["DURATION"])
        self.expect(duration <= target + 0.002, "C40", f"{part['URI']}: {duration} s, PART-TARGET {target}")
        if not is_last:
            self.expect(duration >= 0.85 * target - 0.002 or part.get("INDEPENDENT") == "YES", "C40",
                        f"{part['URI']}: {duration} s, less than 85 % of {target}")

    def _check_media(self, rendition):
        order = [msn for msn in sorted(rendition.known) if msn in rendition.bodies]
        if any(segment.map for segment in rendition.known.values()):
            self._check_fragments(rendition, order)
        else:
            self._check_transport(rendition, order)
        self._check_decoding(rendition, order)

    def _check_fragments(self, rendition, order):
        end, sequence = None, None
        for msn in order:
            segment = rendition.known[msn]
            self.expect(segment.map is not None, "C14", f"{segment.uri}: no EXT-X-MAP")
            init = hls_media.read_init(rendition.inits[segment.map])
            self.expect(init.has_mvex and init.samples == 0, "C32", f"{segment.map}: mvex or samples")
            found = hls_media.read_fragments(rendition.bodies[msn], init.track)
            scale = init.timescale
            duration = (found.end - found.begin) / scale
            self.expect(abs(duration - segment.duration) < FRAME, "C30", f"{segment.uri}: {duration} s, EXTINF {segment.duration}")
            whole = msn - 1 in rendition.known and not rendition.known[msn - 1].gap
            if whole and not segment.tagged:
                self.expect(found.begin == end, "C32", f"{segment.uri}: begins at {found.begin}, the one before ended at {end}")
                self.expect(found.sequences[0] == sequence + 1, "C32", f"{segment.uri}: mfhd {found.sequences[0]} after {sequence}")
            times = [sample[0] for sample in found.samples]
            self.expect(times == sorted(set(times)), "C29", f"{segment.uri}: decode times do not rise")
            if init.kind == "vide":
                self.expect(found.samples[0][3] or not self.key_frames, "C28", f"{segment.uri}: begins without a key frame")
                for part in segment.parts:
                    inner = hls_media.read_fragments(rendition.parts[part["URI"]], init.track)
                    self.expect(inner.samples[0][3] or part.get("INDEPENDENT") != "YES", "C45", f"{part['URI']}: INDEPENDENT is wrong")
            segment.span = (found.begin / scale, found.end / scale)
            segment.codec = init.codec
            end, sequence = found.end, found.sequences[-1]

    key_frames = True  # the publisher sends them often enough for every segment to begin with one

    def _check_transport(self, rendition, order):
        reader, last = hls_media.Transport(), {}
        for msn in order:
            segment = rendition.known[msn]
            if segment.tagged or msn - 1 not in rendition.bodies:
                reader.begin_anew()
                last = {}
            times, units, missing = reader.read(rendition.bodies[msn])
            self.expect(not missing, "C31", f"{segment.uri}: nothing of PIDs {missing}, which the PMT declares")
            for pid, stamps in times.items():
                decode = [dts for dts, _ in stamps]
                self.expect(all(pts >= dts for dts, pts in stamps), "C29", f"{segment.uri}: PTS before DTS")
                self.expect(decode == sorted(set(decode)), "C29", f"{segment.uri}: decode times do not rise")
                if pid in last:
                    step = (decode[0] - last[pid]) / 90000
                    self.expect(0 < step < 0.3, "C29", f"{segment.uri}: {step:.3f} s between two segments in PID {pid:#x}")
                last[pid] = decode[-1]
            picture = next((pid for pid, kind in reader.streams.items() if kind in (0x1B, 0x24)), None)
            if picture is not None and reader.streams[picture] == 0x1B:
                self.expect(b"\0\0\1\x09" in units[picture], "C31", f"{segment.uri}: no access unit delimiter")
                self.expect(b"\0\0\1\x67" in units[picture] or not self.key_frames, "C28", f"{segment.uri}: no SPS at its beginning")
            lead = times[picture if picture is not None else next(iter(times))]
            segment.span = (lead[0][0] / 90000, None)

    def _check_decoding(self, rendition, order):
        """C36: each run of segments without a discontinuity, decoded in one go."""
        run = []
        for msn in [*order, None]:
            if run and (msn is None or msn != run[-1] + 1 or rendition.known[msn].tagged):
                data = b"".join([rendition.inits.get(rendition.known[run[0]].map, b""), *(rendition.bodies[m] for m in run)])
                done = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-err_detect", "crccheck", "-i", "-", "-f", "null", "-"],
                                      input=data, capture_output=True)
                noise = [line for line in done.stderr.decode().splitlines() if line.strip()]
                self.expect(done.returncode == 0 and (not noise or not self.key_frames), "C36",
                            f"segments {run[0]} to {run[-1]} of {rendition.url}: {noise[:3]}")
                run = []
            if msn is not None:
                run.append(msn)

    def _check_together(self):
        """What all renditions must agree on."""
        first = self.renditions[0]
        for other in self.renditions[1:]:
            self.expect(other.last.target == first.last.target, "C25", "TARGETDURATIONs differ")
            for msn, segment in first.known.items():
                twin = other.known.get(msn)
                if twin is None:
                    continue
                self.expect(twin.discontinuity == segment.discontinuity, "C25", f"segment {msn}: discontinuity numbers differ")
                if twin.date and segment.date:
                    self.expect(abs(twin.date - segment.date) < 0.2, "C25", f"segment {msn}: dates differ")
                spans = getattr(segment, "span", None), getattr(twin, "span", None)
                if all(spans) and spans[0][1] and spans[1][1]:
                    apart = max(abs(spans[0][0] - spans[1][0]), abs(spans[0][1] - spans[1][1]))
                    self.expect(apart < 0.2, "C33", f"segment {msn}: renditions are {apart:.3f} s apart")
        for variant in self.master.variants:
            rendition = next(r for r in self.renditions if r.url.endswith(variant.uri))
            rates = [8 * len(rendition.bodies[m]) / s.duration for m, s in rendition.known.items() if m in rendition.bodies and s.duration > 0.5]
            if rates:
                self.expect(max(rates) <= int(variant.attributes["BANDWIDTH"]) * 1.1, "C21",
                            f"{max(rates):.0f} bit/s, BANDWIDTH {variant.attributes['BANDWIDTH']}")
            codec = next((s.codec for s in rendition.known.values() if hasattr(s, "codec")), None)
            if codec and codec.split(".")[0] in ("avc1", "mp4a"):
                self.expect(codec in variant.attributes.get("CODECS", ""), "C22", f"{codec} is not in CODECS {variant.attributes.get('CODECS')}")

    # ---- low latency, by asking

    def check_blocking(self):
        """C43 and C44, on the playlist as it is now: table H6 of requests."""
        rendition = self.renditions[0]
        base = rendition.url + ("&" if "?" in rendition.url else "?")
        now = parse_media(fetch(rendition.url).body.decode())
        msn, parts = now.next_msn, len(now.open_parts)
        for query, status in ((f"_HLS_msn={now.first - 5}", 200), (f"_HLS_msn={msn - 1}", 200), (f"_HLS_msn={msn + 5}", 400),
                              ("_HLS_part=0", 400), ("_HLS_msn=x", 400), ("_HLS_msn=99999999999999999999999", 400),
                              (f"_HLS_msn={msn}&_HLS_part={parts + 1000}", 400)):
            reply = fetch(base + query)
            self.expect(reply.status == status, "C43", f"?{query}: {reply.status} instead of {status}")
        reply = parse_media(fetch(f"{base}_HLS_msn={msn}&_HLS_part={parts}").body.decode())
        self.expect((reply.next_msn, len(reply.open_parts)) > (msn, parts), "C43", "a blocking request was answered too early")
        asked = reply.next_msn
        reply = parse_media(fetch(f"{base}_HLS_msn={asked}").body.decode())
        self.expect(reply.next_msn > asked, "C43", "a request for a whole segment was answered too early")
        hinted = urllib.parse.urljoin(rendition.url, reply.hint["URI"])
        part = fetch(hinted)
        self.expect(part.status == 200 and part.body, "C42", f"the hinted part: {part.status}")
        listed = fetch(rendition.url).body.decode()
        self.expect(reply.hint["URI"] in listed, "C42", "the hinted part is not the next one")
        return self

    def check_delta(self):
        """C44: a delta and what was listed before make the whole."""
        rendition = self.renditions[0]
        base = rendition.url + ("&" if "?" in rendition.url else "?")
        for _ in range(5):
            full = parse_media(fetch(rendition.url).body.decode())
            delta = parse_media(fetch(base + "_HLS_skip=YES").body.decode())
            if (full.first, full.next_msn) != (delta.first, delta.next_msn):
                continue  # It went on in between.
            self.expect(delta.skipped > 0, "C44", "nothing was skipped of a long playlist")
            rest = [(s.msn, s.uri, s.duration) for s in full.segments[delta.skipped:]]
            self.expect([(s.msn, s.uri, s.duration) for s in delta.segments] == rest, "C44", "a delta differs from the whole")
            return self
        raise AssertionError("the playlist never stood still for two requests")


def connection(url):
    """A connection that is kept, for tests that care."""
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
