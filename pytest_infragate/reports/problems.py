"""What stands in the way of a complete verdict, each thing once and root causes first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .. import catalogue
from ..results import WHOLE_STACK, CheckResult, Condition, Finding, Location, Outcome, PlannedCheck, Severity
from ..verdict import closes_the_gate
from .listing import order

_ROOT_CAUSE_ORDER = (
    Condition.CONFIGURATION,
    Condition.LIFECYCLE,
    Condition.HEALTH,
    Condition.CONNECTIVITY,
    Condition.COMMANDS,
    Condition.PERFORMANCE,
)
"""A wrong file explains a failed start, a failed start an unhealthy service, and so on."""

_ASKING = (Condition.CONNECTIVITY, Condition.PERFORMANCE)
"""What is asked of a running service; the subject of such a check begins with its name."""

_DOWN = frozenset(
    plan("").id for plan in (catalogue.service_started, catalogue.service_ready, catalogue.service_stayed_healthy)
)
"""The checks whose failure means that a service cannot be asked."""


@dataclass(frozen=True)
class Problem:
    """One thing to mend: what is wrong, what explains it, and what to do."""

    subject: str
    """The service or edge that it is about, empty for the whole stack."""
    text: str
    """What is wrong, in one line."""
    notes: tuple[str, ...] = ()
    """What explains it, one line each."""
    details: tuple[str, ...] = ()
    """Everything that is known of it, indented lines; holds the notes too."""
    remedy: str = ""
    location: Location | None = None
    check: str = ""
    """The id of the static check that says so; people waive, ignore and explain it by that."""

    @property
    def place(self) -> str:
        """Where it is written, as messages show it; empty where that is not known."""
        return str(self.location) if self.location else ""

    @property
    def file(self) -> str:
        """The file that a static check complains about, empty for all else."""
        return self.location.file if self.check and self.location else ""

    @property
    def title(self) -> str:
        """What is wrong, with its subject where the text does not name it."""
        text = self.text if not self.subject or self.subject in self.text else f"{self.subject}: {self.text}"
        return f"{self.check} {text}" if self.check else text

    @property
    def step(self) -> str:
        """What to do, or else what is wrong, with its subject and place."""
        subject = f"{self.subject}: " if self.subject else ""
        place = f" ({self.place})" if self.place else ""
        return f"{subject}{self.remedy or self.text}{place}"


def problems(results: Sequence[CheckResult]) -> tuple[Problem, ...]:
    """Return what failed or could not be evaluated; what another failure has caused is told there."""
    failing = [result for result in results if closes_the_gate(result) and result.outcome is not Outcome.NOT_RUN]
    causes = [result.check for result in failing if not result.because]
    found: dict[str, Problem] = {}
    for condition in _ROOT_CAUSE_ORDER:
        for result in failing:
            if result.check.condition is condition and not _is_told_elsewhere(result, causes):
                for problem in _problems(result):
                    found.setdefault(problem.step, problem)
    return _by_file(tuple(found.values()))


def _by_file(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems with those of each file together, in the order of its lines; all else keeps its place."""
    files = {file: number for number, file in enumerate(dict.fromkeys(one.file for one in problems if one.file))}
    written = sorted((one for one in problems if one.file), key=lambda one: (files[one.file], order(one.location)))
    rest = iter(written)
    return tuple(next(rest) if one.file else one for one in problems)


def _is_told_elsewhere(result: CheckResult, causes: Collection[PlannedCheck]) -> bool:
    """Whether a result only follows from a cause that is really told: named by it, or a service that cannot be asked."""
    if result.outcome is Outcome.ERROR and result.check.condition in _ASKING:
        asked = result.check.subject.split()[0]
        if any(one.id in _DOWN and one.subject == asked for one in causes):
            return True
    return any(one.subject == result.because for one in causes)


def _problems(result: CheckResult) -> Iterator[Problem]:
    closing = [one for one in result.findings if one.severity is Severity.ERROR and not one.waived]
    text, *details = result.message.split("\n")
    if not closing:
        yield Problem(_subject(result.check, text), text, result.notes, tuple(details))
    elif len(closing) == 1:
        yield _of_finding(result, closing[0], result.notes, tuple(details))
    else:
        yield from (_of_finding(result, finding) for finding in closing)


def _subject(check: PlannedCheck, text: str) -> str:
    """Return what a text without a finding is about: the check, unless the text says itself of which service it speaks."""
    service = check.subject.split()[0]
    says = check.condition in _ASKING and text.startswith((f"{service}: ", f"{service} "))
    return "" if says else check.title


def _of_finding(
    result: CheckResult, finding: Finding, notes: tuple[str, ...] = (), details: tuple[str, ...] = ()
) -> Problem:
    return Problem(
        subject="" if finding.subject == WHOLE_STACK else finding.subject,
        text=finding.message.partition("\n")[0],
        notes=notes,
        details=details,
        remedy=finding.remedy,
        location=finding.location,
        check=finding.check if result.check.condition is Condition.CONFIGURATION else "",
    )
