"""The checker of HLS itself: nothing is said against a good server, and each breach is found by its rule and no other.

The servers are in memory, on a clock of their own (hls_origin), but for those that ffmpeg makes.
"""

import functools
import hashlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness import clients
from harness import hls_origin as origin
from harness.hls_breaches import (AUDIO, at, body, boxed, crossed_counter, every, frozen_times, header, late, later, not_idr,
                                  other_pmt, other_sound, pcr_ahead, sequence_sets_gone, shifted_times, spoilt_pictures, status,
                                  text, without, without_delimiters, without_pcr, wrong_crc, wrong_pes_length)
from harness.hls_rules import Expectation, check
from harness.hls_origin import Origin
from harness.hls_pieces import FIRST, Material, Segment, encrypted
from harness.hlscheck.analyse import decrypt
from harness.hlscheck.es import Format
from harness.hlscheck.findings import RULES
from harness.hlscheck.mp4 import Init, Mp4Reader
from harness.hlscheck.ts import TsReader
from harness.process import Nursery, wait_until
from harness.scale import patience

QUICK = Expectation(decode=False)
WINDOWS = {"parts": 9}


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    return Material(tmp_path_factory.mktemp("material"))


def padded(*packets):
    """Packets of which runs of ff are left out: `*`."""
    return b"".join((lambda head, tail: head + b"\xff" * (188 - len(head) - len(tail)) + tail)(
        *(bytes.fromhex(piece) for piece in packet.split("*"))) for packet in packets)


# Six packets and null packets; vector H1 of the list of rules, as the fragment is H3.
TS = padded(
    "474000100000b00d0001c100000001f0002ab104b2*", "475000100002b0170001c10000e100f0001be100f0000fe101f0002f44b99b*",
    "474100306e50000662c47e00*000001e0000080c00a310037936111003777410000000109f0000000016742c00ada25b011000003000100000300320f1226a0"
    "0000000168ce0fc8000000016588843a26280c9d75e0",
    "474101308f00*000001c000228080052100379361fff14c8001bffc211004608c1cfff14c8001bffc211004608c1c",
    "474100319500*000001e0000080c00a310037af8111003793610000000109f000000001419a20268b",
    "474100329500*000001e0000080c00a310037cba1110037af810000000109f000000001419a402a8b", *["471fff10*"] * 18)
FRAGMENT = bytes.fromhex(
    "00000018737479706d736468000000006d7364686d736978000000d86d6f6f66000000106d6668640000000000000001000000707472616600000010746668"
    "64000200000000000100000014746664740100000000000000000dbba0000000447472756e01000f0100000003000000e000000e100000000e0200000000000e"
    "1000000e10000000090101000000000e1000000e10000000090101000000000e10000000507472616600000018746668640002002800000002000004000200"
    "00000000001474666474010000000000000000075300" "0000001c7472756e000002010000000200000100000000060000000600000034"
    "6d6461740000000a6588843a26280c9d75e000000005419a20268b00000005419a402a8b211004608c1c211004608c1c")


def look(material, kind, expect=QUICK, **broken):
    server = Origin(material, kind, **{"window": WINDOWS.get(kind, 4), **broken})
    return check(server.url, 10 if kind == "parts" else 7, expect=expect, web=server)


