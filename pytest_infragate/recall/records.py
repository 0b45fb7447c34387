"""Writes what a static run has found as texts of JSON, and reads them again.

Findings for information are many and seldom shown, so that they have a text of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..plan import Plan, Stage
from ..reports.quoting import SourceLine
from ..results import (
    CheckResult,
    Condition,
    Finding,
    Fix,
    Location,
    Outcome,
    Overridden,
    PlannedCheck,
    Replacement,
    Severity,
)


@dataclass(frozen=True)
class Answer:
    """What a static run has found: the results of its checks in their order, and what is told beside them."""

    planned: tuple[PlannedCheck, ...]
    results: tuple[CheckResult, ...]
    remarks: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    project: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Who chose what, for the reports."""
    file: str = ""
    """The first Compose file."""
    resolved_by: str = ""
    """What read the Compose files."""
    lines: Mapping[str, SourceLine] = field(default_factory=dict)
    """The lines that the findings are about, by place, as they may be shown."""
    overrides: tuple[Overridden, ...] = ()
    unread: int = 0
    """How many findings for information there are beside those of the results."""

    @property
    def plan(self) -> Plan:
        """The plan that the results answer."""
        return Plan(Stage.STATIC, self.planned)


class Texts(NamedTuple):
    """An answer as JSON: what every run shows, and the findings for information by the number of their result."""

    told: str
    aside: str


def write(answer: Answer) -> Texts:
    """Return an answer as JSON: every value in it is JSON itself or has fields that are."""
    aside = {number: one.findings for number, one in enumerate(answer.results) if _is_aside(one)}
    results = [replace(one, findings=()) if _is_aside(one) else one for one in answer.results]
    told = replace(answer, results=tuple(results), unread=sum(map(len, aside.values())))
    return Texts(json.dumps(told, default=vars), json.dumps(aside, default=vars))


def _is_aside(result: CheckResult) -> bool:
    """Whether a check has found nothing but what is shown on demand."""
    return all(one.severity is Severity.INFO and not one.waived for one in result.findings) and bool(result.findings)


def read(told: str, aside: str | None = None) -> Answer:
    """Return the answer that was written, without the findings for information where these are not given.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` where it is none.
    """
    answer = _answer(json.loads(told))
    if aside is None:
        return answer
    found = {int(number): tuple(map(_finding, findings)) for number, findings in json.loads(aside).items()}
    results = [replace(one, findings=found.get(at, one.findings)) for at, one in enumerate(answer.results)]
    return replace(answer, results=tuple(results), unread=0)


def _answer(record: dict[str, Any]) -> Answer:
    return Answer(
        tuple(map(_planned, record["planned"])),
        tuple(map(_result, record["results"])),
        tuple(map(_finding, record["remarks"])),
        tuple(record["notes"]),
        tuple(record["services"]),
        record["project"],
        dict(record["sources"]),
        record["file"],
        record["resolved_by"],
        {place: SourceLine(**line) for place, line in record["lines"].items()},
        tuple(map(_overridden, record["overrides"])),
        record["unread"],
    )


def _planned(record: dict[str, Any]) -> PlannedCheck:
    return PlannedCheck(**{**record, "condition": Condition(record["condition"])})


def _result(record: dict[str, Any]) -> CheckResult:
    typed = {
        "check": _planned(record["check"]),
        "outcome": Outcome(record["outcome"]),
        "findings": tuple(map(_finding, record["findings"])),
        "notes": tuple(record["notes"]),
    }
    return CheckResult(**{**record, **typed})


def _finding(record: dict[str, Any]) -> Finding:
    typed = {
        "severity": Severity(record["severity"]),
        "location": _location(record["location"]),
        "fixes": tuple(map(_fix, record["fixes"])),
    }
    return Finding(**{**record, **typed})


def _fix(record: dict[str, Any]) -> Fix:
    return Fix(**{**record, "replacements": tuple(map(_replacement, record["replacements"]))})


def _replacement(record: dict[str, Any]) -> Replacement:
    return Replacement(Location(**record["location"]), Location(**record["end"]), record["text"])


def _overridden(record: dict[str, Any]) -> Overridden:
    return Overridden(**{**record, "location": _location(record["location"]), "options": tuple(record["options"])})


def _location(record: dict[str, Any] | None) -> Location | None:
    return None if record is None else Location(**record)
