"""Collects everything that is wrong with the settings, so that the user hears of all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias, TypeVar

from ..compose.node import Node
from ..errors import InfragateError
from ..results import Location

T = TypeVar("T")
D = TypeVar("D")


class InvalidError(InfragateError):
    """A value is not what its key takes; the message says what was expected, without place, key and value."""


class ContradictionError(InfragateError):
    """The parts of a value do not fit together; the message is a sentence of its own."""


class ReportedError(InfragateError):
    """A value cannot be built because of problems that are already noted."""


@dataclass(frozen=True)
class Problem:
    """One mistake; an option has no place (its location has an empty file name)."""

    location: Location
    sentence: str

    def __str__(self) -> str:
        return f"{self.location}: {self.sentence}" if self.location.file else self.sentence


def told(problems: Sequence[Problem]) -> list[str]:
    """Return the problems as sentences: options first, then down the file."""
    ordered = sorted(problems, key=lambda problem: (problem.location.line or 0, problem.location.column or 0))
    return [str(problem) for problem in ordered]


@dataclass(frozen=True)
class Context:
    """What the parsers of one source of settings share; ``folder`` is what its relative paths start from."""

    folder: Path
    known_checks: Collection[str] = ()
    fixed_checks: Collection[str] = ()
    """Those of the known checks that no setting turns off: they look at the run itself."""
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Trail:
    """Where a parser is: the keys that lead to its value, and what it shares with the others."""

    context: Context
    path: str = ""

    def below(self, key: str) -> Trail:
        """Return the trail of a key of this mapping."""
        return replace(self, path=f"{self.path}.{key}" if self.path else key)

    def at(self, index: int) -> Trail:
        """Return the trail of an element of this list; elements count from 0."""
        return replace(self, path=f"{self.path}[{index}]")

    def note(self, location: Location, sentence: str) -> None:
        """Add a problem."""
        self.context.problems.append(Problem(location, sentence))


Parser: TypeAlias = Callable[[Node, Trail], T]
"""Turns a node into a value; raises InvalidError, or ReportedError after noting the problems itself."""


def attempt(parser: Parser[T], node: Node, trail: Trail, otherwise: D) -> T | D:
    """Return what the parser makes of a node; note what it refuses and return ``otherwise``."""
    try:
        return parser(node, trail)
    except ReportedError:
        return otherwise
    except ContradictionError as error:
        trail.note(node.location, f"{trail.path}: {error}")
        return otherwise
    except InfragateError as error:
        trail.note(node.location, f"{trail.path or 'the file'} is {node.described()}: {error}")
        return otherwise
