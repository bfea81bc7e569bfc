"""Watches a URL for a while as players do: polls, fetches all that is listed once, and remembers it with its times."""

from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from . import playlist as m3u8
from .playlist_reader import parse
from .web import Answer

ORIGIN = {"Origin": "http://player.example"}
BACKLOG = 40        # segments of a first playlist that are fetched, from its end
DELTAS = 12          # delta updates that are asked for, a rendition
RECHECKS = 8        # segments and as many parts that are asked for again after they have left, a rendition
LISTED_LATE = 1.0   # seconds that a listed segment may take to be there


@dataclass
class Load:
    """One answer with a playlist."""

    answer: Answer
    list: m3u8.Playlist
    asked: tuple | None = None  # (media sequence number, part) that was waited for


@dataclass
class PartItem:
    part: m3u8.Part
    url: str
    line: int
    load: Load            # that it was first seen in
    answer: Answer | None = None
    left: float | None = None
    again: Answer | None = None


@dataclass
class Item:
    """A segment, from the first playlist that had it on."""

    segment: m3u8.Segment
    url: str
    load: Load
    fresh: bool           # it came while we watched
    longest: float = 0.0  # duration of the longest playlist that had it
    answer: Answer | None = None
    left: float | None = None
    again: Answer | None = None
    parts: dict = field(default_factory=dict)


@dataclass
class Hint:
    """A part that was asked for before it was listed."""

    url: str
    line: int
    before: Load
    answer: Answer
    place: tuple
    after: Load | None = None


@dataclass
class Rendition:
    url: str
    role: str = "media"                          # "variant", "audio", "subtitles", or "media" without a multivariant playlist
    attributes: dict = field(default_factory=dict)
    line: int = 0                                # in the multivariant playlist
    loads: list = field(default_factory=list)    # those with a playlist
    failures: list = field(default_factory=list)
    items: dict = field(default_factory=dict)    # by media sequence number
    fetched: dict = field(default_factory=dict)  # initialisation segments and keys: (url, range) -> Answer
    deltas: list = field(default_factory=list)   # (full, delta, full)
    hints: list = field(default_factory=list)
    table: list = field(default_factory=list)    # (query, what is wanted, Load or None, Answer)
    loose: dict = field(default_factory=dict)    # parts of segments that are not whole yet: number -> {part: PartItem}
    names: dict = field(default_factory=dict)    # media sequence numbers by the URIs in the playlists
    pieces: list = field(default_factory=list)   # what the analysis has made of the items
    next: float = 0.0
    rounds: int = 0

    @property
    def newest(self):
        return self.loads[-1].list

    @property
    def target(self):
        return self.loads[0].list.target or 1 if self.loads else 1

    @property
    def live(self):
        return not self.loads[0].list.ended

    @property
    def blocks(self):
        return self.newest.control.get("CAN-BLOCK-RELOAD") == "YES" and not self.newest.ended

    def resource(self, base, uri, range=None):
        return self.fetched.get((urljoin(base, uri), range))


def with_query(url, query):
    return url + ("&" if urlsplit(url).query else "?") + query


