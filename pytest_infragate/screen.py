"""A verdict that is not complete, on one screen: what is wrong, why, and what to do, root causes first; pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from enum import Enum

from .reports.listing import Quote, nothing
from .reports.problems import Problem
from .results import Condition, Outcome, Severity
from .verdict import ConditionOutcome, Verdict

_MOST_PROBLEMS = 8
_MOST_NOTES = 3
_MOST_REASONS = 3
_MOST_WAIVED = 3
_ROOM_FOR_SOURCE = 5
"""Up to so many problems are told with the source line that they are about."""
_ROOM_FOR_DETAILS = 2
"""Up to so many problems are told with everything that is known of them."""
_INDENT = "   "
_ORDER = (
    ConditionOutcome.FAILED,
    ConditionOutcome.ERROR,
    ConditionOutcome.NOT_RUN,
    ConditionOutcome.PASSED,
    ConditionOutcome.NOT_APPLICABLE,
)


class Amount(Enum):
    """How much of each problem is shown."""

    BRIEF = "what is wrong and what to do"
    SCREEN = "also what explains it"


def lines(
    verdict: Verdict,
    problems: Sequence[Problem],
    lost_tests: int | None,
    amount: Amount,
    width: int,
    quote: Quote = nothing,
) -> Iterator[tuple[str, str]]:
    """Yield each line with its colour, empty for the terminal's own.

    ``lost_tests``: how many tests were not run because the gate was closed, ``None`` when the suite ran; ``width`` in
    columns; ``quote`` quotes the files that static checks complain about.
    """
    yield from ((line, "") for line in textwrap.wrap(_conditions(verdict), width - 1))
    yield from ((_clipped(reason, 2 * width), "red") for reason in _reasons(verdict, problems))
    if lost_tests:
        count = "1 test was" if lost_tests == 1 else f"{lost_tests} tests were"
        yield f"The gate was closed before the first test: {count} not run.", "red"
    room = amount is Amount.SCREEN and len(problems) <= _ROOM_FOR_SOURCE
    file = ""
    for number, problem in enumerate(problems[:_MOST_PROBLEMS], 1):
        if problem.file != file and problem.file:
            yield problem.file, "bold"
        file = problem.file
        yield _clipped(f"{number}. {problem.title}", 3 * width), "red"
        if problem.file and room:
            yield from ((f"{_INDENT}{line}", "") for line in quote(problem.location, width - len(_INDENT)))
        yield from ((line, "") for line in _explanation(problem, len(problems), amount, width))
    if len(problems) > _MOST_PROBLEMS:
        yield f"… and {len(problems) - _MOST_PROBLEMS} more", "red"
    yield from ((line, "yellow") for line in _asides(verdict))


def is_cut(problems: Sequence[Problem], amount: Amount) -> bool:
    """Whether more is known of these problems than is shown."""
    whole = amount is Amount.SCREEN and len(problems) <= _ROOM_FOR_DETAILS
    return not whole and any(problem.details for problem in problems)


def _conditions(verdict: Verdict) -> str:
    """Return in one sentence what came of every condition."""
    told = []
    for outcome in _ORDER:
        named = [_condition(verdict, one) for one, judged in verdict.conditions.items() if judged.outcome is outcome]
        if named:
            told.append(f"{outcome.value.replace('-', ' ')}: {', '.join(named)}")
    return "; ".join(told)


def _condition(verdict: Verdict, condition: Condition) -> str:
    """Return a condition's name, with how many of its checks failed where some did."""
    own = [result for result in verdict.results if result.check.condition is condition]
    failed = sum(one.outcome in (Outcome.FAILED, Outcome.ERROR) and not one.waived for one in own)
    return f"{condition.value} ({failed} of {len(own)} checks)" if failed else condition.value


def _reasons(verdict: Verdict, problems: Sequence[Problem]) -> list[str]:
    """Return the reasons that no problem tells: why the run was broken off, or why nothing was proven at all."""
    conditions = tuple(f"{condition.value}: " for condition in Condition)
    apart = [reason for reason in verdict.reasons if not reason.startswith(conditions)]
    if problems or apart:
        return apart
    more = len(verdict.reasons) - _MOST_REASONS
    return [*verdict.reasons[:_MOST_REASONS], *([f"… and {more} more reasons"] if more > 0 else [])]


def _explanation(problem: Problem, count: int, amount: Amount, width: int) -> Iterator[str]:
    roomy = amount is Amount.SCREEN and count <= _ROOM_FOR_DETAILS
    if roomy:
        yield from (f"{_INDENT}{line.removeprefix('  ')}" for line in problem.details)
    elif amount is Amount.SCREEN:
        yield from (_clipped(f"{_INDENT}{note}", width) for note in problem.notes[:_MOST_NOTES])
    place = f" ({problem.place})" if problem.place else ""
    advice = f"{_INDENT}→ {_unquoted(problem) if roomy else problem.remedy}{place}"
    if problem.remedy or place:
        yield advice if roomy else _clipped(advice, 2 * width, keep=place)


def _unquoted(problem: Problem) -> str:
    """Return the remedy without a line that it quotes, where the details show that line."""
    text, _, quoted = problem.remedy.partition(": ")
    return f"{text}." if quoted and any(quoted == line.strip() for line in problem.details) else problem.remedy


def _asides(verdict: Verdict) -> Iterator[str]:
    """Tell what is waived, the first of it each, and how many warnings there are."""
    waived = [one for one in verdict.findings if one.waived]
    for one in waived[:_MOST_WAIVED]:
        yield f"waived: {one.check} {one.statement}"
    if len(waived) > _MOST_WAIVED:
        yield f"… and {len(waived) - _MOST_WAIVED} more waived: shown with -v and in verdict.json"
    warnings = sum(one.severity is Severity.WARNING and not one.waived for one in verdict.findings)
    if warnings:
        yield f"{warnings} {'warning' if warnings == 1 else 'warnings'}: shown with -v and in verdict.json"


def _clipped(text: str, width: int, keep: str = "") -> str:
    """Return the beginning of a text that is told in full elsewhere; ``keep`` is its end that stays."""
    if len(text) <= width:
        return text
    return f"{text[: width - len(keep) - 2].rstrip()} …{keep}"
