"""Collects what is wrong with the files, each with its place, so that all of it can be told at once."""

from __future__ import annotations

from ...results import Location
from ..messages import Complaint, UnsetVariable


class Problems:
    """What was found so far, in the order in which it was found, each once."""

    def __init__(self) -> None:
        self._found: dict[Complaint, None] = {}
        self._unset: dict[str, UnsetVariable] = {}
        self._settled: set[Location] = set()
        self.incomplete = False
        """Whether a file could not be read, so that what others refer to may only seem to be missing."""

    def add(self, text: str, location: Location | None) -> None:
        """Add a sentence about a place; what follows from another problem there is left out."""
        if location not in self._settled:
            self._found[Complaint(text, location)] = None

    def settle(self, text: str, location: Location) -> None:
        """Add a problem that leaves a value without meaning: nothing more is told of its place."""
        self.add(text, location)
        self._settled.add(location)

    def lose(self, text: str, location: Location | None) -> None:
        """Add a problem for which a part of the project is not known; nothing more is told of its place."""
        self.add(text, location)
        self.incomplete = True
        if location is not None:
            self._settled.add(location)

    def unset(self, name: str, location: Location) -> None:
        """Add a variable that was replaced by nothing; its first place counts."""
        self._unset.setdefault(name, UnsetVariable(name, location))

    @property
    def found(self) -> tuple[Complaint, ...]:
        """What is wrong, by file and line."""
        return tuple(sorted(self._found, key=_order))

    @property
    def unset_variables(self) -> tuple[UnsetVariable, ...]:
        """The variables without a value, by name."""
        return tuple(self._unset[name] for name in sorted(self._unset))


def _order(problem: Complaint) -> tuple[str, int, int]:
    place = problem.location or Location("")
    return place.file, place.line or 0, place.column or 0
