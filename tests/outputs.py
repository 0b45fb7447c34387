"""What a run wrote, as a person or a CI system reads it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

Case = tuple[str, str, str]
_VERBOSE = re.compile(r"(?P<title>infragate/\S.*?) (?P<word>PASSED|FAILED|ERROR|SKIPPED)\b.*\[ *\d+%\]$")
_PERCENT = re.compile(r"\[ *(\d+)%\]")


def junit_cases(directory: Path) -> list[Case]:
    """Return class, name and outcome of every case in ``junit.xml``, sorted."""
    found = []
    for case in ElementTree.parse(directory / "junit.xml").iter("testcase"):
        outcome = next((child.tag for child in case if child.tag != "properties"), "passed")
        found.append((case.get("classname", ""), case.get("name", ""), outcome))
    return sorted(found)


def html_checks(directory: Path) -> list[tuple[str, str]]:
    """Return node id and result of every check in pytest-html's ``report.html``, in the order of the file."""
    page = (directory / "report.html").read_text(encoding="utf-8")
    blob = re.search(r'data-jsonblob="([^"]*)"', page)
    assert blob, page
    tests = json.loads(html.unescape(blob[1]))["tests"]
    return [
        (name, entry["result"]) for name, entries in tests.items() for entry in entries if name.startswith("infragate/")
    ]


def verbose_checks(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Return node id and word of every check in the output of ``-v``, in its order."""
    found = (_VERBOSE.match(line) for line in lines)
    return [(match["title"], match["word"]) for match in found if match]


def percentages(lines: Iterable[str]) -> list[int]:
    """Return every figure of pytest's progress."""
    return [int(figure) for line in lines for figure in _PERCENT.findall(line)]
