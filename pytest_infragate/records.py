"""Writes what a static run has found as a text of JSON, and reads it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .plan import Plan, Stage
from .reports.quoting import SourceLine
from .results import (
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

    @property
    def plan(self) -> Plan:
        """The plan that the results answer."""
        return Plan(Stage.STATIC, self.planned)


def write(answer: Answer) -> str:
    """Return an answer as JSON: every value in it is JSON itself or has fields that are."""
    return json.dumps(answer, default=vars)


def read(text: str) -> Answer:
    """Return the answer that was written. Raises ``KeyError``, ``TypeError`` or ``ValueError`` where it is none."""
    record = json.loads(text)
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
    return Overridden(**{**record, "location": _location(record["location"])})


def _location(record: dict[str, Any] | None) -> Location | None:
    return None if record is None else Location(**record)
