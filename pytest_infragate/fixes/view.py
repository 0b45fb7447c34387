"""What a rule looks at: the resolved project with every profile, the texts that wrote it, and what the user declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..compose.model import Project
from ..results import Location
from ..settings import ServiceSettings
from .candidate import Candidate, Refusal
from .sources import Sources


@dataclass(frozen=True)
class View:
    """``others`` gives the names of volumes, networks, secrets and configs that files beside the chosen ones use.

    ``accepted`` tells whether the user accepts a finding of a check (id, subject, place), so that it is not to be fixed.
    """

    project: Project
    sources: Sources
    services: Mapping[str, ServiceSettings]
    others: Callable[[], frozenset[str]]
    accepted: Callable[[str, str, Location], bool]


Found = Iterator["Candidate | Refusal"]
Rule = Callable[[View], Found]
