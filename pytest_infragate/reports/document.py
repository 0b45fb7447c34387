"""The report document, ``infragate.verdict/1``: the shape that every format renders.

It is a shape of its own, not a dump of the package's classes, so that those may change without breaking readers.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ..fingerprint import fingerprints
from ..masking import Masker
from ..plan import Stage
from ..results import Condition, Finding, Json, Overridden
from ..verdict import Verdict
from .paths import Paths
from .problems import problems

if TYPE_CHECKING:
    from ..advice.hint import Hint
    from ..gates.trend import TrendRow

SCHEMA = "infragate.verdict/1"
DID_NOT_FINISH = "run did not finish"

ReportDocument: TypeAlias = "dict[str, Json]"


@dataclass(frozen=True)
class RunFacts:
    """What the report says of the run itself; ``started`` is aware, ``duration_s`` in seconds."""

    stage: Stage
    project: str
    started: datetime.datetime
    duration_s: float = 0.0
    engine_version: str | None = None
    compose_version: str | None = None
    sources: tuple[tuple[str, str], ...] = ()
    """Each option with who chose it."""
    answered: datetime.datetime | None = None
    """When an earlier run found what this one tells from the cache."""
    file: str = ""
    """The first Compose file; where a format wants a place for what has none."""
    resolved_by: str = ""
    """What read the Compose files: ``docker compose`` or ``infragate``; empty when nothing did."""
    not_asked: str = ""
    """Why Docker Compose was not asked; empty when it was."""
    overrides: tuple[Overridden, ...] = ()
    """What the settings say of checks in place of the level."""
    trend: tuple[TrendRow, ...] = ()
    """How the metrics went over the last runs."""
    advice: tuple[Hint, ...] = ()
    """What could be better about the stack."""


@dataclass(frozen=True)
class Report:
    """What every format is made of; without a verdict the run is not over."""

    facts: RunFacts
    paths: Paths
    verdict: Verdict | None = None
    masker: Masker = field(default_factory=Masker)
    """For what was not masked when it was received: the texts of fixes, which must stay as they are."""

    @property
    def document(self) -> ReportDocument:
        """The shape of ``verdict.json``."""
        return unfinished(self.facts) if self.verdict is None else document(self.facts, self.verdict)


def marked(verdict: Verdict) -> tuple[tuple[Finding, str], ...]:
    """Return every finding with its fingerprint."""
    return tuple(zip(verdict.findings, fingerprints(verdict.findings), strict=True))


def unfinished(facts: RunFacts) -> ReportDocument:
    """Return the document that stands in the folder while the run is not over."""
    conditions: dict[str, Json] = {
        condition.value: {"outcome": "not-run", "checks": 0, "reasons": [DID_NOT_FINISH]} for condition in Condition
    }
    return _head(facts, "incomplete") | {
        "reasons": [DID_NOT_FINISH],
        "conditions": conditions,
        "checks": [],
        "findings": [],
        "overrides": [],
        "advice": [],
        "plan": [],
    }


def document(facts: RunFacts, verdict: Verdict) -> ReportDocument:
    """Return the document of a finished run."""
    conditions: dict[str, Json] = {
        condition.value: {"outcome": judged.outcome.value, "checks": judged.checks, "reasons": list(judged.reasons)}
        for condition, judged in verdict.conditions.items()
    }
    return _head(facts, verdict.word) | {
        "reasons": list(verdict.reasons),
        "conditions": conditions,
        "checks": [result.to_dict() for result in verdict.results],
        "findings": [{**one.to_dict(), "fingerprint": mark} for one, mark in marked(verdict)],
        "overrides": [one.to_dict() for one in facts.overrides],
        "advice": [hint.to_dict() for hint in facts.advice],
        "plan": [problem.step for problem in problems(verdict.results)],
        **({"trend": [one.to_dict() for one in facts.trend]} if facts.trend else {}),
    }


def _head(facts: RunFacts, word: str) -> ReportDocument:
    return {
        "schema": SCHEMA,
        "verdict": word,
        "stage": facts.stage.value,
        "project": facts.project,
        "started": facts.started.isoformat(timespec="seconds"),
        "duration_s": round(facts.duration_s, 3),
        "engine": {"version": facts.engine_version, "compose": facts.compose_version},
        "sources": dict(facts.sources),
        **({"answered_from_cache": facts.answered.isoformat(timespec="seconds")} if facts.answered else {}),
        "resolution": {"by": facts.resolved_by or None, "not_asked": facts.not_asked or None},
    }
