#!/usr/bin/env python3
"""Runs clang-tidy on every source of a build folder, and remembers by hash what was clean.

A source is looked at again when it, a header of the tree that it includes, its command, .clang-tidy or clang-tidy has
changed. What each source includes is known to ninja, so the folder must have been built.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# GCC's own flags, which clang only warns of; the build has the warnings already.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-error", "--quiet"]
# What is said in a test plainly may cost an allocation, and its numbers are small.
IN_TESTS = ["--checks=-performance-inefficient-vector-operation,-bugprone-implicit-widening-of-multiplication-result"]


def options_for(path):
    return EXTRA + (IN_TESTS if {"test", "fuzz", "bench"}.intersection(path.relative_to(ROOT).parts) else [])


def commands(build):
    """Source of the tree -> (its object, its compiler command)."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(ROOT) and not path.is_relative_to(build):
            output = entry.get("output") or re.search(r" -o (\S+)", entry["command"]).group(1)
            found.setdefault(path, (output, entry["command"]))
    return found


def includes(build):
    """Object -> the files of the tree that it was made from."""
    found, current = {}, None
    text = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        if line and not line.startswith(" "):
            current = found.setdefault(line.split(":")[0], [])
        elif current is not None and line.strip():
            path = (build / line.strip()).resolve()
            if path.is_relative_to(ROOT):
                current.append(path)
    return found


class Cache:
    """Keys of sources that were clean, as empty files. What was not used for a month goes."""

    def __init__(self, salt):
        home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
        self.folder = pathlib.Path(home) / "millrace" / "tidy"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.salt = salt
        self.digests = {}
        for path in self.folder.iterdir():
            if path.stat().st_mtime < time.time() - 30 * 86400:
                path.unlink(missing_ok=True)

    def digest(self, path):
        if path not in self.digests:
            self.digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self.digests[path]

    def key(self, path, command, needed):
        text = [self.salt, *options_for(path), command.replace(str(ROOT), ".")]
        text += [f"{p.relative_to(ROOT)} {self.digest(p)}" for p in sorted({path, *needed})]
        return self.folder / hashlib.sha256("\n".join(text).encode()).hexdigest()


def look(tidy, build, path):
    begun = time.monotonic()
    ran = subprocess.run([*tidy, "-p", build, *options_for(path), path], capture_output=True, text=True)
    # clang 14 itself falls over some of the tests' compile-time literals; the compilers that matter read them.
    crashed = "PLEASE submit a bug report" in ran.stderr
    if crashed:
        print(f"clang-tidy crashed on {path.relative_to(ROOT)}; passed over", flush=True)
    return path, crashed or ran.returncode == 0, ran.stdout, ran.stderr, time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "dev")
    parser.add_argument("--tidy", default="clang-tidy-14", help="the command, with its own options if need be")
    parser.add_argument("--times", action="store_true", help="say how long each source took")
    parser.add_argument("--no-cache", action="store_true")
    parser.add_argument("only", nargs="*", help="parts of paths; none: all sources")
    options = parser.parse_args()
    build, tidy = options.build.resolve(), shlex.split(options.tidy)

    version = subprocess.run([tidy[0], "--version"], check=True, capture_output=True, text=True).stdout
    cache = Cache(version + (ROOT / ".clang-tidy").read_text() + " ".join(tidy))
    made_from, todo, known = includes(build), {}, 0
    for path, (output, command) in commands(build).items():
        if options.only and not any(part in str(path) for part in options.only):
            continue
        # Without ninja's knowledge of its headers, a source is always looked at.
        key = cache.key(path, command, made_from[output]) if made_from.get(output) else None
        if key and key.exists() and not options.no_cache:
            key.touch()
            known += 1
        else:
            todo[path] = key

    failed, begun = [], time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        # The largest first, so that none is left alone at the end.
        order = sorted(todo, key=lambda path: -path.stat().st_size)
        for path, clean, said, complaint, seconds in pool.map(lambda path: look(tidy, build, path), order):
            if options.times:
                print(f"{seconds:6.1f} s  {path.relative_to(ROOT)}", flush=True)
            if clean:
                if todo[path]:
                    todo[path].touch()
            else:
                failed.append(path)
                print(said or complaint, flush=True)
    print(f"clang-tidy: {len(todo)} looked at in {time.monotonic() - begun:.0f} s, {known} known to be clean, "
          f"{len(failed)} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
