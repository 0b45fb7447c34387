"""What closes the gate and is told by no finding: for formats that list findings and must not look empty."""

from __future__ import annotations

from dataclasses import dataclass

from ..results import CheckResult, Outcome, Severity
from ..verdict import Verdict, closes_the_gate

_MOST_REASONS = 3


@dataclass(frozen=True)
class Untold:
    """One failure; ``check`` is empty where it is that of the run as a whole."""

    check: str
    title: str
    text: str


def untold(verdict: Verdict) -> tuple[Untold, ...]:
    """Return what failed or could not be evaluated without a finding that says so.

    What was not run is a consequence where anything failed, and else told once for each reason.
    """
    closing = [result for result in verdict.results if closes_the_gate(result)]
    causes = [result for result in closing if result.outcome is not Outcome.NOT_RUN]
    if causes:
        return tuple(_of(result) for result in causes if not is_told(result))
    if closing:
        return tuple({result.message: _of(result) for result in reversed(closing)}.values())[::-1]
    return () if verdict.complete else (Untold("", "infragate", "; ".join(verdict.reasons[:_MOST_REASONS])),)


def is_told(result: CheckResult) -> bool:
    """Whether one of its findings says why a check closes the gate."""
    return any(finding.severity is Severity.ERROR and not finding.waived for finding in result.findings)


def _of(result: CheckResult) -> Untold:
    return Untold(result.check.id, result.check.title, result.message or result.outcome.value)
