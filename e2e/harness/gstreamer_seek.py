"""A GStreamer player that seeks: plays twenty pictures of a URL, seeks, and prints a JSON line of what came after.

usage: gstreamer_seek.py URL SECONDS
"""

import json
import os
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

BEFORE, AFTER, PATIENCE = 20, 10, 60
PIPELINE = """rtmpsrc location="{}" ! flvdemux name=demuxer
demuxer.video ! queue ! fakesink name=pictures sync=false signal-handoffs=true
demuxer.audio ! queue ! fakesink sync=false"""


class Player:
    def __init__(self, url, seconds):
        self.seconds, self.seen, self.after, self.failure = seconds, 0, None, None
        self.pipeline = Gst.parse_launch(PIPELINE.format(url))
        self.loop = GLib.MainLoop()
        pictures = self.pipeline.get_by_name("pictures")
        pictures.connect("handoff", self.picture)
        pictures.get_static_pad("sink").add_probe(Gst.PadProbeType.EVENT_FLUSH, self.flush)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", lambda _, message: self.end(str(message.parse_error())))
        bus.connect("message::eos", lambda *_: self.end("the stream ended"))

    def picture(self, _sink, buffer, _pad):
        if self.after is not None:
            self.after.append({"pts": buffer.pts / Gst.MSECOND, "key": not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)})
            if len(self.after) == AFTER:
                GLib.idle_add(self.end, None)
            return
        self.seen += 1
        if self.seen == BEFORE:
            GLib.idle_add(self.seek)

    def flush(self, _pad, info):
        if info.get_event().type == Gst.EventType.FLUSH_STOP:
            self.after = []  # What comes from here on is from the new place.
        return Gst.PadProbeReturn.OK

    def seek(self):
        if not self.pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.KEY_UNIT, int(self.seconds * Gst.SECOND)):
            self.end("it cannot seek")
        return False

    def end(self, failure):
        self.failure = self.failure or failure
        self.loop.quit()
        return False

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        GLib.timeout_add_seconds(PATIENCE, self.end, "it took too long")
        self.loop.run()
        print(json.dumps({"failure": self.failure, "after": (self.after or [])[:AFTER]}), flush=True)
        os._exit(0)  # Its RTMP element may crash while the pipeline is taken down.


if __name__ == "__main__":
    Gst.init(None)
    Player(sys.argv[1], float(sys.argv[2])).run()
