"""HLS and DASH from memory: every rule of the list, real players, viewers counted, nothing written."""

import re
import urllib.parse
import xml.etree.ElementTree

import pytest

from conftest import only_millrace
from harness import clients, frames, hls_media
from harness.hls_checker import HlsChecker, fetch
from harness.hls_playlist import parse_media, parse_multivariant
from harness.process import Nursery, wait_until
from harness.scale import patience
from harness.server import Millrace

CONFIG = "[hls]\nwindow = 14\nsegment = 1\n"


@pytest.fixture(scope="module")
def hls(request, tmp_path_factory, sources):
    """One server with streams that all tests of this file watch: cam, sound alone, a picture alone."""
    only_millrace(request)
    nursery = Nursery(tmp_path_factory.mktemp("hls"))
    try:
        server = Millrace(nursery, config=CONFIG)
        for name, source in (("cam", "gop1.flv"), ("sound", "audio.flv"), ("picture", "video.flv")):
            clients.ffmpeg_publish(nursery, sources[source], server.rtmp(f"live/{name}"))
            server.wait_live(f"live/{name}")
        yield server
        server.stop()
    finally:
        nursery.end()


def has_grown(count):
    """So many segments have come since the first look, in each rendition."""
    return lambda checker: all(r.shots and r.last.next_msn - r.shots[0].next_msn >= count for r in checker.renditions)


def media_url(server, name="cam", place=0, query=""):
    """The URL of a variant's playlist."""
    master = server.http(f"/live/{name}.m3u8{query}")
    reply = fetch(master)
    assert reply.status == 200, reply.body
    return urllib.parse.urljoin(master, parse_multivariant(reply.body.decode()).variants[place].uri)


@pytest.mark.parametrize("query", ["", "?container=ts"], ids=["fmp4", "ts"])
@pytest.mark.parametrize("name", ["cam", "sound", "picture"])
def test_every_rule_holds_on_a_steady_stream(hls, name, query):
    checker = HlsChecker(hls.http(f"/live/{name}.m3u8{query}")).watch(until=has_grown(3), timeout=patience(60))
    assert checker.verdict() == []


def test_low_latency_requests_are_answered_as_they_should(hls):
    checker = HlsChecker(hls.http("/live/cam.m3u8")).open()
    wait_until(lambda: len(parse_media(fetch(checker.renditions[0].url).body.decode()).segments) >= 8, patience(30), "8 segments")
    checker.check_blocking().check_delta()
    assert checker.broken == []


@pytest.mark.parametrize("query", ["", "?container=ts"], ids=["fmp4", "ts"])
def test_ffmpeg_gets_the_frames(hls, nursery, sources, query):
    child = clients.ffmpeg_play(nursery, hls.http(f"/live/cam.m3u8{query}"))
    child.recording.wait_for_media(4, patience(40))
    child.interrupt(10)
    path = child.recording.join().path
    if query:
        frames.check_same(frames.essence(sources["gop1.flv"]), frames.essence(path), tolerance=30, key_first=False)
    else:
        frames.check_same(sources.packets("gop1.flv"), frames.probe(path), tolerance=30)


# playbin3 has another HLS demuxer (hlsdemux2) than playbin (hlsdemux).
@pytest.mark.parametrize("player, query", [("playbin3", ""), ("playbin", ""), ("playbin", "?container=ts")])
def test_gstreamer_plays(hls, nursery, player, query):
    url = hls.http(f"/live/cam.m3u8{query}")
    child = nursery.spawn(["gst-launch-1.0", "-v", player, f"uri={url}", "video-sink=fakesink silent=false sync=false",
                           "audio-sink=fakesink silent=false sync=false"], "gst-play")
    child.wait_for(r"fakesink.*chain.*\n(.*\n)*.*fakesink.*chain", patience(40))


