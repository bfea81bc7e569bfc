"""The examples, run as their heads say, against a real server and real files."""

import re
import shutil
import subprocess

import pytest

from harness import clients, flv, frames
from harness.ports import free_port
from harness.process import wait_until
from harness.scale import patience
from harness.server import find_millrace

FOLDER = find_millrace().parent / "examples"


@pytest.fixture(autouse=True)
def built():
    if not (FOLDER / "probe").is_file():
        pytest.skip("this build has no examples")


def run(nursery, name, *arguments, **options):
    return nursery.spawn([FOLDER / name, *map(str, arguments)], f"example-{name}", **options)


def test_publish_file(millrace, nursery, sources):
    child = run(nursery, "publish_file", sources["short.flv"], millrace.rtmp())
    millrace.wait_live()
    player = clients.rtmpdump(nursery, millrace.rtmp())
    assert child.wait(patience(20)) == 0, child.text
    player.recording.wait_for_media(4)
    player.interrupt(10)
    frames.check_same(sources.packets("short.flv"), player.recording.join().packets())


def test_play_to_flv(live, nursery, sources, tmp_path):
    child = run(nursery, "play_to_flv", live.rtmp(), tmp_path / "out.flv", 3)
    assert child.wait(patience(20)) == 0, child.text
    frames.check_same(frames.essence(sources["gop1.flv"]), frames.essence(tmp_path / "out.flv"))


def test_probe(live, nursery):
    child = run(nursery, "probe", live.rtmp())
    assert child.wait(patience(20)) == 0, child.text
    assert re.search(r"track 0: h264 avc1\.\w+, 320x180", child.text), child.text
    assert re.search(r"track 1: aac .*44100 Hz", child.text), child.text


def test_relay_calls_again_and_goes_on(start_millrace, nursery, sources):
    origin, edge = start_millrace(), start_millrace()
    relay = run(nursery, "relay", origin.rtmp(), edge.rtmp())
    relay.wait_for("calling again", patience(10))  # Nothing is there yet.
    clients.ffmpeg_publish(nursery, sources["gop1.flv"], origin.rtmp())
    edge.wait_live(timeout=20)
    player = clients.ffmpeg_play(nursery, edge.rtmp())
    player.recording.wait_for_media(3)
    player.interrupt(10)
    frames.check_same(sources.packets("gop1.flv"), frames.probe(player.recording.join().path))


def test_tiny_server(nursery, sources):
    port = free_port()
    child = run(nursery, "tiny_server", port)
    clients.ffmpeg_publish(nursery, sources["short.flv"], f"rtmp://127.0.0.1:{port}/live/cam", loop=False)
    assert child.wait(patience(30)) == 0, child.text
    assert "publishing live/cam" in child.text and int(re.search(r"(\d+) messages", child.text)[1]) > 100


def test_own_socket_player(live, nursery):
    child = run(nursery, "own_socket_player", live.rtmp_port, "live", "cam", 2)
    assert child.wait(patience(20)) == 0, child.text
    assert int(re.search(r"(\d+) messages", child.text)[1]) > 40
    child = run(nursery, "own_socket_player", live.rtmp_port, "live", "nothing", 2)
    assert child.wait(patience(20)) == 1
    assert "refused: live/nothing: nobody publishes" in child.text


def test_own_socket_publisher(millrace, nursery):
    child = run(nursery, "own_socket_publisher", millrace.rtmp_port, "live", "cam")
    stream = millrace.wait_live()
    assert [track["codec"] for track in stream["tracks"]] == ["g711a"]
    assert child.wait(patience(20)) == 0, child.text


def test_flv_info_and_repair(nursery, sources, tmp_path):
    broken = bytearray(sources["short.flv"].read_bytes())
    middle = len(broken) // 2
    broken[middle:middle + 3000] = bytes(range(250)) * 12
    (tmp_path / "broken.flv").write_bytes(broken)
    info = run(nursery, "flv_info", tmp_path / "broken.flv")
    assert info.wait(patience(20)) == 0, info.text
    assert "track 0: h264" in info.text and re.search(r"at byte \d+: ", info.text), info.text
    repair = run(nursery, "flv_repair", tmp_path / "broken.flv", tmp_path / "whole.flv")
    assert repair.wait(patience(20)) == 0, repair.text
    again = run(nursery, "flv_info", tmp_path / "whole.flv")
    assert again.wait(patience(20)) == 0 and "at byte" not in again.text, again.text


def test_amf_print(nursery):
    child = run(nursery, "amf_print", "02000a 6f6e4d65746144617461 0800000001 000864 75726174696f6e 003ff8000000000000 000009")
    assert child.wait(patience(20)) == 0, child.text
    assert "onMetaData" in child.text and "1.5" in child.text
    child = run(nursery, "amf_print", "02ffff61")
    assert child.wait(patience(20)) == 1 and "at byte 0" in child.text


def test_the_library_is_found_by_pkg_config(nursery, tmp_path):
    """A program built without CMake, from what `cmake --install` gives."""
    build = find_millrace().parent
    subprocess.run(["cmake", "--install", build, "--component", "rtmp", "--prefix", tmp_path / "prefix"], check=True,
                   capture_output=True)
    found = next((tmp_path / "prefix").rglob("millrace-rtmp.pc"), None)
    assert found and shutil.which("pkg-config")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "millrace-rtmp"], check=True, capture_output=True, text=True,
                           env={"PKG_CONFIG_PATH": str(found.parent), "PATH": "/usr/bin:/bin"}).stdout.split()
    sanitize = "address,undefined" if b"__asan_init" in find_millrace().read_bytes() else ""
    program = tmp_path / "player"
    source = build.parents[1] / "examples" / "own_socket_player.cpp"
    built = nursery.spawn(["g++", *([f"-fsanitize={sanitize}"] if sanitize else []), source, *flags, "-o", program], "g++")
    assert built.wait(patience(120)) == 0, built.text
