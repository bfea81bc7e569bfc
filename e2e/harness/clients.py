"""Real clients: each function starts one, and gives a Child; a player also has `.recording`, the FLV that it received."""

import os
import re
import subprocess

from .flv import Recording
from .server import find_millrace

FFMPEG = ["ffmpeg", "-hide_banner", "-nostdin", "-stats_period", "0.2"]
REWRITTEN = re.compile(r"[Nn]on.monoton")  # ffmpeg's muxer says so when it changes a time


def _player(nursery, argv, name, **options):
    child = nursery.spawn(argv, name, stdout=subprocess.PIPE, **options)
    child.recording = Recording(child.popen.stdout.read, nursery.path(f"{name}.flv"))
    return child


def _as_nobody(argv):
    """VLC refuses to run as root."""
    if os.geteuid() != 0:
        return argv
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *argv]


def ffmpeg_publish(nursery, source, url, *, loop=True, started=True, output=("-f", "flv")):
    """Sends a file in real time as it is."""
    child = nursery.spawn([*FFMPEG, "-re", *(["-stream_loop", "-1"] if loop else []), "-i", source, "-c", "copy",
                           "-flvflags", "no_duration_filesize", *output, url], "ffmpeg-publish")
    if started:
        child.wait_for(r"time=00:00:0[0-9.]+ ", 20)
    return child


def ffmpeg_play(nursery, url, *options):
    """Writes what it receives, times included, as FLV."""
    return _player(nursery, [*FFMPEG, *options, "-i", url, "-map", "0:v?", "-map", "0:a?", "-c", "copy", "-copyts", "-copyinkf",
                             "-flush_packets", "1", "-f", "flv", "-flvflags", "no_duration_filesize", "-"], "ffmpeg-play")


def ffprobe(nursery, url):
    """What ffprobe says of a live stream after two seconds of it."""
    return nursery.run(["ffprobe", "-hide_banner", "-show_streams", "-read_intervals", "%+2", "-i", url], 30)


def rtmpdump(nursery, url, *options, name="rtmpdump"):
    return _player(nursery, ["rtmpdump", "--live", "-r", url, *options, "-o", "-"], name)


def curl(nursery, url, *options):
    """FLV as it comes over HTTP; any certificate will do."""
    return _player(nursery, ["curl", "-sk", *options, "-o", "-", url], "curl")


def _any_certificate(url):
    return ["tls-validation-flags=0"] if url.startswith("rtmps") else []


def gstreamer_play(nursery, url):
    return _player(nursery, ["gst-launch-1.0", "-q", "rtmp2src", f"location={url}", *_any_certificate(url), "!", "fdsink", "fd=1"],
                   "gst-play")


def millrace_play(nursery, url):
    return _player(nursery, [find_millrace(), "play", "--insecure", "-q", url, "-o", "-"], "millrace-play")


def millrace_publish(nursery, source, url):
    return nursery.spawn([find_millrace(), "publish", "--insecure", "--loop", source, url], "millrace-publish")


def gstreamer_publish(nursery, source, url):
    """Takes a file with both tracks apart and together again, in real time, without a codec in between."""
    return nursery.spawn(
        ["gst-launch-1.0", "filesrc", f"location={source}", "!", "flvdemux", "name=in",
         "flvmux", "name=out", "streamable=true", "!", "rtmp2sink", f"location={url}", *_any_certificate(url),
         "in.video", "!", "queue", "!", "clocksync", "!", "out.video",
         "in.audio", "!", "queue", "!", "clocksync", "!", "out.audio"], "gst-publish")


VLC = ["cvlc", "-I", "dummy", "--no-media-library", "-v"]
VLC_ENVIRONMENT = {**os.environ, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


def vlc_dump(nursery, url):
    """VLC's network side: the FLV that it receives, as it is."""
    return _player(nursery, _as_nobody([*VLC, "--demux=dump", "--demuxdump-access=file", "--demuxdump-file=-", url]),
                   "vlc-dump", env=VLC_ENVIRONMENT)


def vlc_play(nursery, url):
    """VLC through its own demuxer and packetizers; `.path` is the MPEG-TS that it writes."""
    path = nursery.path("vlc.ts")
    with open(path, "wb") as out:
        child = nursery.spawn(_as_nobody([*VLC, "--sout=#std{access=file,mux=ts,dst=-}", url]), "vlc-play", stdout=out,
                              env=VLC_ENVIRONMENT)
    child.path = path
    return child


def check_untouched(child):
    """The player itself has changed no time."""
    assert not REWRITTEN.search(child.text), f"{child} changed times:\n{child.text[-2000:]}"
