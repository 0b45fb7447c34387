"""What ``--infragate-diff`` and ``--infragate-fix`` say and do, and with which exit status they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import InfragateError
from ..masking import MASK, Masker, secret_values
from ..settings import Settings
from .candidate import Candidate
from .diff import unified
from .planner import FixPlan, plan_fixes
from .writing import write

DONE, OPEN = 0, 1
"""Exit status: nothing (more) to do; something to do, or it could not be done."""


@dataclass(frozen=True)
class Answer:
    """What is printed, and the exit status."""

    text: str
    status: int


def show(settings: Settings, environ: Mapping[str, str]) -> Answer:
    """Return the certain fixes as a unified diff; the status is 1 when there is one, or when none could be looked for."""
    try:
        plan = plan_fixes(settings, environ)
        masker = _masker(plan, settings, environ)
        lines = [f"# {line}" for line in _told(plan)]
        diffs = [unified(file, masker.text) for file in plan.files]
    except InfragateError as error:
        return _failed("--infragate-diff", error)
    head = masker.text("".join(f"{line}\n" for line in lines))
    foot = f"# {_summary(plan, 'can be applied with --infragate-fix')}\n"
    if any(diff.masked for diff in diffs):
        foot = f"# An edit is on a line with a secret, shown as {MASK}: only --infragate-fix can apply it.\n{foot}"
    return Answer(head + "".join(diff.text for diff in diffs) + foot, OPEN if plan.fixes else DONE)


def apply(settings: Settings, environ: Mapping[str, str]) -> Answer:
    """Write the certain fixes; the status is 0 when that is done or nothing was to do, else nothing was written."""
    try:
        plan = plan_fixes(settings, environ)
        masker = _masker(plan, settings, environ)
        write(plan.files)
    except InfragateError as error:
        return _failed("--infragate-fix", error)
    lines = [*_told(plan), _summary(plan, "made")]
    return Answer(masker.text("".join(f"{line}\n" for line in lines)), DONE)


def _masker(plan: FixPlan, settings: Settings, environ: Mapping[str, str]) -> Masker:
    return Masker(secret_values(plan.project, environ, settings.secret_values, plan.variables))


def _failed(option: str, error: InfragateError) -> Answer:
    return Answer(f"{option}: {error}\n", OPEN)


def _told(plan: FixPlan) -> Iterator[str]:
    """Yield a line for each fix, labelled where it changes behaviour, and one for each that is not made."""
    for fix in sorted(plan.fixes, key=_place):
        yield f"{fix.location}: {fix.check} {fix.description} [{_label(fix)}]"
    for refusal in plan.refusals:
        yield f"{refusal.location}: not fixed: {refusal.description}, because {refusal.reason}"


def _label(fix: Candidate) -> str:
    return f"changes behaviour: {fix.behaviour}" if fix.behaviour else "same model"


def _place(fix: Candidate) -> tuple[str, int, int]:
    return (fix.location.file, fix.location.line or 0, fix.location.column or 0)


def _summary(plan: FixPlan, done: str) -> str:
    if not plan.fixes:
        return "Nothing to fix." if not plan.refusals else f"Nothing to fix; {len(plan.refusals)} not certain."
    count, files = len(plan.fixes), len(plan.files)
    changing = sum(bool(fix.behaviour) for fix in plan.fixes)
    words = f"{count} fix{'es' if count != 1 else ''} in {files} file{'s' if files != 1 else ''} {done}"
    return f"{words}; {changing} change{'s' if changing == 1 else ''} behaviour."
