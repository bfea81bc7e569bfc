#!/usr/bin/env python3
"""Rules of the tree that no compiler knows. Each rule is one test; a JUnit file for the tally is written where asked."""
import argparse
import pathlib
import re
import sys
import time
from xml.sax.saxutils import quoteattr

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_OURS = {"build", "data", "node_modules", "dist", "__pycache__", ".git", ".pytest_cache", ".ccache"}
# Captured bytes and seeds are what they are.
NOT_TEXT = {"corpus", "vectors"}
CODE = {".cpp", ".hpp"}
SOURCES = CODE | {".ts", ".tsx", ".py", ".sh", ".cmake", ".mjs", ".js", ".css"}

# What cores without input and output have no business with. `now` is always passed in.
NOT_IN_LIBS = re.compile(
    r"#include <(?:boost/asio|asio|boost/beast|thread|mutex|shared_mutex|condition_variable|future|iostream|fstream"
    r"|filesystem|spdlog|fmt|sys/|netinet/|arpa/|unistd\.h|pthread\.h)|(?:steady|system|Steady|)_?[cC]lock::now\(")
# Hosts that serve packages, in two halves so that this file does not name one.
REGISTRIES = re.compile("|".join(re.escape(name) + r"\." + end for name, end in [
    ("deb.debian", "org"), ("security.debian", "org"), ("archive.ubuntu", "com"), ("registry.npmjs", "org"),
    ("npmmirror", "com"), ("registry.yarnpkg", "com"), ("pypi", "org"), ("pythonhosted", "org"),
    ("nodesource", "com"), ("conan", "io")]))
UNFINISHED = re.compile(r"\b(?:TO" "DO|FIX" "ME|XX" r"X)\b")


def files():
    found = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if not NOT_OURS.intersection(parts) and path.is_file() and not path.is_symlink():
            found.append(path)
    return found


def texts(paths):
    for path in paths:
        if NOT_TEXT.intersection(path.relative_to(ROOT).parts):
            continue
        try:
            yield path, path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue


def grep(paths, pattern):
    return [f"{path.relative_to(ROOT)}:{number}: {line.strip()[:140]}"
            for path, lines in texts(paths) for number, line in enumerate(lines, 1) if pattern.search(line)]


def named_wrongly(paths):
    odd = re.compile(r"[^a-z0-9_.]")
    return [f"{path.relative_to(ROOT)}: C++ files are named in snake_case"
            for path in paths if path.suffix in CODE and odd.search(path.name)]


def without_pragma(paths):
    return [f"{path.relative_to(ROOT)}: no #pragma once" for path, lines in texts(paths)
            if path.suffix == ".hpp" and "#pragma once" not in lines]


def untidy(paths):
    found = []
    for path, lines in texts(p for p in paths if p.suffix in SOURCES | {".md", ".toml", ".txt"} or not p.suffix):
        found += [f"{path.relative_to(ROOT)}:{number}: blanks at the end"
                  for number, line in enumerate(lines, 1) if line != line.rstrip()]
        if lines and not path.read_bytes().endswith(b"\n"):
            found.append(f"{path.relative_to(ROOT)}: no newline at the end")
    return found


def fuzz_without_corpus(paths):
    found = []
    for path in paths:
        if path.name.endswith("_fuzz.cpp"):
            corpus = path.parent / "corpus" / path.stem.removesuffix("_fuzz")
            if not corpus.is_dir() or not any(corpus.iterdir()):
                found.append(f"{path.relative_to(ROOT)}: no seeds in {corpus.relative_to(ROOT)}")
    return found


def not_built(paths):
    """A source, test or fuzz target that no CMakeLists.txt names is a test that cannot fail."""
    lists = {path.parent: path.read_text() for path in paths if path.name == "CMakeLists.txt"}
    found = []
    for path in paths:
        if path.suffix != ".cpp" or path.is_relative_to(ROOT / "testing" / "install"):
            continue
        homes = [folder for folder in path.parents if folder in lists]
        if homes and not any(str(path.relative_to(home)) in lists[home] or "GLOB" in lists[home] for home in homes) \
                and f"{path.relative_to(ROOT)}" not in (ROOT / "cmake" / "millrace.cmake").read_text():
            found.append(f"{path.relative_to(ROOT)}: in no CMakeLists.txt")
    return found


def tests_that_are_none(paths):
    """Documents name the test that shows each thing: `Suite.Test`, `e2e/test_x.py::test_y`."""
    of_gtest, of_pytest, said = set(), set(), set()
    for path, lines in texts(paths):
        text = "\n".join(lines)
        if path.name.endswith("_test.cpp"):
            of_gtest.update(f"{suite}.{name}" for suite, name in
                            re.findall(r"^(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\(\s*(\w+),\s*(\w+)", text, re.M))
        if path.suffix == ".py":
            of_pytest.update(f"{path.relative_to(ROOT)}::{name}" for name in re.findall(r"def (test_\w+)", text))
        if path.suffix in CODE:  # Status codes look like tests.
            said.update(re.findall(r"\b[A-Z]\w+\.[A-Z]\w+", text))
    found = []
    for path, lines in texts(p for p in paths if p.suffix == ".md"):
        for number, line in enumerate(lines, 1):
            named = [name for name in re.findall(r"`([A-Z]\w+\.[A-Z]\w+)`", line) if name not in of_gtest | said]
            named += [name for name in re.findall(r"`(e2e/\w+\.py::test_\w+)`", line) if name not in of_pytest]
            found += [f"{path.relative_to(ROOT)}:{number}: no such test: {name}" for name in named]
    return found


def in_libs(paths):
    rooms = [p for p in paths if p.suffix in CODE and p.is_relative_to(ROOT / "libs")
             and not {"test", "fuzz"}.intersection(p.relative_to(ROOT).parts)]
    return grep(rooms, NOT_IN_LIBS)


RULES = {
    "libs/ knows no socket, clock, thread or file": in_libs,
    "nothing is marked as unfinished": lambda paths: grep(paths, UNFINISHED),
    "no package registry's host is named": lambda paths: grep(paths, REGISTRIES),
    "C++ files are named in snake_case": named_wrongly,
    "headers are included once": without_pragma,
    "no blanks at line ends, a newline at the file's": untidy,
    "each fuzz target has seeds": fuzz_without_corpus,
    "each source is built": not_built,
    "each test that a document names is there": tests_that_are_none,
}


def long_files(paths, most=450):
    return [f"{path.relative_to(ROOT)}: {len(lines)} lines" for path, lines in texts(paths)
            if path.suffix in SOURCES and len(lines) > most]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--junit", type=pathlib.Path)
    options = parser.parse_args()
    paths = files()
    cases, failed = [], 0
    for rule, check in RULES.items():
        begun = time.monotonic()
        broken = check(paths)
        failed += bool(broken)
        print(f"{'FAILED' if broken else 'ok    '} {rule}")
        for line in broken:
            print(f"         {line}")
        text = "\n".join(broken)
        inner = f"<failure message={quoteattr(text)}/>" if broken else ""
        cases.append(f'<testcase name={quoteattr(rule)} time="{time.monotonic() - begun:.3f}">{inner}</testcase>')
    for line in long_files(paths):
        print(f"warning: {line}; is there a second room in it?")
    if options.junit:
        options.junit.write_text(f"<testsuites><testsuite name=\"hygiene\">{''.join(cases)}</testsuite></testsuites>\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