def test_a_stream_that_is_not_there_is_not_found_at_once(hls):
    for path in ("/live/nothing.m3u8", "/live/nothing.mpd", "/live/nothing/hls/v0.m3u8", "/live/nothing/hls/v0-ab-1.m4s"):
        reply = fetch(hls.http(path))
        assert reply.status == 404, path
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_what_was_evicted_or_never_was_is_not_found(hls):
    url = media_url(hls)
    playlist = parse_media(fetch(url).body.decode())
    uri = playlist.segments[-1].uri
    for other in (uri.replace(f"-{playlist.next_msn - 1}.", "-1."), uri.replace(".m4s", ".999.m4s"),
                  re.sub(r"-[0-9a-f]+-", "-0123456789-", uri), "v7.m3u8", "../../../etc/passwd.m3u8"):
        reply = fetch(urllib.parse.urljoin(url, other))
        assert reply.status in (400, 404), f"{other}: {reply.status}"
        assert reply.status == 400 or reply.headers["Cache-Control"] == "no-store"


def test_viewers_are_counted_by_cookie_or_by_query(hls):
    def viewers(state=None):
        return [s for s in hls.sessions() if s["protocol"] == "hls" and s["stream"] == "live/picture"
                and (state is None or s["state"] == state)]
    known = {s["id"] for s in viewers()}
    master = fetch(hls.http("/live/picture.m3u8"))
    cookie = master.headers["Set-Cookie"].split(";")[0]
    uri = parse_multivariant(master.body.decode()).variants[0].uri
    assert "?session=" in uri, "whoever refuses cookies must be known by the URL"
    again = parse_multivariant(fetch(hls.http("/live/picture.m3u8"), Cookie=cookie).body.decode()).variants[0].uri
    assert "?" not in again, "whoever takes cookies gets plain URLs"
    assert {s["id"] for s in viewers()} == known, "nobody has asked for media yet"
    by_query, by_cookie = (urllib.parse.urljoin(hls.http("/live/picture.m3u8"), u) for u in (uri, again))
    text = fetch(by_query).body.decode()
    assert text == fetch(by_cookie, Cookie=cookie).body.decode(), "segment URLs are the same for all"
    mine = [s for s in viewers() if s["id"] not in known]
    assert len(mine) == 1, "cookie and query are the same session"
    assert mine[0]["state"] == "waiting" and "first_frame_seconds" not in mine[0]
    other = urllib.parse.urljoin(hls.http("/live/picture.m3u8"),
                                 parse_multivariant(fetch(hls.http("/live/picture.m3u8")).body.decode()).variants[0].uri)
    fetch(other)
    assert len(viewers()) == len(known) + 2
    segment = urllib.parse.urljoin(by_cookie, parse_media(text).segments[-1].uri)
    assert fetch(segment, Cookie=cookie, CMCD_Request="bl=2100", CMCD_Status="bs").status == 200
    seen = next(s for s in viewers() if s["id"] == mine[0]["id"])
    assert seen["state"] == "playing" and seen["first_frame_seconds"] >= 0
    assert hls.stream("live/picture")["viewers"] >= len(known) + 2
    status, _, _ = hls.request(f"/api/v1/sessions/{seen['id']}", method="DELETE")
    assert status == 200
    assert fetch(by_cookie, Cookie=cookie).status == 403


def test_the_api_tells_how_a_stream_is_cut(hls):
    fetch(media_url(hls))
    told = next(h for h in hls.stream()["hls"] if h["container"] == "fmp4")
    assert told["window_seconds"] == 14 and told["target_seconds"] >= 1 and 0.5 <= told["part_seconds"] <= 0.7
    assert told["bytes_held"] > 0 and told["renditions"] == 2 and told["tracks_left_out"] == []


def test_nothing_is_written_while_it_is_served(hls):
    def written():
        text = open(f"/proc/{hls.child.pid}/io").read()
        return int(re.search(r"^write_bytes: (\d+)", text, re.M).group(1))
    fetch(media_url(hls))
    before = written()
    HlsChecker(hls.http("/live/cam.m3u8")).watch(until=has_grown(3), timeout=patience(60))
    assert written() == before


