"""Requests that no player makes in its daily round, but some make one day: HTTP's finer points, and absurd directives."""

import gzip
import re
import zlib
from urllib.parse import urljoin

from .playlist_reader import parse
from .watch import ORIGIN, Load, with_query

NOW, WAITS, REFUSED = "now", "waits", "refused"


def probe(watcher):
    """Asks all that belongs to the whole URL, of the first rendition that has something to play."""
    found = watcher.probes
    found["h2"] = watcher.web.tls_protocol(watcher.url)
    for rendition in watcher.renditions:
        if not rendition.loads:
            continue
        found["gzip"] = _zipped(watcher.web, rendition.url)
        found["options"] = watcher.web.get(rendition.url, {
            **ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}, "OPTIONS")
        found["missing"] = watcher.web.get(urljoin(rendition.loads[-1].answer.url, "no-such-segment-0.ts"), ORIGIN)
        item = next((item for item in reversed(rendition.items.values())
                     if item.left is None and item.answer and item.answer.status == 200), None)
        if item:
            found["item"] = item
            found["head"] = watcher.web.get(item.url, ORIGIN, "HEAD")
            found["range"] = watcher.web.get(item.url, {**ORIGIN, "Range": "bytes=10-109"})
            if tag := item.answer.header("ETag"):
                found["same"] = watcher.web.get(item.url, {**ORIGIN, "If-None-Match": tag})
        break


def _zipped(web, url):
    """The answer, and the text in it: None when it is not what it says."""
    answer = web.get(url, {**ORIGIN, "Accept-Encoding": "gzip"})
    text = answer.body
    if answer.header("Content-Encoding") == "gzip":
        try:
            text = gzip.decompress(answer.body)
        except (OSError, EOFError, zlib.error):
            text = None
    return answer, text


def advance_limit(part_target):
    """How many parts a client may ask ahead of the newest (rfc8216bis §6.2.5.2)."""
    return int(3 / part_target) if part_target < 1 else 3


def ask_table(watcher):
    """The table of blocking reloads, of each rendition that offers them."""
    for rendition in watcher.renditions[:2]:
        if rendition.loads and rendition.newest.control.get("CAN-BLOCK-RELOAD") == "YES":
            if rendition.newest.ended:
                last = rendition.newest.last()[0]
                _ask(watcher, rendition, f"_HLS_msn={last + 5}", NOW, None)
            elif rendition.newest.part_target:
                _ask_live(watcher, rendition)


def _ask_live(watcher, rendition):
    load = watcher.load(rendition)
    if not load or load.list.ended:
        return
    rendition.table.append(("", NOW, None, load.answer))
    closed = load.list.segments[-1].msn if load.list.segments else load.list.msn
    _ask(watcher, rendition, f"_HLS_msn={closed}", NOW, (closed, -1))
    _ask(watcher, rendition, f"_HLS_msn={load.list.msn - 3}", NOW, None) if load.list.msn > 3 else None
    if parts := rendition.items[closed].parts:
        _ask(watcher, rendition, f"_HLS_msn={closed}&_HLS_part={max(parts)}", NOW, (closed, max(parts)))
        _ask(watcher, rendition, f"_HLS_msn={closed}&_HLS_part={max(parts) + 1}", WAITS, (closed + 1, 0))
    msn, part = rendition.newest.last()
    msn, part = (msn, part) if part >= 0 else (msn + 1, -1)
    _ask(watcher, rendition, f"_HLS_msn={msn}&_HLS_part={part + 1}", WAITS, None)
    _ask(watcher, rendition, f"_HLS_msn={msn}", WAITS, (msn, -1))
    msn = rendition.newest.segments[-1].msn + 1
    _ask(watcher, rendition, f"_HLS_msn={msn + 1}&_HLS_part=0", WAITS, (msn + 1, 0))
    msn, part = rendition.newest.last()
    far = part + advance_limit(rendition.newest.part_target) + 3
    for query in (f"_HLS_msn={msn + 5}", f"_HLS_msn={msn}&_HLS_part={far}" if part >= 0 else "_HLS_part=1",
                  "_HLS_part=0", "_HLS_msn=x", f"_HLS_msn={msn}&_HLS_part=-1"):
        _ask(watcher, rendition, query, REFUSED, None)


def _ask(watcher, rendition, query, wanted, place):
    answer = watcher.web.get(with_query(rendition.url, query), ORIGIN)
    rendition.table.append((query, wanted, place, answer))
    if answer.status == 200:
        watcher.take_aside(rendition, Load(answer, parse(answer.body)))


def max_age(value):
    """Seconds of a Cache-Control, None without max-age."""
    match = re.search(r"max-age=(\d+)", value)
    return int(match[1]) if match else None
