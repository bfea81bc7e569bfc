"""A GStreamer RTSP server with one film: python3 gst_rtsp_server.py PORT FILE. It is at /film."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f"( filesrc location={sys.argv[2]} ! flvdemux name=in in.video ! queue ! h264parse ! rtph264pay name=pay0 pt=96 "
    "in.audio ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97 )")
server.get_mount_points().add_factory("/film", factory)
server.attach(None)
print("serving", flush=True)
GLib.MainLoop().run()
