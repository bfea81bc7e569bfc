"""The comparison itself: it must see whatever can go wrong, and nothing else."""

from dataclasses import replace

import pytest

from harness import flv, frames
from harness.frames import Packet, check_same


def video(count=100, gop=25):
    order = [0, 120, 40, 0]  # composition offsets of I P B B …
    return [Packet("video", 40.0 * n, 40.0 * n + 40 + order[n % 4], n % gop == 0, f"v{n}") for n in range(count)]


def audio(count=172):
    return [Packet("audio", float(round(n * 1024 / 44.1)), float(round(n * 1024 / 44.1)), True, f"a{n}") for n in range(count)]


def moved(track, by):
    return [replace(packet, dts=packet.dts + by, pts=packet.pts + by) for packet in track]


SOURCE = {"video": video(), "audio": audio()}


def received(by=5000.0):
    return {"video": moved(SOURCE["video"][25:90], by), "audio": moved(SOURCE["audio"][44:150], by)}


def looped(track, length, first, count):
    return [packet for turn in range(3) for packet in moved(track, turn * length)][first:first + count]


def test_takes_a_piece_that_was_moved_as_a_whole():
    check_same(SOURCE, received())


def test_takes_a_piece_that_goes_through_the_end_of_a_loop():
    came = {"video": looped(SOURCE["video"], 4000, 75, 150), "audio": looped(SOURCE["audio"], 4000, 130, 250)}
    check_same(SOURCE, came)


def test_takes_a_second_stretch_when_a_publisher_began_again():
    came = {"video": moved(SOURCE["video"][50:90], 0) + moved(SOURCE["video"][:50], 6000),
            "audio": moved(SOURCE["audio"][88:150], 0) + moved(SOURCE["audio"][:80], 6000)}
    check_same(SOURCE, came, runs=2)
    with pytest.raises(AssertionError, match="2 stretches"):
        check_same(SOURCE, came)


def test_sees_a_second_stretch_that_begins_with_no_key_frame():
    came = {"video": moved(SOURCE["video"][50:90], 0) + moved(SOURCE["video"][3:50], 6000),
            "audio": moved(SOURCE["audio"][88:150], 0) + moved(SOURCE["audio"][:80], 6000)}
    with pytest.raises(AssertionError, match="no key frame"):
        check_same(SOURCE, came, runs=2)


@pytest.mark.parametrize("kind", frames.KINDS)
def test_sees_a_missing_frame(kind):
    came = received()
    del came[kind][30]
    with pytest.raises(AssertionError, match=f"{kind} has 2 stretches"):
        check_same(SOURCE, came)


@pytest.mark.parametrize("kind", frames.KINDS)
def test_sees_a_frame_that_came_twice(kind):
    came = received()
    came[kind].insert(30, came[kind][30])
    with pytest.raises(AssertionError, match="stretches"):
        check_same(SOURCE, came)


@pytest.mark.parametrize("kind", frames.KINDS)
def test_sees_two_frames_that_changed_places(kind):
    came = received()
    one, two = came[kind][30:32]
    came[kind][30:32] = [replace(two, dts=one.dts), replace(one, dts=two.dts)]
    with pytest.raises(AssertionError, match="stretches"):
        check_same(SOURCE, came)


@pytest.mark.parametrize("kind", frames.KINDS)
def test_sees_a_changed_frame(kind):
    came = received()
    came[kind][30] = replace(came[kind][30], digest="other")
    with pytest.raises(AssertionError, match="not one of the source"):
        check_same(SOURCE, came)


@pytest.mark.parametrize("kind", frames.KINDS)
@pytest.mark.parametrize("by", [-40, -2, 2, 40])
def test_sees_a_track_that_was_moved_against_the_other(kind, by):
    came = received()
    came[kind] = moved(came[kind], by)
    with pytest.raises(AssertionError, match=f"changed by {abs(by)}.0 ms"):
        check_same(SOURCE, came)


def test_takes_one_millisecond_of_rounding():
    came = received()
    came["audio"] = moved(came["audio"], 1)
    check_same(SOURCE, came)


@pytest.mark.parametrize("kind", frames.KINDS)
def test_sees_time_that_jumps_within_a_track(kind):
    came = received()
    came[kind] = came[kind][:30] + moved(came[kind][30:], 20)
    with pytest.raises(AssertionError, match="times were moved by"):
        check_same(SOURCE, came)


@pytest.mark.parametrize("kind", frames.KINDS)
def test_sees_time_that_steps_back(kind):
    came = received()
    came[kind] = came[kind][:30] + moved(came[kind][30:], -500)
    with pytest.raises(AssertionError, match="steps back"):
        check_same(SOURCE, came)


def test_sees_a_changed_composition_offset():
    came = received()
    came["video"][30] = replace(came["video"][30], pts=came["video"][30].pts + 40)
    with pytest.raises(AssertionError, match="pts - dts"):
        check_same(SOURCE, came)


def test_sees_a_start_without_key_frame():
    came = received()
    del came["video"][0]
    with pytest.raises(AssertionError, match="no key frame"):
        check_same(SOURCE, came)


@pytest.mark.parametrize("kind", frames.KINDS)
def test_sees_a_track_that_is_missing_or_too_short(kind):
    came = received()
    came[kind] = came[kind][:10]
    with pytest.raises(AssertionError, match=f"too little {kind}"):
        check_same(SOURCE, came)
    del came[kind]
    with pytest.raises(AssertionError, match=f"too little {kind}"):
        check_same(SOURCE, came)


def test_sees_a_track_that_was_not_sent():
    with pytest.raises(AssertionError, match="none went in"):
        check_same({"video": SOURCE["video"]}, received())


@pytest.mark.parametrize("name", ["gop1.flv", "mp3.flv", "audio.flv", "video.flv"])
def test_our_flv_reader_and_ffprobe_see_the_same_packets(sources, name):
    assert flv.packets(flv.read_tags(sources[name])) == sources.packets(name)


@pytest.mark.parametrize("name", ["gop1.flv", "gop10.flv", "mp3.flv", "audio.flv", "video.flv"])
def test_no_packet_of_a_source_has_the_hash_of_another(sources, name):
    for track in sources.packets(name).values():
        assert len({packet.digest for packet in track}) == len(track)


@pytest.mark.parametrize("name", ["gop1.mp4", "gop1.ts"])
def test_the_essence_is_the_same_in_every_container(sources, name):
    first, second = frames.essence(sources["gop1.flv"]), frames.essence(sources[name])
    assert {kind: [p.digest for p in track] for kind, track in first.items()} \
        == {kind: [p.digest for p in track] for kind, track in second.items()}
