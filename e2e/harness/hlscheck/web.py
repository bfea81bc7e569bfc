"""Fetching as players do: one kept connection a host, cookies, redirects, and the times at which things happened."""

import http.client
import socket
import ssl
import time
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urljoin, urlsplit

REDIRECTS = 5
TIMEOUT = 30


@dataclass
class Answer:
    """What came back for one request; times are seconds since 1970 on a clock that never jumps."""

    url: str                # where it came from in the end, after redirects
    status: int             # 0: no answer at all, `problem` says why
    headers: dict           # by lower-case names
    body: bytes
    began: float = 0.0      # the request was sent
    first: float = 0.0      # the head was there
    ended: float = 0.0      # the last byte was there
    complete: bool = True   # as many bytes as were promised
    problem: str = ""

    def header(self, name):
        return self.headers.get(name.lower(), "")

    @property
    def type(self):
        return self.header("Content-Type").split(";")[0].strip().lower()


@dataclass
class Web:
    """The network. Tests have another one, in memory and on a clock of its own, with the same four functions."""

    timeout: float = TIMEOUT
    _kept: dict = field(default_factory=dict)
    _cookies: dict = field(default_factory=dict)
    _zero: float = field(default_factory=lambda: time.time() - time.monotonic())

    def now(self):
        return self._zero + time.monotonic()

    def sleep(self, seconds):
        time.sleep(max(0.0, seconds))

    def get(self, url, headers=None, method="GET"):
        """One request with the redirects that follow; never raises for what a server does."""
        began = self.now()
        for _ in range(REDIRECTS):
            answer = self._once(url, headers or {}, method, began)
            if answer.status not in (301, 302, 303, 307, 308) or not answer.header("Location"):
                return answer
            url = urljoin(url, answer.header("Location"))
        answer.problem = f"more than {REDIRECTS} redirects"
        return answer

    def close(self):
        for connection in self._kept.values():
            connection.close()
        self._kept.clear()

    def tls_protocol(self, url, timeout=5):
        """What TLS agrees on for a URL: "h2", "http/1.1", "" for a server without ALPN, None without TLS."""
        parts = urlsplit(url)
        if parts.scheme != "https":
            return None
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2", "http/1.1"])
        try:
            with socket.create_connection((parts.hostname, parts.port or 443), timeout) as plain, \
                    context.wrap_socket(plain, server_hostname=parts.hostname) as wrapped:
                return wrapped.selected_alpn_protocol() or ""
        except OSError:
            return ""

    def _once(self, url, headers, method, began):
        parts = urlsplit(url)
        place = (parts.scheme, parts.netloc)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Accept": "*/*", **headers}
        if jar := self._cookies.get(parts.hostname):
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        for attempt in (1, 2):  # a kept connection may have been closed by the server meanwhile
            kept = self._kept.pop(place, None)
            connection = kept or self._connect(parts)
            try:
                connection.request(method, path, headers=headers)
                response = connection.getresponse()
            except (OSError, http.client.HTTPException) as failure:
                connection.close()
                if kept and attempt == 1 and not isinstance(failure, TimeoutError):
                    continue
                return Answer(url, 0, {}, b"", began, self.now(), self.now(), False, f"no answer: {failure!r}")
            return self._read(url, response, connection, place, began)
        raise AssertionError("not reached")

    def _connect(self, parts):
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return http.client.HTTPSConnection(parts.netloc, timeout=self.timeout, context=context)
        return http.client.HTTPConnection(parts.netloc, timeout=self.timeout)

    def _read(self, url, response, connection, place, began):
        first = self.now()
        headers = {}
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self._keep(urlsplit(url).hostname, value)
            headers[name.lower()] = value
        problem, complete = "", True
        try:
            body = response.read()
        except http.client.IncompleteRead as failure:
            body, complete, problem = failure.partial, False, f"the body broke off: {failure!r}"
        except (OSError, http.client.HTTPException) as failure:
            body, complete, problem = b"", False, f"the body broke off: {failure!r}"
        if response.will_close or not complete:
            connection.close()
        else:
            self._kept[place] = connection
        return Answer(url, response.status, headers, body, began, first, self.now(), complete, problem)

    def _keep(self, host, line):
        try:
            for name, morsel in SimpleCookie(line).items():
                self._cookies.setdefault(host, {})[name] = morsel.value
        except CookieError:
            pass
