"""``gl-code-quality-report.json``: what is in the way, as GitLab shows it beside a merge request (Code Climate's shape).

The format knows no verdict. So that an empty list always means that nothing was found, whatever closes the gate is an entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Final

from ..results import Finding, Json, Location, Severity
from .document import DID_NOT_FINISH, Report, marked
from .untold import untold

_SEVERITIES: Final = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}
_NO_FILE = "compose.yaml"
"""GitLab wants a path; this one stands for a Compose file that was not found."""
_Entry = dict[str, Json]


def render(report: Report) -> str:
    """Return the entries as indented JSON with a final line end."""
    return json.dumps(list(_entries(report)), indent=2, ensure_ascii=False) + "\n"


def _entries(report: Report) -> Iterator[_Entry]:
    if report.verdict is None:
        yield _apart(DID_NOT_FINISH, "infragate", report)
        return
    for finding, mark in marked(report.verdict):
        if not finding.waived:
            yield _entry(finding, mark, report)
    for one in untold(report.verdict):
        yield _apart(f"{one.title}: {one.text}", one.title, report)


def _entry(finding: Finding, mark: str, report: Report) -> _Entry:
    place = finding.location or Location(report.facts.file or _NO_FILE)
    return {
        "description": f"{finding.check} {finding.statement} {finding.remedy}".strip(),
        "check_name": finding.name,
        "fingerprint": mark,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": report.paths.relative(place.file), "lines": {"begin": place.line or 1}},
    }


def _apart(text: str, name: str, report: Report) -> _Entry:
    """Return the entry for what closes the gate and is no finding; its name alone makes the fingerprint, as times are in the text."""
    path = report.paths.relative(report.facts.file or _NO_FILE)
    mark = hashlib.sha256(name.encode()).hexdigest()
    return {
        "description": text,
        "check_name": name,
        "fingerprint": mark,
        "severity": "blocker",
        "location": {"path": path, "lines": {"begin": 1}},
    }
