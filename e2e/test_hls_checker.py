"""The checker of HLS itself: what is right passes, and each thing that is wrong is told by its rule."""

import pytest

from harness import hls_media
from harness.hls_checker import HlsChecker, Rendition
from harness.hls_playlist import parse_media, parse_multivariant

GOOD = """#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5,CAN-SKIP-UNTIL=12.0
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MEDIA-SEQUENCE:10
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-MAP:URI="v0-ab-i1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T07:21:10.000Z
#EXTINF:2.0,
v0-ab-10.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T07:21:12.000Z
#EXTINF:2.0,
v0-ab-11.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T07:21:14.000Z
#EXT-X-PART:DURATION=0.5,URI="v0-ab-12.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="v0-ab-12.1.m4s"
#EXT-X-PART:DURATION=0.5,URI="v0-ab-12.2.m4s"
#EXT-X-PART:DURATION=0.5,URI="v0-ab-12.3.m4s"
#EXTINF:2.0,
v0-ab-12.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T07:21:16.000Z
#EXT-X-PART:DURATION=0.5,URI="v0-ab-13.0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="v0-ab-13.1.m4s"
"""


def faults(*texts):
    """The rules that a playlist breaks which stood as these texts, one after the other."""
    checker = HlsChecker("http://nowhere/live/cam.m3u8")
    rendition = Rendition("http://nowhere/live/cam/hls/v0.m3u8", "video")
    checker.renditions = [rendition]
    rendition.gone_checked = True  # There is nobody to ask.
    for text in texts:
        playlist = parse_media(text)
        rendition.shots.append(playlist)
        for segment in playlist.segments:
            known = rendition.known.setdefault(segment.msn, segment)
            checker.expect(known.identity() == segment.identity(), "C7", "changed")
    checker._check_playlists(rendition)
    checker._check_parts(rendition)
    return {fault.split(":")[0] for fault in checker.broken}


def test_a_good_playlist_breaks_no_rule():
    assert faults(GOOD) == set()


@pytest.mark.parametrize("rule, before, after", [
    ("C3", "VERSION:9", "VERSION:3"),
    ("C5", "TARGETDURATION:2", "TARGETDURATION:1"),
    ("C10", "#EXT-X-PART-INF", "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-PART-INF"),
    ("C15", "07:21:12.000", "07:21:12.500"),
    ("C15", "#EXT-X-PROGRAM-DATE-TIME:2026-11-20T07:21:10.000Z\n", ""),
    ("C20", "#EXT-X-PRELOAD", "#EXT-X-ENDLIST\n#EXT-X-PRELOAD"),
    ("C39", "PART-HOLD-BACK=1.5", "PART-HOLD-BACK=0.5"),
    ("C39", "CAN-SKIP-UNTIL=12.0", "CAN-SKIP-UNTIL=6.0"),
    ("C40", 'DURATION=0.5,URI="v0-ab-12.1', 'DURATION=0.3,URI="v0-ab-12.1'),
    ("C40", 'DURATION=0.5,URI="v0-ab-12.1', 'DURATION=0.6,URI="v0-ab-12.1'),
    ("C42", '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="v0-ab-13.1.m4s"\n', ""),
])
def test_what_is_wrong_is_told_by_its_rule(rule, before, after):
    assert before in GOOD
    assert rule in faults(GOOD.replace(before, after))


@pytest.mark.parametrize("rule, later", [
    ("C4", GOOD.replace("TARGETDURATION:2", "TARGETDURATION:3")),
    ("C6", GOOD.replace("MEDIA-SEQUENCE:10", "MEDIA-SEQUENCE:9")),
    ("C7", GOOD.replace("v0-ab-11.m4s", "v0-cd-11.m4s")),
    ("C7", GOOD.replace("DISCONTINUITY-SEQUENCE:3", "DISCONTINUITY-SEQUENCE:4")),
    ("C9", GOOD[:GOOD.index("#EXT-X-PROGRAM")] + GOOD[GOOD.index("#EXT-X-PROGRAM-DATE-TIME:2026-11-20T07:21:14"):]
     .replace("v0-ab-12.m4s", "v0-ab-10.m4s")),
    ("C39", GOOD.replace("PART-TARGET=0.5", "PART-TARGET=0.6")),
])
def test_what_must_not_change_is_watched(rule, later):
    assert rule in faults(GOOD, later)


def test_texts_that_are_no_playlists_are_refused():
    for text in ("#EXTM3U8\n", GOOD.replace("#EXTINF:2.0,", "#EXTINF:2.0", 1), GOOD + "#EXT-X-TARGETDURATION:2\n",
                 GOOD.replace("#EXTINF:2.0,\n", "", 1)):
        with pytest.raises(AssertionError):
            parse_media(text)
    with pytest.raises(AssertionError):
        parse_multivariant("#EXTM3U\n")


def test_broken_segments_are_refused():
    packet = bytes([0x47, 0x1F, 0xFF, 0x10]) + b"\xff" * 184
    for data in (packet[:100], b"\x48" + packet[1:], packet):
        with pytest.raises((AssertionError, IndexError, TypeError)):
            hls_media.Transport().read(data)
    with pytest.raises(AssertionError):
        hls_media.read_fragments(b"\0\0\0\x0cmdat1234", 1)
    with pytest.raises(AssertionError):
        list(hls_media.boxes(b"\0\0\0\x07free"))
