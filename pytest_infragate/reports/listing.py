"""Findings as a person reads them: grouped by file, in the order of its lines, each with the source line; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..results import Finding, Location, Severity

Quote = Callable[[Location | None, int], Sequence[str]]
"""Returns the source line at a place with a caret below it, in so many columns; nothing where there is none."""
_INDENT = "   "
_WAIVED = "waived"
_BOLD = "bold"
_COLORS = {Severity.ERROR.value: "red", Severity.WARNING.value: "yellow", Severity.INFO.value: "", _WAIVED: "yellow"}


def nothing(_place: Location | None, _width: int) -> Sequence[str]:
    """Quote nothing."""
    return ()


def by_file(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings of each file in the order of its lines; files as they come first, what has no file before all."""
    groups: dict[str, list[Finding]] = {"": []}
    for finding in findings:
        groups.setdefault(finding.location.file if finding.location else "", []).append(finding)
    return {file: sorted(own, key=lambda one: order(one.location)) for file, own in groups.items() if own}


def order(place: Location | None) -> tuple[int, int]:
    """Return what places of one file are sorted by; one without a line comes first."""
    return (place.line or 0, place.column or 0) if place else (0, 0)


def lines(findings: Iterable[Finding], quote: Quote, width: int) -> Iterator[tuple[str, str]]:
    """Yield each line with its colour: a heading for each file, then its findings with source line and remedy."""
    for file, own in by_file(findings).items():
        if file:
            yield file, _BOLD
        for finding in own:
            yield head(finding)
            yield from ((f"{_INDENT}{line}", "") for line in quote(finding.location, width - len(_INDENT)))
            if finding.remedy:
                yield f"{_INDENT}→ {finding.remedy}", ""


def head(finding: Finding) -> tuple[str, str]:
    """Return a finding in one line, and its colour."""
    word = _WAIVED if finding.waived else finding.severity.value
    place = f" ({finding.location})" if finding.location else ""
    why = f" [{by}]" if (by := finding.waived_by or finding.severity_by) else ""
    return f"{word}: {finding.check} {finding.statement}{place}{why}", _COLORS[word]