GOOD = {
    "vod": {"seen": {"segments": 15, "ended": 1}, "rules": ["C10", "C20", "C28", "C29", "C30", "C31", "C33"]},
    "ts": {"seen": {"segments": 7, "discontinuities": 1}, "rules": ["C6", "C7", "C9", "C11", "C13", "C15", "C31"]},
    "aes": {"seen": {"encrypted segments": 7}, "rules": ["C17", "C31", "C37"]},
    "mp4": {"seen": {"renditions": 2, "segments": 14}, "rules": ["C14", "C21", "C22", "C24", "C25", "C32"]},
    "ladder": {"seen": {"renditions": 2}, "rules": ["C25", "C26", "C27"]},
    "packed": {"seen": {"segments": 7}, "rules": ["C30", "C31", "C38"]},
    "parts": {"seen": {"renditions": 2}, "rules": [f"C{number}" for number in range(39, 48)]},
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_server_is_not_blamed(material, kind):
    report = look(material, kind, expect=Expectation(decode=kind in ("vod", "parts")))
    assert not report.violations and not report.rules(), report
    for what, count in GOOD[kind]["seen"].items():
        assert report.seen[what] == count, report
    assert not [rule for rule in GOOD[kind]["rules"] if not report.checked[rule]], report


S = FIRST + 4  # a segment that comes while we watch
CASES = {
    "C1 first line": ("ts", "C1", text(r"\A#EXTM3U", "#EXTM3V")),
    "C1 byte order mark": ("ts", "C1", text(r"\A", "\ufeff")),
    "C1 control character": ("ts", "C1", text(r"EXTINF:(.*),", "EXTINF:\\1,\x01")),
    "C1 no UTF-8": ("ts", "C1", {"text": lambda name, content: content.encode().replace(b"#EXTINF:2.00000,", b"#EXTINF:2.00000,\xff")}),
    "C1 attribute twice": ("mp4", "C1", text("NAME=\"Sound\"", "NAME=\"Sound\",NAME=\"Sound\"", "cam.m3u8")),
    "C1 no comma": ("ts", "C1", text("(EXTINF:.*),", "\\1")),
    "C1 tag twice": ("ts", "C1", text("^(#EXT-X-TARGETDURATION.*)", "\\1\n\\1")),
    "C1 no playlist": ("ts", "C1", status("v.m3u8", 404)),
    "C2 type of a playlist": ("ts", "C2", header("v.m3u8", content_type="text/plain")),
    "C2 type of a segment": ("ts", "C2", header(r"s.*", content_type="video/mp4")),
    "C2 name of a segment": ("vod", "C2", {**text(r"^s(.*)\.ts", "s\\1.bin"), "rename": (".bin", ".ts")}),
    "C3 version too low": ("mp4", "C3", text("VERSION:6", "VERSION:3")),
    "C3 version too high": ("ts", "C3", text("VERSION:3", "VERSION:9")),
    "C3 two versions": ("ts", "C3", text("^(#EXT-X-VERSION.*)", "\\1\n\\1")),
    "C4 none": ("ts", "C4", text("^#EXT-X-TARGETDURATION.*\n", "")),
    "C4 changes": ("ts", "C4", late("TARGETDURATION:2", "TARGETDURATION:3")),
    "C5": ("vod", "C5", text("TARGETDURATION:2", "TARGETDURATION:1")),
    "C6 goes back": ("ts", "C6", late("MEDIA-SEQUENCE:(.*)", "MEDIA-SEQUENCE:3")),
    "C6 too far": ("ts", "C6", every(lambda content: re.sub(
        r"MEDIA-SEQUENCE:(\d+)", lambda match: f"MEDIA-SEQUENCE:{int(match[1]) + 1}", content))),
    "C7 name": ("ts", "C7", {**late(r"^s103\.ts", "t103.ts"), "rename": ("t103", "s103")}),
    "C7 duration": ("ts", "C7", late(r"EXTINF:2.00000,\ns103", "EXTINF:1.99000,\ns103")),
    "C7 discontinuity": ("ts", "C7", late(r"^(#EXT-X-PROGRAM.*\n.*\ns103)", "#EXT-X-DISCONTINUITY\n\\1")),
    "C8": ("ts", "C8", {"frozen": 0}),
    "C9": ("ts", "C9", {"window": 2}),
    "C10 type while sliding": ("ts", "C10", text("^#EXT-X-INDEP", "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEP")),
    "C10 VOD changes": ("vod", "C10", late("#EXT-X-ENDLIST", "# now\n#EXT-X-ENDLIST")),
    "C11 never goes up": ("ts", "C11", text("^#EXT-X-DISCONTINUITY-SEQUENCE.*\n", "")),
    "C11 behind a segment": ("ts", "C11", {"text": lambda name, content: re.sub(
        r"^(#EXT-X-DISCONTINUITY-SEQUENCE.*\n)((?:.*\n)*?)(s\d+\.ts\n)", "\\2\\3\\1", content, 1, re.MULTILINE)}),
    "C12 not there": ("ts", "C12", status(f"s{S}.ts", 404)),
    "C12 breaks off": ("ts", "C12", {"answer": lambda answer, name: setattr(answer, "complete", name != f"s{S}.ts")}),
    "C12 too slow": ("ts", "C12", {"answer": lambda answer, name: setattr(answer, "first", answer.ended - 3 * (name == f"s{S}.ts"))}),
    "C13 gone": ("ts", "C13", {"gone": 1}),
    "C14 no PAT": ("ts", "C14", body(f"s{S}.ts", lambda content: bytes(content[188:376] + content[:188] + content[376:]))),
    "C14 no map": ("mp4", "C14", text("^#EXT-X-MAP.*\n", "")),
    "C15 none": ("ts", "C15", text("^#EXT-X-PROGRAM.*\n", "")),
    "C15 jumps": ("ts", "C15", {"text": lambda name, content: re.sub(
        rf"(#EXT-X-PROGRAM-DATE-TIME:.*:\d\d)\.\d+Z(\n.*\ns{S})", "\\1.555Z\\2", content)}),
    "C15 no date": ("ts", "C15", text(r"PROGRAM-DATE-TIME:.*", "PROGRAM-DATE-TIME:noon")),
    "C16 without dates": ("vod", "C16", text("^#EXT-X-PROGRAM.*", "#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2026-11-20T00:00:00Z\"", count=0)),
    "C16 changes": ("vod", "C16", text("^#EXT-X-INDEP", "#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2026-11-20T00:00:00Z\"\n"
                                       "#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2026-11-20T00:00:01Z\"\n#EXT-X-INDEP")),
    "C17 IV": ("aes", "C17", text("(METHOD=AES-128.*)", "\\1,IV=0x12")),
    "C17 method": ("aes", "C17", text("METHOD=AES-128", "METHOD=AES-129")),
    "C17 key": ("aes", "C17", body(r"\d\.key", lambda content: bytes(content[:15])), {"C37"}),
    "C18 no gzip": ("ts", "C18", {"answer": lambda answer, name: answer.headers.pop("content-encoding", None) and answer}),
    "C18 cached too long": ("ts", "C18", header("v.m3u8", cache_control="max-age=60")),
    "C18 404 is cached": ("ts", "C18", header("no-such.*", cache_control="max-age=3600")),
    "C18 HEAD": ("ts", "C18", header(r"s\d+.ts", content_length="1")),
    "C18 Age": ("ts", "C18", header("v.m3u8", age="3")),
    "C19 segments": ("ts", "C19", header(r"s.*", access_control_allow_origin=None)),
    "C19 errors": ("ts", "C19", header(r"no-such.*", access_control_allow_origin=None)),
    "C20": ("parts", "C20", text("^#EXT-X-PRELOAD", "#EXT-X-ENDLIST\n#EXT-X-PRELOAD"), {"C43"}),
    "C21 too much": ("ts", "C21", text(r"([:,])BANDWIDTH=\d+", "\\1BANDWIDTH=1000", "cam.m3u8")),
    "C21 none": ("ts", "C21", text(r":BANDWIDTH=\d+,", ":", "cam.m3u8")),
    "C21 average": ("ts", "C21", text(r"AVERAGE-BANDWIDTH=\d+", "AVERAGE-BANDWIDTH=900000", "cam.m3u8")),
    "C22": ("ts", "C22", text("mp4a.40.2", "ac-3", "cam.m3u8")),
    "C22 none": ("mp4", "C22", text("CODECS=\"[^\"]*\",", "", "cam.m3u8")),
    "C23 size": ("ts", "C23", text("160x90", "320x180", "cam.m3u8")),
    "C23 rate": ("ts", "C23", text("25.000", "30.000", "cam.m3u8")),
    "C24 no group": ("mp4", "C24", text('AUDIO="g"', 'AUDIO="h"', "cam.m3u8")),
    "C24 two defaults": ("mp4", "C24", text("^(#EXT-X-MEDIA.*NAME=\")(.*)", "\\1\\2\n\\1x\\2", "cam.m3u8")),
    "C25 target": ("mp4", "C25", text("TARGETDURATION:2", "TARGETDURATION:3", "a.m3u8"), {"C9"}),
    "C25 cuts": ("mp4", "C25", body(r"a.*m4s", boxed(b"tfdt", later(24000)))),
    "C25 dates": ("mp4", "C25", text(r"PROGRAM-DATE-TIME:2027", "PROGRAM-DATE-TIME:2026", "a.m3u8")),
    "C26": ("ladder", "C26", body(f"w{S}.ts", other_sound)),
    "C27": ("ladder", "C27", text(r"([:,])BANDWIDTH=\d+", "\\1BANDWIDTH=900000", "cam.m3u8")),
    "C28 no key frame": ("ts", "C28", body(f"s{S}.ts", not_idr), {"C34"}),
    "C28 no parameter sets": ("ts", "C28", body(f"s{S}.ts", sequence_sets_gone)),
    "C29 hole": ("ts", "C29", body(f"s{S}.ts", shifted_times(AUDIO, 0.1))),
    "C29 order": ("ts", "C29", body(f"s{S}.ts", frozen_times)),
    "C30": ("ts", "C30", text(r"EXTINF:2.00000,\n(s10[5-9])", "EXTINF:1.90000,\n\\1"), {"C15"}),
    "C31 counter": ("ts", "C31", body(f"s{S}.ts", crossed_counter)),
    "C31 CRC": ("ts", "C31", body(f"s{S}.ts", wrong_crc)),
    "C31 PMT changes": ("ts", "C31", body(f"s{S}.ts", other_pmt)),
    "C31 no sound": ("ts", "C31", body(f"s{S}.ts", without(AUDIO)), {"C33"}),
    "C31 PCR too late": ("ts", "C31", body(f"s{S}.ts", without_pcr)),
    "C31 PCR ahead": ("ts", "C31", body(f"s{S}.ts", pcr_ahead)),
    "C31 PES length": ("ts", "C31", body(f"s{S}.ts", wrong_pes_length)),
    "C31 delimiters": ("ts", "C31", body(f"s{S}.ts", without_delimiters)),
    "C31 cut": ("ts", "C31", body(f"s{S}.ts", lambda content: bytes(content) + b"\x47" * 100)),
    "C32 tfdt": ("mp4", "C32", body(f"v{S}.m4s", boxed(b"tfdt", later(300)))),
    "C32 base": ("mp4", "C32", body(f"v{S}.m4s", boxed(b"tfhd", at(1, b"\x00")))),
    "C32 track": ("mp4", "C32", body(f"v{S}.m4s", boxed(b"tfhd", at(4, b"\x00\x00\x00\x09")))),
    "C32 offset": ("mp4", "C32", body(f"v{S}.m4s", boxed(b"trun", at(8, b"\x00\x0f\x00\x00")))),
    "C32 number": ("mp4", "C32", body(f"v{S}.m4s", boxed(b"mfhd", at(4, b"\x00\x00\x00\x01")))),
    "C32 mvex": ("mp4", "C32", body("iv.mp4", lambda content: bytes(content).replace(b"mvex", b"free"))),
    "C33": ("vod", "C33", body(r"s.*", shifted_times(AUDIO, 0.4))),
    "C34": ("vod", "C34", body(r"s.*[13579].ts", not_idr), {"C28"}),
    "C35": ("ts", "C35", text("avc1.42c00b", "avc1.42c00a", "cam.m3u8")),
    "C37 padding": ("aes", "C37", body("0.key", lambda content: bytes(content[::-1]))),
    "C37 length": ("aes", "C37", body(f"s{S}.ts", lambda content: bytes(content[:-3]))),
    "C37 map": ("mp4", "C37", text(r"^(#EXT-X-MAP.*)", '#EXT-X-KEY:METHOD=AES-128,URI="0.key"\n\\1\n#EXT-X-KEY:METHOD=NONE')),
    "C38": ("packed", "C38", body(f"s{S}.aac", lambda content: bytes(content[73:])), {"C29", "C30"}),
    "C39 none": ("parts", "C39", text("^#EXT-X-PART-INF.*\n", "")),
    "C39 hold back": ("parts", "C39", text("PART-HOLD-BACK=1.5", "PART-HOLD-BACK=0.9")),
    "C39 changes": ("parts", "C39", late("PART-TARGET=0.5", "PART-TARGET=0.6")),
    "C40 too long": ("parts", "C40", text("PART-TARGET=0.5", "PART-TARGET=0.485", "a.m3u8")),
    "C40 too short": ("parts", "C40", text("PART-TARGET=0.5$", "PART-TARGET=0.6"), {"C39"}),
    "C41": ("parts", "C41", body(f"v{S}.1.m4s", lambda content: bytes(content[:-1]) + bytes([content[-1] ^ 1]))),
    "C42 none": ("parts", "C42", text("^#EXT-X-PRELOAD.*\n", "")),
    "C42 wrong": ("parts", "C42", text(r"(#EXT-X-PRELOAD.*)\.m4s", "\\1x.m4s")),
    "C43 answers too early": ("parts", "C43", {"hasty": True}),
    "C43 refuses nothing": ("parts", "C43", {"lenient": True}),
    "C44": ("parts", "C44", {"text": lambda name, content: re.sub(
        r"SKIPPED-SEGMENTS=(\d+)", lambda match: f"SKIPPED-SEGMENTS={int(match[1]) + 1}", content)}),
    "C45": ("parts", "C45", text(r"(PART:.*\.2\.m4s\")$", "\\1,INDEPENDENT=YES")),
    "C46 none": ("parts", "C46", text("^#EXT-X-RENDITION.*\n", "")),
    "C46 old": ("parts", "C46", text(r"LAST-MSN=\d+", f"LAST-MSN={FIRST}")),
    "C47": ("parts", "C47", {"gone": 1}),
    "C48": ("parts", "C48", {"h2": "http/1.1"}),
    "C49": ("parts", "C49", {"behind": 3}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_breach_is_found_by_its_rule_alone(material, case):
    kind, rule, broken, *also = CASES[case]
    report = look(material, kind, **broken)
    found = report.rules()
    assert rule in found, report
    allowed = {rule, *(also[0] if also else ())}
    assert found <= allowed, f"{found - allowed} besides {rule}\n{report}"


def test_a_transport_stream_is_read_bit_by_bit():
    """Three pictures and two frames of sound, whose bytes are known."""
    media = TsReader().read(TS)
    assert hashlib.sha256(TS).hexdigest() == "452eff699d659be3da6ecc62354b119ccdba3bacd8c8e17d50c8a3969f14f0cc"
    video, audio = media.of("video"), media.of("audio")
    assert not media.problems
    assert [(sample.dts, sample.pts, sample.key) for sample in video.samples] == [
        (900000, 903600, True), (903600, 907200, False), (907200, 910800, False)]
    assert (video.format.codec, video.format.width, video.format.height) == ("avc1.42c00a", 32, 32)
    assert [(sample.pts, sample.data.hex()) for sample in audio.samples] == [(903600, "211004608c1c"), (905520, "211004608c1c")]
    assert (audio.format.codec, audio.format.rate, audio.format.channels) == ("mp4a.40.2", 48000, 2)


def test_a_fragment_is_read_bit_by_bit():
    """The same pictures and sound in fMP4; its initialisation segment is given in what it says."""
    assert hashlib.sha256(FRAGMENT).hexdigest() == "34898560844a8ae9ca7b1bf2a49d602c838a63866349df657b6ddfc88706e8a3"
    reader = Mp4Reader()
    reader.use({1: Init(1, 90000, Format("video", "avc1.42c00a", length_size=4)), 2: Init(2, 48000, Format("audio", "mp4a.40.2"))})
    media = reader.read(FRAGMENT)
    assert not media.problems
    assert [(sample.dts, sample.pts, sample.key) for sample in media.of("video").samples] == [
        (900000, 903600, True), (903600, 907200, False), (907200, 910800, False)]
    assert [(sample.dts, sample.data.hex()) for sample in media.of("audio").samples] == [
        (480000, "211004608c1c"), (481024, "211004608c1c")]


@pytest.mark.parametrize("iv, first, last", [
    ((7).to_bytes(16, "big"), "a65851d9f926679d3c5bbdef0031ac00", "a9a301ac273f75fcb599e6d61c6a03d1"),
    (bytes.fromhex("0123456789abcdef" * 2), "1228556eae9ec4636497cefbe4cbb8e6", "6f63a28431c6dce89e3908945538e58c")])
def test_segments_are_decrypted(iv, first, last):
    sealed = encrypted(Segment(7, 0, 0.12, "", TS), bytes(range(16)), iv)
    assert (len(sealed), sealed[:16].hex(), sealed[-16:].hex()) == (4528, first, last)
    assert decrypt(bytes(range(16)), iv, sealed) == (TS, "")


def test_an_outage_is_forgiven_when_it_is_expected(material):
    """A server that is gone for two requests, such as one that begins anew."""
    def gone():
        calls = []

        def alter(answer, name):
            calls.append(name)
            if name == "v.m3u8" and calls.count(name) in (3, 4):
                answer.status, answer.body = 0, b""
        return {"answer": alter}
    assert look(material, "ts", **gone()).rules() == {"C1"}
    report = look(material, "ts", Expectation(decode=False, outage=5), **gone())
    assert not report.rules() and report.seen["reloads"] >= 3, report


def test_expectations_are_checked(material):
    assert look(material, "ts", Expectation(decode=False, low_latency=True)).rules() == {"C39"}
    assert look(material, "ts", Expectation(decode=False, encrypted=True)).rules() == {"C17"}
    assert look(material, "aes", Expectation(decode=False, encrypted=False)).rules() == {"C17"}
    assert look(material, "ts", Expectation(decode=False, discontinuities=2)).rules() == {"C11"}
    assert look(material, "ts", Expectation(decode=False, ends=True)).rules() == {"C20"}


def test_what_ffmpeg_cannot_decode_is_told(material):
    """C36 is tried apart, since it starts ffmpeg for each segment."""
    report = look(material, "ts", Expectation(decode=True, probes=False), **body(f"s{S}.ts", spoilt_pictures))
    assert report.rules() == {"C36"} and report.count("C36") == 2, report  # the segment alone, and all together


# What ffmpeg's own HLS does not have or do, by the rule that says so.
LIVE = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "6", "-hls_delete_threshold", "12"]
FLAGS = "program_date_time+delete_segments+temp_file"
FFMPEG = {
    "ts": ([*LIVE, "-hls_flags", FLAGS],
           {"C14": "an SDT stands before the PAT", "C22": "no CODECS", "C23": "no FRAME-RATE"}),
    "mp4": ([*LIVE, "-hls_flags", FLAGS, "-hls_segment_type", "fmp4"],
            {"C3": "version 7 where 6 does", "C22": "no CODECS", "C23": "no FRAME-RATE"}),
    "aes": ([*LIVE, "-hls_flags", FLAGS, "-hls_key_info_file", "KEYINFO"],
            {"C14": "an SDT stands before the PAT", "C22": "no CODECS", "C23": "no FRAME-RATE"}),
    "audio": ([*LIVE, "-hls_flags", FLAGS, "-vn"],
              {"C14": "an SDT stands before the PAT", "C5": "EXTINF 1.02 in version 3 whose target duration is 1",
               "C31": "PCRs come with PES packets of sound alone, more than 100 ms apart"}),
}
ALWAYS = {"C18": "no gzip, Cache-Control and ETag", "C21": "AVERAGE-BANDWIDTH is that of the first segments"}


class Files(SimpleHTTPRequestHandler):
    """Files as HLS wants them served."""

    extensions_map = {**origin.TYPES, "": "application/octet-stream"}
    protocol_version = "HTTP/1.1"

    def do_OPTIONS(self):
        self.send_response(204)
        self.end_headers()

    def end_headers(self):
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture(scope="module")
def ffmpeg_live(tmp_path_factory, sources):
    """One ffmpeg that writes all kinds into a folder, and a server of files in front."""
    folder = tmp_path_factory.mktemp("ffmpeg")
    nursery = Nursery(tmp_path_factory.mktemp("ffmpeg-log"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=folder))
    url = f"http://127.0.0.1:{server.server_address[1]}"
    (folder / "live.key").write_bytes(bytes(range(16)))
    (folder / "keyinfo").write_text(f"{url}/live.key\n{folder / 'live.key'}\n")
    argv = [*clients.FFMPEG, "-re", "-stream_loop", "-1", "-i", sources["gop1.flv"]]
    for kind, (options, _) in FFMPEG.items():
        (folder / kind).mkdir()
        argv += ["-c", "copy", *(str(folder / "keyinfo") if option == "KEYINFO" else option for option in options),
                 "-master_pl_name", "master.m3u8", folder / kind / "list.m3u8"]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        nursery.spawn(argv)
        wait_until(lambda: all((folder / kind / "master.m3u8").exists() and (folder / kind / "list.m3u8").read_text().count("EXTINF") > 2
                               for kind in FFMPEG), patience(30), "ffmpeg has written three segments of each kind")
        with ThreadPoolExecutor() as pool:
            yield dict(zip(FFMPEG, pool.map(lambda kind: check(f"{url}/{kind}/master.m3u8", 8, expect=Expectation(
                encrypted=kind == "aes", slack=3)), FFMPEG)))
    finally:
        nursery.end()
        server.shutdown()


@pytest.mark.parametrize("kind", FFMPEG)
def test_of_ffmpegs_own_only_known_flaws_are_told(ffmpeg_live, kind):
    report, known = ffmpeg_live[kind], FFMPEG[kind][1]
    assert report.rules() <= known.keys() | ALWAYS.keys(), report
    assert known.keys() <= report.rules(), report
    assert report.seen["segments"] >= 6 and report.checked["C36"] > 6, report


def test_each_rule_has_a_breach():
    wanted = {f"C{number}" for number in range(1, 50)}
    assert RULES.keys() == wanted
    assert {rule for _, rule, *_ in CASES.values()} | {"C36"} == wanted
