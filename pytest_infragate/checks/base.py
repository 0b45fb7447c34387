"""What a static check is: one decorated function that yields what it found; the rest is stamped on from outside."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..check_options import Budget, CheckOptions
from ..compose.model import Project
from ..compose.resolve import Resolution
from ..linters.linting import Linting
from ..reading.unmatched import Unmatched
from ..results import Condition, Finding, Location, PlannedCheck, Severity
from ..scaling_settings import ScalingSettings
from ..settings import DEFAULT_TIMEOUT_S, Level
from .machine import Machine, this_machine


@dataclass(frozen=True)
class Draft:
    """What a check has to say about one subject, before it is told who the check is."""

    subject: str
    message: str
    remedy: str
    location: Location | None = None


@dataclass(frozen=True)
class Material:
    """What the static checks look at: what Compose made of the files, and policies that match nothing in it."""

    resolution: Resolution
    unmatched: tuple[Unmatched, ...] = ()
    environments: tuple[tuple[str, Resolution], ...] = ()
    """What Compose made of each environment that the settings name."""
    machine: Machine = field(default_factory=this_machine)
    """Where the stack is going to run, as far as that is known."""
    budget: Budget = field(default_factory=Budget)
    timeout_s: float = DEFAULT_TIMEOUT_S
    """For how long the gate waits for the whole stack, in seconds."""
    options: CheckOptions = field(default_factory=CheckOptions)
    """What the user has changed of single checks."""
    linting: Linting = field(default_factory=Linting)
    """Who is asked about Dockerfiles; by default nobody."""
    scaling: Mapping[str, ScalingSettings] = field(default_factory=lambda: MappingProxyType({}))
    """How many containers the settings want of services."""
    isolate: bool = False
    """Whether names and host ports are taken out of the stack for the run."""


Look = Callable[[Material], Iterator[Draft]]


@dataclass(frozen=True)
class Check:
    """One static check; ``documentation`` is its page, with an example that is flagged and one that is accepted."""

    id: str
    name: str
    severities: Mapping[Level, Severity]
    look: Look
    documentation: str
    needs_project: bool
    """Whether it has nothing to look at when Compose refuses the files."""

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.documentation.partition("\n")[0]

    @property
    def planned(self) -> PlannedCheck:
        """The check as part of a plan."""
        return PlannedCheck(self.id, self.name, Condition.CONFIGURATION)

    def findings(self, material: Material, severity: Severity) -> tuple[Finding, ...]:
        """Look at the material and return what was found, stamped with id, name and severity."""
        return tuple(
            Finding(self.id, self.name, severity, draft.subject, draft.message, draft.remedy, draft.location)
            for draft in self.look(material)
        )


def check(
    id: str,  # noqa: A002  (the word of the catalogue)
    default: Severity,
    *,
    dev: Severity | None = None,
    strict: Severity | None = None,
) -> Callable[[Callable[[Project], Iterator[Draft]]], Check]:
    """Make a check of a function that looks at a project; severities are those at the three levels."""

    def decorate(function: Callable[[Project], Iterator[Draft]]) -> Check:
        def look(material: Material) -> Iterator[Draft]:
            project = material.resolution.project
            return iter(()) if project is None else function(project)

        return _check(id, _levels(dev, default, strict), look, function, needs_project=True)

    return decorate


def check_with_options(
    id: str,  # noqa: A002
    default: Severity,
    *,
    dev: Severity | None = None,
    strict: Severity | None = None,
) -> Callable[[Callable[[Project, CheckOptions], Iterator[Draft]]], Check]:
    """Make a check of a function that looks at a project with what the user has changed of single checks."""

    def decorate(function: Callable[[Project, CheckOptions], Iterator[Draft]]) -> Check:
        def look(material: Material) -> Iterator[Draft]:
            project = material.resolution.project
            return iter(()) if project is None else function(project, material.options)

        return _check(id, _levels(dev, default, strict), look, function, needs_project=True)

    return decorate


def check_of_material(
    id: str,  # noqa: A002
    default: Severity,
    *,
    dev: Severity | None = None,
    strict: Severity | None = None,
) -> Callable[[Look], Check]:
    """Make a check of a function that looks at Compose's own words, also when it refuses the files."""

    def decorate(function: Look) -> Check:
        return _check(id, _levels(dev, default, strict), function, function, needs_project=False)

    return decorate


def _levels(dev: Severity | None, default: Severity, strict: Severity | None) -> Mapping[Level, Severity]:
    return {Level.DEV: dev or default, Level.DEFAULT: default, Level.STRICT: strict or default}


def _check(
    id: str,  # noqa: A002
    severities: Mapping[Level, Severity],
    look: Look,
    function: Callable[..., Iterator[Draft]],
    *,
    needs_project: bool,
) -> Check:
    name = function.__name__.replace("_", "-")
    return Check(id, name, severities, look, inspect.getdoc(function) or "", needs_project)
