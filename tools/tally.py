#!/usr/bin/env python3
"""Counts the test cases in JUnit files and prints "PASSED FAILED SKIPPED".

With --ctest the first file is CTest's own: a test whose program wrote a JUnit file of its own (a GoogleTest program,
in --details) counts by the cases in that, any other test counts as one. A program that fails in another way than by
its cases (it crashed, it leaked) counts as one failure more.
"""
import argparse
import pathlib
import sys
import xml.etree.ElementTree as ET


def verdict(case):
    if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
        return "failed"
    if case.find("skipped") is not None or case.get("result") == "skipped" or \
            case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def count(path):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in ET.parse(path).getroot().iter("testcase"):
        counts[verdict(case)] += 1
    return counts


def count_ctest(path, details):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in ET.parse(path).getroot().iter("testcase"):
        own = details / f"{case.get('name')}_test.xml"
        whole = verdict(case)
        if own.is_file():
            inner = count(own)
            for key, number in inner.items():
                counts[key] += number
            counts["failed"] += whole == "failed" and inner["failed"] == 0
        else:
            counts[whole] += 1
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ctest", action="store_true")
    parser.add_argument("--details", type=pathlib.Path)
    parser.add_argument("junit", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    counts = count_ctest(options.junit.pop(0), options.details) if options.ctest else count(options.junit.pop(0))
    for path in options.junit:
        for key, number in count(path).items():
            counts[key] += number
    print(counts["passed"], counts["failed"], counts["skipped"])


if __name__ == "__main__":
    sys.exit(main())
