"""Child processes whose output can be waited for, and which never outlive their test."""

import os
import re
import signal
import subprocess
import threading
import time


class Child:
    """One process in a group of its own; what it prints on stderr (and on stdout, unless that goes elsewhere) is kept."""

    def __init__(self, argv, log_path, *, stdout=None, stdin=subprocess.DEVNULL, env=None, cwd=None):
        self.argv = [str(part) for part in argv]
        self.log_path = log_path
        self._text = ""
        self._news = threading.Condition()
        apart = stdout is not None
        self.popen = subprocess.Popen(
            self.argv, stdin=stdin, env=env, cwd=cwd, start_new_session=True, bufsize=0,
            stdout=stdout if apart else subprocess.PIPE, stderr=subprocess.PIPE if apart else subprocess.STDOUT)
        source = self.popen.stderr if apart else self.popen.stdout
        self._reader = threading.Thread(target=self._read, args=(source,), daemon=True)
        self._reader.start()

    @property
    def pid(self):
        return self.popen.pid

    def _read(self, source):
        with open(self.log_path, "wb") as log, source:
            while data := source.read(65536):
                log.write(data)
                log.flush()
                with self._news:
                    self._text += data.decode(errors="replace")
                    self._news.notify_all()
        self.popen.wait()
        with self._news:
            self._news.notify_all()

    @property
    def text(self):
        """All that was printed up to now."""
        with self._news:
            return self._text

    def running(self):
        return self.popen.poll() is None

    def wait_for(self, pattern, timeout):
        """Waits until a line matches; fails at once when the process ends without having printed it."""
        regex = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                if match := regex.search(self._text):
                    return match
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    state = "timed out" if left <= 0 else f"ended with {self.popen.poll()}"
                    raise AssertionError(f"{self} {state} before it printed /{pattern}/:\n{self._text[-3000:]}")
                self._news.wait(min(left, 0.5))

    def wait(self, timeout):
        """Waits for the end of the process and of its output; gives the exit status."""
        try:
            status = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self} did not end within {timeout} s:\n{self.text[-3000:]}") from None
        self._reader.join(2)
        return status

    def signal(self, number):
        if self.running():
            os.kill(self.pid, number)

    def interrupt(self, timeout):
        """Ctrl-C, and the exit status that follows."""
        self.signal(signal.SIGINT)
        return self.wait(timeout)

    def kill(self):
        """SIGKILL to the process and to whatever it has started in its group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait(10)
        self._reader.join(2)

    def __str__(self):
        return f"{os.path.basename(self.argv[0])} (pid {self.pid}, log {self.log_path})"


class Nursery:
    """All children (and whatever else must be closed) of one test."""

    def __init__(self, folder):
        self.folder = folder
        self._count = 0
        self._closers = []

    def path(self, name):
        """A fresh file name in the folder of the test."""
        self._count += 1
        return self.folder / f"{self._count:02}-{name}"

    def spawn(self, argv, name=None, **options):
        child = Child(argv, self.path(f"{name or os.path.basename(str(argv[0]))}.log"), **options)
        self._closers.append(child.kill)
        return child

    def run(self, argv, timeout, **options):
        """Runs a command to its end: exit status and all that it printed."""
        child = self.spawn(argv, **options)
        status = child.wait(timeout)
        return status, child.text

    def closes(self, thing):
        """Has thing.close() called at the end of the test."""
        self._closers.append(thing.close)
        return thing

    def end(self):
        while self._closers:
            try:
                self._closers.pop()()
            except OSError:
                pass


def wait_until(condition, timeout, what, pause=0.05):
    """Asks again and again until the condition holds, and gives what it gave."""
    deadline = time.monotonic() + timeout
    while True:
        if result := condition():
            return result
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {timeout} s: {what() if callable(what) else what}")
        time.sleep(pause)
