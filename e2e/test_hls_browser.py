"""HLS in headless Chromium by hls.js, through the console's page."""

import pytest

from conftest import only_millrace
from harness import clients
from harness.browser import Browser
from harness.process import Nursery, wait_until
from harness.scale import patience
from harness.server import Millrace

LOOK = """
const look = document.getElementById('player-state');
const lag = document.getElementById('player-lag');
return {state: look && look.dataset.state, lag: lag && lag.innerText};
"""


@pytest.fixture(scope="module")
def hls(request, tmp_path_factory, sources):
    """One server with a stream that goes on in the background."""
    only_millrace(request)
    nursery = Nursery(tmp_path_factory.mktemp("hls-browser"))
    try:
        server = Millrace(nursery, config="[hls]\nsegment = 1\npart = 0.2\n")
        clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
        server.wait_live()
        yield server
        server.stop()
    finally:
        nursery.end()


def test_chromium_plays_low_latency_hls_in_the_console_page(hls, nursery):
    browser = Browser(nursery)
    browser.open(hls.http("/#/play/live/cam?via=hls"))
    look = browser.wait_playing(4, patience(60))
    assert (look["width"], look["height"]) == (320, 180)
    assert look["frames"] > 25 and look["decodedAudio"] > 0
    assert browser.console_errors() == []
    assert any(s["protocol"] == "hls" and s["role"] == "viewer" for s in hls.sessions())
    told = next(h for h in hls.stream()["hls"] if h["container"] == "fmp4")
    assert told["part_seconds"] < 0.3
    wait_until(lambda: browser.run(LOOK)["state"] == "playing", patience(20), "the page says that it plays")


def test_chromium_goes_on_when_the_publisher_comes_back(start_millrace, nursery, sources):
    server = start_millrace(config="[hls]\nsegment = 1\n")
    child = clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
    server.wait_live()
    browser = Browser(nursery)
    browser.open(server.http("/#/play/live/cam?via=hls"))
    browser.wait_playing(2, patience(60))
    for _ in range(2):
        child.kill()
        child = clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
        server.wait_live()
        browser.wait_playing(3, patience(60))
    assert browser.run(LOOK)["state"] != "failed"
