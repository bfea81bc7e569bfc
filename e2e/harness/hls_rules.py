#!/usr/bin/env python3
"""Checks an HLS URL, live or not, against the rules C1 to C49: polls it as players do, and takes apart all that it serves.

    python3 e2e/harness/hls_rules.py http://HOST:8080/live/cam.m3u8 --seconds 20

In tests: `report = check(url, seconds=10, expect=Expectation(low_latency=True)); assert not report.violations, report`.
What must be is in `report.violations`, what should be in `report.notes`, how much was looked at in `report.seen` (counts) and
`report.checked` (rule -> count).
"""

import os
import sys

if __package__ in (None, ""):  # started as a command: this folder has an http.py of its own, which must not be found first
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

import argparse
from dataclasses import dataclass

from harness.hlscheck import rules_delivery, rules_latency, rules_master, rules_media, rules_playlist  # noqa: F401
from harness.hlscheck.analyse import analyse, frame_ticks
from harness.hlscheck.findings import RULES, Report, Speaker
from harness.hlscheck.probes import ask_table, probe
from harness.hlscheck.watch import Watcher
from harness.hlscheck.web import Web


@dataclass(frozen=True)
class Expectation:
    """What the caller knows of the stream; None: whatever it is."""

    low_latency: bool | None = None
    encrypted: bool | None = None
    discontinuities: int | None = None  # at least so many are seen
    sliding: bool = False               # live, and not an EVENT playlist
    ends: bool = False                  # the source has ended: EXT-X-ENDLIST must come
    decode: bool = True                 # run ffmpeg on all segments (C36)
    probes: bool = True                 # ask for what no player asks for (C18, C19, C43)
    outage: float = 0.0                 # seconds for which the server or the publisher may be gone
    slack: float = 1.0                  # seconds that a busy machine may take: added to each limit in time


def check(url, seconds=10.0, *, expect=Expectation(), web=None):
    """Watches `url` for so long, and gives the Report."""
    report, own = Report(url), web is None
    web = web or Web()
    watcher = Watcher(web, url)
    watcher.expect, watcher.report = expect, report
    try:
        watcher.watch(seconds)
        if expect.probes:
            probe(watcher)
            ask_table(watcher)
    finally:
        if own:
            web.close()
    for rendition in watcher.renditions:
        analyse(rendition)
    watcher.frame = _frame
    _count(watcher, report)
    for name, rule in RULES.items():
        rule(watcher, Speaker(report, name))
    _expected(watcher, report)
    return report


def _frame(rendition):
    """How long a frame of a rendition lasts, seconds."""
    tracks = [piece.media.main() for piece in rendition.pieces if piece.media.main()]
    return max((frame_ticks(track) / track.timescale for track in tracks), default=0.04)


def _count(watcher, report):
    for rendition in watcher.renditions:
        report.seen["renditions"] += 1
        report.seen["reloads"] += len(rendition.loads)
        report.seen["segments"] += sum(1 for item in rendition.items.values() if item.answer)
        report.seen["parts"] += sum(1 for item in rendition.items.values() for part in item.parts.values() if part.answer)
        report.seen["discontinuities"] += sum(1 for item in rendition.items.values() if item.segment.discontinuity)
        report.seen["gaps"] += sum(1 for item in rendition.items.values() if item.segment.gap)
        report.seen["encrypted segments"] += sum(1 for item in rendition.items.values() if item.segment.key)
        report.seen["key frames"] += sum(1 for piece in rendition.pieces if (track := piece.media.of("video"))
                                         for sample in track.samples if sample.key)
        report.seen["hints"] += len(rendition.hints)
        report.seen["delta updates"] += sum(1 for _, delta, _ in rendition.deltas if delta.list.skipped)
        report.seen["ended"] += bool(rendition.loads) and rendition.newest.ended


def _expected(watcher, report):
    wanted = watcher.expect.discontinuities
    for rendition in watcher.renditions if wanted is not None else ():
        found = sum(1 for item in rendition.items.values() if item.segment.discontinuity)
        if found < wanted:
            report.say("C11", "must", rendition.url, 0, f"{found} discontinuities were seen, {wanted} are expected")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url", nargs="?")
    parser.add_argument("--rules", action="store_true", help="print the rules and end")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--low-latency", action="store_true", help="parts are expected")
    parser.add_argument("--encrypted", action="store_true", help="encryption is expected")
    parser.add_argument("--no-decode", action="store_true", help="without ffmpeg")
    parser.add_argument("--slack", type=float, default=1.0, help="seconds added to each limit in time")
    asked = parser.parse_args()
    if asked.rules or not asked.url:
        print("\n".join(f"{name:4} {RULES[name].__doc__}" for name in sorted(RULES, key=lambda name: int(name[1:]))))
        return 0
    report = check(asked.url, asked.seconds, expect=Expectation(
        low_latency=asked.low_latency or None, encrypted=asked.encrypted or None, decode=not asked.no_decode, slack=asked.slack))
    print(report)
    for what, seconds in report.times.items():
        print(f"{what}: {seconds} s")
    missed = sorted((name for name in RULES if not report.checked[name]), key=lambda name: int(name[1:]))
    print("nothing to look at for: " + (", ".join(missed) or "no rule"))
    return 1 if report.violations or not report.seen["segments"] else 0


if __name__ == "__main__":
    sys.exit(main())