class Watcher:
    """Goes round the media playlists until the time is over."""

    def __init__(self, web, url):
        self.web, self.url = web, url
        self.master = None
        self.master_answer = None
        self.renditions = []
        self.probes = {}

    def watch(self, seconds):
        answer = self.master_answer = self.web.get(self.url, ORIGIN)
        if answer.status != 200:
            return
        found = parse(answer.body)
        if found.master:
            self.master = Load(answer, found)
            self._choose(found, answer.url)
        else:
            self.renditions = [Rendition(answer.url)]
            self._take(self.renditions[0], answer, found)
        end = self.web.now() + seconds
        while (rendition := min(self.renditions, key=lambda one: one.next, default=None)) and rendition.next < end:
            self.web.sleep(rendition.next - self.web.now())
            self._round(rendition)
        for rendition in self.renditions:
            self._ask_again(rendition, float("inf"))

    def _choose(self, found, base):
        known = set()
        for attributes, uri, line in found.variants:
            if (url := urljoin(base, uri)) not in known:
                known.add(url)
                self.renditions.append(Rendition(url, "variant", attributes, line))
        for attributes, line in found.renditions:
            url = urljoin(base, attributes.get("URI", ""))
            if attributes.get("URI") and url not in known:
                known.add(url)
                self.renditions.append(Rendition(url, attributes.get("TYPE", "").lower(), attributes, line))

    def _round(self, rendition):
        rendition.rounds += 1
        if not rendition.loads:
            self.load(rendition)
        elif rendition.blocks and rendition.newest.part_target:
            self._low_latency(rendition)
        elif rendition.newest.ended:
            self.load(rendition)
            rendition.next = float("inf")
            return
        else:
            self.load(rendition)
        self._ask_again(rendition, self.web.now() + 1)

    def _low_latency(self, rendition):
        """Waits for the next part; sometimes for the part itself first, and sometimes for a delta update as well."""
        msn, part = rendition.newest.last()
        place = (msn, part + 1) if part >= 0 else (msn + 1, 0)
        hint, line = rendition.newest.hint
        hinted = None
        if hint is not None and rendition.rounds % 3 == 0:
            before = rendition.loads[-1]
            url = urljoin(before.answer.url, hint)
            hinted = Hint(url, line, before, self.web.get(url, ORIGIN), place)
            rendition.hints.append(hinted)
        load = self.load(rendition, f"_HLS_msn={place[0]}&_HLS_part={place[1]}", place)
        if hinted and load:
            hinted.after = load
        if rendition.rounds % 8 == 2 and len(rendition.deltas) < DELTAS and "CAN-SKIP-UNTIL" in rendition.newest.control:
            self._delta(rendition)
        if load:
            rendition.next = self.web.now()

    def _delta(self, rendition):
        fetched = [self.web.get(url, ORIGIN) for url in
                   (rendition.url, with_query(rendition.url, "_HLS_skip=YES"), rendition.url)]
        if all(answer.status == 200 for answer in fetched):
            rendition.deltas.append(tuple(Load(answer, parse(answer.body)) for answer in fetched))

    def load(self, rendition, query="", asked=None):
        """Fetches a playlist, and what is new in it. None: there was none."""
        answer = self.web.get(with_query(rendition.url, query) if query else rendition.url, ORIGIN)
        found = parse(answer.body) if answer.status == 200 else None
        if found is None or not answer.body.startswith((b"#EXTM3U", b"\xef\xbb\xbf#EXTM3U")) and not found.segments:
            rendition.failures.append(answer)
            rendition.next = self.web.now() + (rendition.target / 2 if rendition.loads else 1)
            return None
        return self._take(rendition, answer, found, asked)

    def _take(self, rendition, answer, found, asked=None):
        load = Load(answer, found, asked)
        changed = not rendition.loads or rendition.newest.text != found.text
        rendition.loads.append(load)
        self._note(rendition, load)
        self._fetch(rendition, load)
        last = found.segments[-1].duration if found.segments else 1
        wait = last if changed and found.segments else (found.target or 2) / 2
        rendition.next = max(answer.began + wait, self.web.now() + 0.05)
        return load

    def take_aside(self, rendition, load):
        """A playlist that came in answer to a probe: it is part of the history as well."""
        rendition.loads.append(load)
        self._note(rendition, load)
        self._fetch(rendition, load)

    def _note(self, rendition, load):
        """Keeps the books of what is listed and what has left."""
        found, first, now = load.list, len(rendition.loads) == 1, load.answer.ended
        if any(rendition.names.setdefault(segment.uri, segment.msn) != segment.msn for segment in found.segments):
            return  # other numbers than before: C6 tells it, and to go on from there would only repeat it
        for segment in found.segments:
            if not (item := rendition.items.get(segment.msn)):
                item = Item(segment, urljoin(load.answer.url, segment.uri), load, not first)
                item.parts = rendition.loose.pop(segment.msn, {})
                rendition.items[segment.msn] = item
            item.longest = max(item.longest, found.duration)
        present = set()
        for segment, number, part in found.all_parts():
            present.add((segment.msn, number))
            parts = self._parts(rendition, segment.msn)
            if number not in parts:
                parts[number] = PartItem(part, urljoin(load.answer.url, part.uri), part.line, load)
        for msn, item in rendition.items.items():
            if msn < found.msn and item.left is None:
                item.left = now
            for number, part in item.parts.items():
                if part.left is None and (msn, number) not in present:
                    part.left = now

    def _parts(self, rendition, msn):
        item = rendition.items.get(msn)
        return item.parts if item else rendition.loose.setdefault(msn, {})

    def _fetch(self, rendition, load):
        """Fetches what this playlist has and none before had: keys, initialisation segments, parts, segments."""
        base = load.answer.url
        open_segment = [load.list.open] if load.list.open else []
        for segment in load.list.segments[-BACKLOG:] + open_segment:
            for key in filter(None, (segment.key, segment.map and segment.map.key)):
                self._resource(rendition, urljoin(base, key.uri), None)
            if segment.map:
                self._resource(rendition, urljoin(base, segment.map.uri), segment.map.range)
        hinted = {hint.url: hint.answer for hint in rendition.hints if hint.answer.status == 200}
        for segment, number, part in load.list.all_parts():
            held = self._parts(rendition, segment.msn).get(number)
            if held and held.answer is None and not part.gap:
                held.answer = hinted.get(held.url) if part.range is None else None
                held.answer = held.answer or self._media(held.url, part.range, load)
        for segment in load.list.segments[-BACKLOG:]:
            item = rendition.items.get(segment.msn)
            if item and item.answer is None and not segment.gap and item.url:
                item.answer = self._media(item.url, segment.range, item.load)

    def _resource(self, rendition, url, range):
        if (url, range) not in rendition.fetched:
            rendition.fetched[url, range] = self.get(url, range)

    def _media(self, url, range, load):
        """A segment or part; what is not there yet is asked for again as long as it may be late."""
        while True:
            answer = self.get(url, range)
            if answer.status in (200, 206) or self.web.now() - load.answer.ended > LISTED_LATE:
                return answer
            self.web.sleep(0.2)

    def get(self, url, range=None):
        """A range is cut out when the server gives the whole."""
        headers = dict(ORIGIN)
        if range:
            headers["Range"] = f"bytes={range[0]}-{sum(range) - 1}"
        answer = self.web.get(url, headers)
        if range and answer.status == 200:
            answer.body = answer.body[range[0]:sum(range)]
        return answer

    def _ask_again(self, rendition, until):
        """Asks once more for what has left, as late as it must be there."""
        now, target = self.web.now(), rendition.target
        gone = [item for item in rendition.items.values() if item.left and item.answer and not item.again]
        for item in gone[:max(0, RECHECKS - sum(1 for item in rendition.items.values() if item.again))]:
            due = item.load.answer.ended + item.segment.duration + item.longest
            if now < due - 0.2 and due - 0.7 <= until:
                item.again = self.get(item.url, item.segment.range)
        asked = sum(1 for item in rendition.items.values() for part in item.parts.values() if part.again)
        for part in [part for item in rendition.items.values() for part in item.parts.values()]:
            if part.left and part.answer and not part.again and asked < RECHECKS:
                due = part.left + 3 * target
                if now < due - 0.2 and due - 0.7 <= until:
                    asked += 1
                    part.again = self.get(part.url, part.part.range)
