"""What one run owes an answer to: fixed before anything starts, compared with the evidence at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from .results import Condition, Finding, PlannedCheck


class Stage(str, Enum):
    """What is gated: everything, or only what needs no engine."""

    FULL = "full"
    STATIC = "static"

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions that count in this stage."""
        return tuple(Condition) if self is Stage.FULL else (Condition.CONFIGURATION,)


@dataclass(frozen=True)
class Plan:
    """The planned checks in the order in which they are evaluated; a duplicate is refused.

    ``not_applicable`` gives the reason of each condition that has nothing to prove; ``findings`` are remarks on the
    plan itself, which belong to no check.
    """

    stage: Stage
    checks: tuple[PlannedCheck, ...]
    not_applicable: Mapping[Condition, str] = field(default_factory=lambda: MappingProxyType({}))
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        seen: set[tuple[str, str]] = set()
        for check in self.checks:
            if check.key in seen:
                raise ValueError(f"check {check.id} ({check.name}) is planned twice for {check.subject}")
            seen.add(check.key)

    def of(self, *conditions: Condition) -> tuple[PlannedCheck, ...]:
        """Return the planned checks of some conditions."""
        return tuple(check for check in self.checks if check.condition in conditions)

    def missing(self, received: Iterable[tuple[str, str]]) -> tuple[PlannedCheck, ...]:
        """Return the planned checks that no evidence was received for."""
        keys = set(received)
        return tuple(check for check in self.checks if check.key not in keys)
