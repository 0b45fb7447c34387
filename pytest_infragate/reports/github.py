"""Annotations for GitHub: lines on the output that its runner shows beside the lines of the files.

The escapes are those of the runner's own toolkit: a message may not end its line, a property not itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..results import Finding, Severity
from ..verdict import Verdict
from .paths import Paths
from .untold import untold

_IN_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_DATA, ":": "%3A", ",": "%2C"}


def lines(verdict: Verdict, paths: Paths) -> tuple[str, ...]:
    """Return one line for each finding that fails or warns and for each failure without one, errors first.

    Errors come first because only the first ten of each kind are shown. What is waived or merely for information has none.
    """
    found = [finding for finding in verdict.findings if not finding.waived]
    errors = [_of_finding("error", one, paths) for one in found if one.severity is Severity.ERROR]
    warnings = [_of_finding("warning", one, paths) for one in found if one.severity is Severity.WARNING]
    return (*errors, *_apart(verdict), *warnings)


def _apart(verdict: Verdict) -> Iterator[str]:
    """Yield what closes the gate and is no finding."""
    for one in untold(verdict):
        yield _line("error", {"title": f"{one.check} {one.title}".strip()}, one.text)


def _of_finding(kind: str, finding: Finding, paths: Paths) -> str:
    properties = {"title": f"{finding.check} {finding.name}"}
    if place := finding.location:
        properties["file"] = paths.relative(place.file)
        numbers = {"line": place.line, "col": place.column}
        properties |= {name: str(number) for name, number in numbers.items() if number is not None}
    return _line(kind, properties, f"{finding.statement} {finding.remedy}".strip())


def _line(kind: str, properties: Mapping[str, str], message: str) -> str:
    told = ",".join(f"{name}={_escaped(value, _IN_PROPERTY)}" for name, value in properties.items())
    return f"::{kind} {told}::{_escaped(message, _IN_DATA)}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