def test_dash_lists_the_same_segments(hls, nursery):
    url = hls.http("/live/cam.mpd")
    reply = fetch(url)
    assert reply.status == 200 and reply.headers["Content-Type"] == "application/dash+xml"
    space = {"m": "urn:mpeg:dash:schema:mpd:2011"}
    root = xml.etree.ElementTree.fromstring(reply.body)
    assert root.get("type") == "dynamic" and root.get("availabilityStartTime")
    sets = root.findall("m:Period/m:AdaptationSet", space)
    assert {s.get("contentType") for s in sets} == {"video", "audio"}
    for adaptation in sets:
        template = adaptation.find("m:SegmentTemplate", space)
        name = adaptation.find("m:Representation", space).get("id")
        lines = template.findall("m:SegmentTimeline/m:S", space)
        ends = [int(s.get("t")) + int(s.get("d")) for s in lines]
        assert ends[:-1] == [int(s.get("t")) for s in lines[1:]]
        init = fetch(urllib.parse.urljoin(url, template.get("initialization").replace("$RepresentationID$", name)))
        facts = hls_media.read_init(init.body)
        assert facts.timescale == int(template.get("timescale"))
        number = int(template.get("startNumber")) + len(lines) - 1
        segment = fetch(urllib.parse.urljoin(url, template.get("media").replace("$RepresentationID$", name)
                                             .replace("$Number$", str(number))))
        assert segment.status == 200
        assert hls_media.read_fragments(segment.body, facts.track).begin == int(lines[-1].get("t"))
    status, text = nursery.run(["ffmpeg", "-hide_banner", "-nostdin", "-v", "warning", "-xerror", "-i", url, "-t", "3",
                                "-f", "null", "-"], patience(60))
    assert status == 0, text


def test_a_publisher_that_comes_back_is_a_discontinuity(start_millrace, nursery, sources):
    server = start_millrace(config=CONFIG)
    checker = None
    for _ in range(3):
        child = clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
        server.wait_live()
        checker = checker or HlsChecker(server.http("/live/cam.m3u8"))
        checker.watch(until=has_grown(2), timeout=patience(60))
        count = checker.renditions[0].last.next_msn
        checker.watch(until=lambda c, n=count: c.renditions[0].last.next_msn >= n + 2, timeout=patience(60))
        child.kill()
    known = checker.renditions[0].known
    assert sum(segment.tagged for segment in known.values()) == 2
    assert checker.verdict() == []


def test_numbers_never_go_back_over_a_restart(start_millrace, nursery, sources):
    server = start_millrace(config=CONFIG)
    publisher = clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
    server.wait_live()
    before = parse_media(fetch(media_url(server)).body.decode())
    publisher.kill()
    server.stop()
    server = start_millrace(config=CONFIG, data=server.data)
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
    server.wait_live()
    checker = HlsChecker(server.http("/live/cam.m3u8")).watch(until=has_grown(1), timeout=patience(60))
    after = checker.renditions[0].shots[0]
    assert after.first >= before.next_msn
    assert int(after.tags["EXT-X-DISCONTINUITY-SEQUENCE"]) >= int(before.tags["EXT-X-DISCONTINUITY-SEQUENCE"])
    assert checker.verdict() == []


@pytest.mark.parametrize("container", ["fmp4", "ts"])
def test_encrypted_segments_are_deciphered_by_others(start_millrace, nursery, sources, container):
    server = start_millrace(config=CONFIG + f'container = "{container}"\nencryption = "aes-128"\nrotate_every = 2\n')
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
    server.wait_live()
    checker = HlsChecker(server.http("/live/cam.m3u8")).watch(until=has_grown(3), timeout=patience(60))
    assert len({s.key["URI"] for s in checker.renditions[0].known.values()}) >= 2
    assert checker.verdict() == []
    status, text = nursery.run(["ffmpeg", "-hide_banner", "-nostdin", "-v", "warning", "-i", server.http("/live/cam.m3u8"), "-t", "3",
                                "-f", "null", "-"], patience(60))
    assert status == 0 and "rror" not in text, text


def test_a_publisher_without_key_frames_is_cut_and_told_so(start_millrace, nursery, sources):
    server = start_millrace(config="[hls]\nlongest = 3\nsegment = 1\n")
    clients.ffmpeg_publish(nursery, sources["gop10.flv"], server.rtmp())
    server.wait_live()
    checker = HlsChecker(server.http("/live/cam.m3u8"))
    checker.key_frames = False
    checker.watch(until=has_grown(2), timeout=patience(60))
    assert [fault for fault in checker.verdict() if not fault.startswith("C36")] == []
    assert any("key frame" in warning for warning in server.stream()["warnings"])
