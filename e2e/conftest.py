"""Fixtures: a nursery for processes, source files, and the server under test.

    python3 -m pytest e2e                                     all of it, against build/dev/millrace or MILLRACE_BIN
    python3 -m pytest e2e -m 'not slow'                       without what takes longest
    python3 -m pytest e2e/test_rtmp_clients.py --server nginx-rtmp    shows that clients and comparison are right

MILLRACE_E2E_SCALE=0.3 asks for fewer viewers and gives more time, for TSan and busy machines.
"""

import pytest

from harness import clients, frames, material
from harness.process import Nursery
from harness.server import Millrace, Nginx
from harness.siege import Siege


def pytest_addoption(parser):
    parser.addoption("--server", choices=["millrace", "nginx-rtmp"], default="millrace",
                     help="the server under test; nginx-rtmp can only do the RTMP parts")


def only_millrace(request):
    if request.config.getoption("--server") != "millrace":
        pytest.skip("only millrace does this")


@pytest.fixture
def nursery(tmp_path):
    nursery = Nursery(tmp_path)
    yield nursery
    nursery.end()


class Sources:
    """Source files by name, with their packets."""

    def __init__(self):
        self._packets = {}

    def __getitem__(self, name):
        return material.make(name)

    def packets(self, name):
        if name not in self._packets:
            self._packets[name] = frames.probe(self[name])
        return self._packets[name]


@pytest.fixture(scope="session")
def sources():
    return Sources()


@pytest.fixture
def start_millrace(nursery):
    """Starts millrace with options and configuration of the test's own; each must end well."""
    started = []

    def start(**how):
        started.append(Millrace(nursery, **how))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def millrace(request, start_millrace):
    """A server of its own for each test."""
    only_millrace(request)
    return start_millrace()


@pytest.fixture
def server(request, nursery):
    """Whichever server is under test, for the RTMP parts."""
    if request.config.getoption("--server") == "millrace":
        yield request.getfixturevalue("millrace")
    else:
        nginx = Nginx(nursery)
        yield nginx
        nginx.stop()


@pytest.fixture(scope="module")
def live(request, tmp_path_factory, sources):
    """One server with live/cam on it for all tests of a file that only watch."""
    only_millrace(request)
    nursery = Nursery(tmp_path_factory.mktemp("live"))
    try:
        server = Millrace(nursery)
        clients.ffmpeg_publish(nursery, sources["gop1.flv"], server.rtmp())
        server.wait_live()
        yield server
        server.stop()
    finally:
        nursery.end()


@pytest.fixture(scope="module")
def siege(request, tmp_path_factory, sources):
    """One server for all attacks of a file, and viewers that must not lose a frame until its end."""
    only_millrace(request)
    nursery = Nursery(tmp_path_factory.mktemp("siege"))
    try:
        siege = Siege(nursery, sources)
        yield siege
        siege.check_unharmed()
    finally:
        nursery.end()


@pytest.fixture
def besieged(siege):
    """The server of the siege; after the attack all viewers still play."""
    seen = siege.seen()
    yield siege.server
    siege.check_plays_on(seen)
