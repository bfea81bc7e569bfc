"""Headless Chromium, driven over the WebDriver protocol by hand."""

import json
import os
import re
import signal
import urllib.error
import urllib.request
from pathlib import Path

from .process import wait_until

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required"]

# Everything about the player that a test asks for, in one look.
PLAYER = """
const v = document.getElementById('player');
if (!v) { return null; }
const ends = []; for (let i = 0; i < v.buffered.length; ++i) { ends.push(v.buffered.end(i)); }
const q = v.getVideoPlaybackQuality();
return {time: v.currentTime, ready: v.readyState, paused: v.paused, width: v.videoWidth, height: v.videoHeight,
        error: v.error ? v.error.message || String(v.error.code) : null, end: Math.max(0, ...ends),
        frames: q.totalVideoFrames, decodedAudio: v.webkitAudioDecodedByteCount || 0};
"""


class Browser:
    def __init__(self, nursery):
        self._driver = nursery.spawn(["chromedriver", "--port=0"])
        port = self._driver.wait_for(r"started successfully on port (\d+)", 30).group(1)
        self._base = f"http://127.0.0.1:{port}"
        self._profile = profile = nursery.path("chromium")
        profile.mkdir()
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": [*FLAGS, f"--user-data-dir={profile}"]},
        }}})
        self._base += f"/session/{answer['sessionId']}"
        nursery.closes(self)

    def _call(self, method, path, body=None):
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(self._base + path, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as failure:
            raise AssertionError(f"{method} {path}: {failure.read().decode()[:1000]}") from None

    def open(self, url):
        self._call("POST", "/url", {"url": url})

    def run(self, script):
        return self._call("POST", "/execute/sync", {"script": script, "args": []})

    def text(self):
        """What the page shows."""
        return self.run("return document.body.innerText")

    def console_errors(self):
        """What the page has complained of, since the last call."""
        return [entry["message"] for entry in self._call("POST", "/se/log", {"type": "browser"})
                if entry["level"] == "SEVERE" and not re.search(r"favicon", entry["message"])]

    def player(self):
        return self.run(PLAYER)

    def wait_playing(self, seconds, timeout=30):
        """Waits until the video has gone on by so many seconds; gives the last look at it."""
        first = wait_until(lambda: (look := self.player()) and look["time"] > 0 and look, timeout, "the player starts", 0.2)
        def went_on():
            look = self.player()
            assert not look["error"], look
            return look["time"] - first["time"] >= seconds and look
        return wait_until(went_on, timeout, f"the video goes on by {seconds} s", 0.2)

    def close(self):
        try:
            self._call("DELETE", "")
        except (OSError, AssertionError):
            self._kill()

    def _kill(self):
        """The browser is in no process group of ours: those that run with our profile are ended by their ids."""
        for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if str(self._profile).encode() in cmdline.read_bytes():
                    os.kill(int(cmdline.parent.name), signal.SIGKILL)
            except OSError:
                continue
