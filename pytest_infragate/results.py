"""What is checked and what came of it: the values that travel from the gates to the verdict and the reports."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias, Union

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "dict[str, Json]", None]

WHOLE_STACK = "*"
"""Subject of a check that concerns the whole stack."""


class Outcome(str, Enum):
    """What came of one check; there is no fifth value, and only ``PASSED`` proves anything."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    NOT_RUN = "not-run"


class Severity(str, Enum):
    """Weight of a finding: ``ERROR`` closes the gate, the others are shown."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Condition(str, Enum):
    """The conditions of the gate, in the order in which they are reported."""

    CONFIGURATION = "configuration"
    HEALTH = "health"
    CONNECTIVITY = "connectivity"
    PERFORMANCE = "performance"
    COMMANDS = "commands"
    LIFECYCLE = "lifecycle"


@dataclass(frozen=True)
class Location:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True)
class Replacement:
    """One change of a text: what stands from ``location`` to ``end`` (exclusive) becomes ``text``; both have line and column."""

    location: Location
    end: Location
    text: str


@dataclass(frozen=True)
class Fix:
    """A change that is proven to do what it says and nothing else; its replacements belong together."""

    description: str
    replacements: tuple[Replacement, ...]
    behaviour: str = ""
    """What the stack will do otherwise than before; empty: the resolved model stays the same."""


@dataclass(frozen=True)
class Finding:
    """One thing that a check has to say about one subject, with what to do about it."""

    check: str
    name: str
    severity: Severity
    subject: str
    message: str
    remedy: str = ""
    location: Location | None = None
    waived: bool = False
    fixes: tuple[Fix, ...] = ()
    """Ways to put it right, where there is one for certain; not part of ``verdict.json``."""
    waived_by: str = ""
    """What accepts it, and why: ``comment: reason``, ``waiver until 2027-03-31: reason``."""
    severity_by: str = ""
    """The key of the settings that gives it another severity than the level, and which that would be."""

    @property
    def statement(self) -> str:
        """The message, after its subject where it does not name it itself."""
        name = rf"(?<![\w-]){re.escape(self.subject)}(?![\w-])"
        named = self.subject == WHOLE_STACK or re.search(name, self.message)
        return self.message if named else f"{self.subject}: {self.message}"

    def to_dict(self) -> dict[str, Json]:
        """Return the finding in the shape of ``verdict.json``."""
        place = self.location or Location("")
        return {
            "check": self.check,
            "name": self.name,
            "severity": self.severity.value,
            "subject": self.subject,
            "file": place.file or None,
            "line": place.line,
            "column": place.column,
            "message": self.message,
            "remedy": self.remedy,
            "waived": self.waived,
            **({"waived_by": self.waived_by} if self.waived_by else {}),
            **({"severity_by": self.severity_by} if self.severity_by else {}),
        }


@dataclass(frozen=True)
class Overridden:
    """What the settings say of one check in place of the level, and what came of it in this run."""

    check: str
    subject: str
    """A service, a pattern of services, or ``*``: the whole stack."""
    severity: str
    """A severity, or ``off``."""
    reason: str = ""
    findings: int | None = None
    """How many findings it speaks of; ``None`` where that is not known: the check was not evaluated, or has options."""
    location: Location | None = None
    options: tuple[str, ...] = ()
    """The options of the check that are set, where it is that; then ``severity`` is empty."""

    @property
    def name(self) -> str:
        """The check, with the service where it is one of a service."""
        return self.check if self.subject == WHOLE_STACK else f"{self.check} on {self.subject}"

    def to_dict(self) -> dict[str, Json]:
        """Return it in the shape of ``verdict.json``."""
        place = self.location or Location("")
        return {
            "check": self.check,
            "subject": self.subject,
            "severity": self.severity or None,
            "options": list(self.options),
            "reason": self.reason or None,
            "findings": self.findings,
            "file": place.file or None,
            "line": place.line,
        }


@dataclass(frozen=True)
class PlannedCheck:
    """A check that this run owes an answer to; ``(id, subject)`` identifies it."""

    id: str
    name: str
    condition: Condition
    subject: str = WHOLE_STACK

    @property
    def key(self) -> tuple[str, str]:
        """Identity of the check within one run."""
        return (self.id, self.subject)

    @property
    def title(self) -> str:
        """Name and subject as a person reads them, ``service-ready[api]``."""
        return self.name if self.subject == WHOLE_STACK else f"{self.name}[{self.subject}]"


@dataclass(frozen=True)
class CheckResult:
    """The evidence received for one planned check."""

    check: PlannedCheck
    outcome: Outcome
    message: str = ""
    duration_s: float = 0.0
    evidence: dict[str, Json] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    waived: bool = False
    notes: tuple[str, ...] = ()
    """What explains a failure, one line each and the most telling first; ``message`` holds all of it and more."""
    because: str = ""
    """The service whose failure has caused this one, which is told there and is no cause of its own."""
    waived_by: str = ""
    """What accepts it, and why, as in a finding."""

    def to_dict(self) -> dict[str, Json]:
        """Return the result in the shape of ``verdict.json``."""
        return {
            "id": self.check.id,
            "name": self.check.name,
            "condition": self.check.condition.value,
            "subject": self.check.subject,
            "outcome": self.outcome.value,
            "waived": self.waived,
            **({"waived_by": self.waived_by} if self.waived_by else {}),
            "message": self.message,
            "duration_s": round(self.duration_s, 3),
            "evidence": {**self.evidence, "because": self.because} if self.because else self.evidence,
        }

    def lasting(self, duration_s: float) -> CheckResult:
        """Return the same result with the time that it took, in seconds."""
        return replace(self, duration_s=duration_s)


def passed(check: PlannedCheck, message: str = "", findings: tuple[Finding, ...] = (), **evidence: Json) -> CheckResult:
    """Return the result of a check that was proven."""
    return CheckResult(check, Outcome.PASSED, message, evidence=evidence, findings=findings)


def failed(check: PlannedCheck, message: str, findings: tuple[Finding, ...] = (), **evidence: Json) -> CheckResult:
    """Return the result of a check that was evaluated and found broken."""
    return CheckResult(check, Outcome.FAILED, message, evidence=evidence, findings=findings)


def unevaluated(check: PlannedCheck, message: str, **evidence: Json) -> CheckResult:
    """Return the result of a check that could not be evaluated (outcome ``error``)."""
    return CheckResult(check, Outcome.ERROR, message, evidence=evidence)


def not_run(check: PlannedCheck, reason: str) -> CheckResult:
    """Return the result of a check that was not started, with the reason."""
    return CheckResult(check, Outcome.NOT_RUN, reason)
