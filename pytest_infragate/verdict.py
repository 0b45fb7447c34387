"""The verdict: a pure function of the plan and the evidence received."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from .plan import Plan
from .results import CheckResult, Condition, Finding, Outcome, Severity, not_run

NO_EVIDENCE = "planned, but no evidence was received"


class ConditionOutcome(str, Enum):
    """What came of one condition."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    NOT_RUN = "not-run"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True)
class ConditionVerdict:
    """One condition with the reasons why it is not proven (or not applicable)."""

    outcome: ConditionOutcome
    checks: int
    reasons: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether the condition stands in the way of a complete verdict."""
        return self.outcome in (ConditionOutcome.PASSED, ConditionOutcome.NOT_APPLICABLE)


@dataclass(frozen=True)
class Verdict:
    """What the whole run means; ``reasons`` is empty exactly when it is complete."""

    complete: bool
    conditions: Mapping[Condition, ConditionVerdict]
    results: tuple[CheckResult, ...]
    reasons: tuple[str, ...]
    remarks: tuple[Finding, ...] = ()
    """Findings on the plan and the settings, which belong to no check."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every check, waived ones included, and the remarks on the plan."""
        return (*self.remarks, *(finding for result in self.results for finding in result.findings))

    @property
    def waived(self) -> int:
        """How many failed checks were waived."""
        return sum(result.waived for result in self.results)

    @property
    def word(self) -> str:
        """``complete`` or ``incomplete``."""
        return "complete" if self.complete else "incomplete"


def decide(
    plan: Plan, received: Sequence[CheckResult], broken_off: str | None = None, remarks: Iterable[Finding] = ()
) -> Verdict:
    """Compare what was planned with the evidence received.

    ``broken_off`` says why the run did not reach its end (an interruption, a collection error); such a run is never
    complete. Evidence for something that was not planned is kept, and counts against its condition when it failed.
    A check answered twice counts with its worst answer.
    """
    by_key = _worst_by_key(received)
    results = tuple(by_key.pop(check.key, not_run(check, broken_off or NO_EVIDENCE)) for check in plan.checks)
    results += tuple(by_key.values())
    conditions = {condition: _judge(plan, condition, results) for condition in Condition}
    reasons = [broken_off] if broken_off else []
    for condition in plan.stage.conditions:
        if not conditions[condition].proven:
            reasons += [f"{condition.value}: {reason}" for reason in conditions[condition].reasons]
    return Verdict(not reasons, conditions, results, tuple(reasons), (*plan.findings, *remarks))


_BADNESS = (Outcome.PASSED, Outcome.NOT_RUN, Outcome.ERROR, Outcome.FAILED)


def _worst_by_key(received: Sequence[CheckResult]) -> dict[tuple[str, str], CheckResult]:
    worst: dict[tuple[str, str], CheckResult] = {}
    for result in received:
        known = worst.get(result.check.key)
        if known is None or _badness(result) > _badness(known):
            worst[result.check.key] = result
    return worst


def _badness(result: CheckResult) -> int:
    return 0 if result.waived else _BADNESS.index(result.outcome)


def _judge(plan: Plan, condition: Condition, results: Sequence[CheckResult]) -> ConditionVerdict:
    own = [result for result in results if result.check.condition is condition]
    if condition not in plan.stage.conditions:
        return ConditionVerdict(ConditionOutcome.NOT_RUN, len(own), (f"not part of stage {plan.stage.value}",))
    if not own and condition in plan.not_applicable:
        return ConditionVerdict(ConditionOutcome.NOT_APPLICABLE, 0, (plan.not_applicable[condition],))
    if not own:
        return ConditionVerdict(ConditionOutcome.NOT_RUN, 0, ("no check was planned, so nothing is proven",))
    open_results = [result for result in own if not (result.outcome is Outcome.PASSED or result.waived)]
    causes_first = sorted(open_results, key=lambda result: (result.outcome is Outcome.NOT_RUN, bool(result.because)))
    return ConditionVerdict(_condition_outcome(open_results), len(own), tuple(map(_reason, causes_first)))


def _condition_outcome(open_results: Sequence[CheckResult]) -> ConditionOutcome:
    outcomes = {result.outcome for result in open_results}
    for outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN):
        if outcome in outcomes:
            return ConditionOutcome(outcome.value)
    return ConditionOutcome.PASSED


def _reason(result: CheckResult) -> str:
    first_line = (result.message or _first_error(result)).partition("\n")[0]
    return f"{result.check.title}: {first_line}" if first_line else f"{result.check.title}: {result.outcome.value}"


def _first_error(result: CheckResult) -> str:
    errors = [finding.message for finding in result.findings if finding.severity is Severity.ERROR]
    return errors[0] if errors else ""


def closes_the_gate(result: CheckResult) -> bool:
    """Return whether this one result already rules out a complete verdict."""
    return not (result.outcome is Outcome.PASSED or result.waived)
