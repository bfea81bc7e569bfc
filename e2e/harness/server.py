"""The server under test: millrace as it is built here, or nginx-rtmp as a reference for the RTMP parts."""

import json
import os
import re
import socket
import urllib.error
import urllib.request
from pathlib import Path

from .ports import free_port
from .process import wait_until
from .scale import SCALE, patience

ROOT = Path(__file__).resolve().parents[2]
ASAN_OPTIONS = "quarantine_size_mb=8"  # what was freed must not look like what is kept
SANITIZER = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error: |LeakSanitizer")


def find_millrace():
    """The binary: MILLRACE_BIN, or the first that was built, the one with sanitizers before the others."""
    if named := os.environ.get("MILLRACE_BIN"):
        return Path(named).resolve()
    for preset in ("dev", "release", "tsan"):
        for place in ("millrace", "apps/millrace", "bin/millrace"):
            if (path := ROOT / "build" / preset / place).is_file():
                return path
    raise AssertionError("no millrace under build/: build it, or name it by MILLRACE_BIN")


class Millrace:
    """`millrace serve` on ports of its own."""

    name = "millrace"
    ended = False

    def __init__(self, nursery, *, options=(), config="", rtmp_port=None, http_port=None, protocols=("rtmp",),
                 data=None):
        self.binary = find_millrace()
        self.rtmp_port = rtmp_port or free_port()
        self.http_port = http_port or free_port()
        folder = nursery.path("millrace")
        folder.mkdir()
        self.config_path = folder / "millrace.toml"
        self.config_path.write_text(config + "".join(
            f'\n[[listen]]\naddress = "127.0.0.1:{port}"\nprotocols = {json.dumps(spoken)}\n'
            for port, spoken in ((self.rtmp_port, protocols), (self.http_port, ("http",)))))
        self.data = data or folder / "data"
        self.child = nursery.spawn(
            [self.binary, "serve", "--config", self.config_path, "--data", self.data, *options], "serve",
            env={**os.environ, "ASAN_OPTIONS": f"{ASAN_OPTIONS}:{os.environ.get('ASAN_OPTIONS', '')}"})
        try:
            wait_until(self._answers, patience(10), "/healthz answers")
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.child.text}") from None

    def _answers(self):
        assert self.child.running(), f"serve ended with {self.child.popen.poll()}:\n{self.child.text}"
        try:
            return self.request("/healthz")[0] == 200
        except OSError:
            return False

    def rtmp(self, stream="live/cam", scheme="rtmp"):
        return f"{scheme}://127.0.0.1:{self.rtmp_port}/{stream}"

    def http(self, path):
        return f"http://127.0.0.1:{self.http_port}{path}"

    def request(self, path, method="GET", headers=None, timeout=10):
        """Status, headers and body of an HTTP answer, whatever the status."""
        request = urllib.request.Request(self.http(path), method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()

    def api(self, path):
        status, _, body = self.request(f"/api/v1/{path}")
        assert status == 200, f"GET /api/v1/{path}: {status} {body[:300]!r}"
        return json.loads(body)

    def stream(self, name="live/cam"):
        """What the API says of a stream; None when there is none."""
        return next((entry for entry in self.api("streams")["streams"] if entry["name"] == name), None)

    def sessions(self):
        return self.api("sessions")["sessions"]

    def wait_live(self, name="live/cam", timeout=10):
        """Waits until a stream has all that a viewer needs: a publisher and at least one known track."""
        def live():
            stream = self.stream(name)
            return stream if stream and stream["state"] == "live" and stream["tracks"] else None
        return wait_until(live, patience(timeout), f"{name} is live")

    def metrics(self):
        """All samples of /metrics: {'name{labels}': value}."""
        _, _, body = self.request("/metrics")
        samples = {}
        for line in body.decode().splitlines():
            if line and not line.startswith("#"):
                key, value = line.rsplit(" ", 1)
                samples[key] = float(value)
        return samples

    def memory_kib(self):
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE).group(1))

    def stop(self):
        """Ctrl-C ends it with status 0 within two seconds (five with sanitizers); its log has no sanitizer's report."""
        if self.ended:
            return
        self.ended = True
        if self.child.popen.poll() is None:
            status = self.child.interrupt(2 if SCALE >= 1 and "release" in str(self.binary) else 5)
            assert status == 0, f"serve ended with {status}:\n{self.child.text[-3000:]}"
        else:
            raise AssertionError(f"serve was gone, status {self.child.popen.poll()}:\n{self.child.text[-3000:]}")
        report = SANITIZER.search(self.child.text)
        assert not report, self.child.text[report.start():report.start() + 4000]


NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log info;
load_module {modules}/ngx_rtmp_module.so;
events {{ worker_connections 1024; }}
rtmp {{ server {{
  listen 127.0.0.1:{port}; chunk_size 4096; access_log off;
  application live {{ live on; wait_key on; sync 0; }}
}} }}
"""


def find_nginx():
    """The program and the folder of its modules: as ./test has unpacked it, else as it is installed; None without either."""
    for root in (ROOT / "build" / "unpacked", Path("/")):
        program, modules = root / "usr/sbin/nginx", root / "usr/lib/nginx/modules"
        if program.exists() and (modules / "ngx_rtmp_module.so").exists():
            return program, modules
    return None


class Nginx:
    """nginx with its RTMP module: shows that the clients and the comparison themselves are right."""

    name = "nginx-rtmp"

    def __init__(self, nursery):
        self.rtmp_port = free_port()
        folder = nursery.path("nginx")
        folder.mkdir()
        program, modules = find_nginx()
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=self.rtmp_port, modules=modules))
        self.child = nursery.spawn([program, "-e", folder / "error.log", "-p", folder, "-c", folder / "nginx.conf"])
        wait_until(self._listens, 10, "nginx listens")

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.rtmp_port)) == 0

    def rtmp(self, stream="live/cam", scheme="rtmp"):
        return f"{scheme}://127.0.0.1:{self.rtmp_port}/{stream}"

    def wait_live(self, name="live/cam", timeout=10):
        """nginx has nothing to ask; its players wait for a stream anyway."""

    def stop(self):
        self.child.kill()
