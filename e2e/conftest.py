"""Fixtures: a nursery for processes, source files, and the server under test."""

import pytest

from harness import frames, material
from harness.process import Nursery
from harness.server import Millrace, Nginx
from harness.siege import Siege


def pytest_addoption(parser):
    parser.addoption("--server", choices=["millrace", "nginx-rtmp"], default="millrace",
                     help="the server under test; nginx-rtmp can only do the RTMP parts")


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
    if request.config.getoption("--server") != "millrace":
        pytest.skip("only millrace does this")
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
def siege(request, tmp_path_factory, sources):
    """One server for all attacks of a file, and viewers that must not lose a frame until its end."""
    if request.config.getoption("--server") != "millrace":
        pytest.skip("only millrace does this")
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
