"""What a rule proposes: edits of texts, and what they are meant to change in the resolved model."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import InfragateError
from ..results import Json, Location

KeyPath = tuple["str | int", ...]


class CannotEditError(InfragateError):
    """The text is laid out so that an edit is not certain; the message says why, without a capital and full stop."""


@dataclass(frozen=True, order=True)
class Edit:
    """In one file the text from ``start`` to ``end`` (exclusive) becomes another."""

    path: Path
    start: int
    end: int
    text: str

    def meets(self, other: Edit) -> bool:
        """Whether the two, of one file, cannot both be made."""
        return self.start == other.start or (self.start < other.end and other.start < self.end)


@dataclass(frozen=True)
class Change:
    """In the resolved model the value at ``path`` becomes another where it is ``before``; ``None``: absent."""

    path: KeyPath
    before: Json
    after: Json


@dataclass(frozen=True)
class Candidate:
    """One fix before it is proven; ``description`` says what it does: "removes the obsolete `version`"."""

    check: str
    """Id of the check whose finding it puts right."""
    location: Location
    description: str
    edits: tuple[Edit, ...]
    changes: tuple[Change, ...] = ()
    behaviour: str = ""
    """What the stack will do otherwise; empty: nothing."""
    covers: tuple[Location, ...] = ()
    """Where that check finds something, where this is not ``location``."""
    shared: bool = False
    """Whether it would change text that an alias repeats elsewhere."""


@dataclass(frozen=True)
class Refusal:
    """A fix that is not made, and why."""

    location: Location
    description: str
    reason: str


class Taken:
    """The places of edits that do not meet; looked up without comparing each with each."""

    def __init__(self) -> None:
        self._edits: dict[Path, list[Edit]] = {}

    def meets(self, edit: Edit) -> bool:
        """Whether an edit cannot be made beside those that were added."""
        edits = self._edits.get(edit.path, [])
        index = bisect.bisect(edits, edit)
        return any(edit.meets(other) for other in edits[max(0, index - 1) : index + 1])

    def add(self, edits: Iterable[Edit]) -> None:
        """Add edits that meet none of them."""
        for edit in edits:
            bisect.insort(self._edits.setdefault(edit.path, []), edit)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits made, none of which meet."""
    parts, position = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join((*parts, text[position:]))


class Origins:
    """Where the characters of an edited text stood before the edits of one file."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._edits = sorted(edits, key=lambda edit: edit.start)
        self._moved = [0]
        """How far each edit, and the rest of the text, was moved by those before it."""
        for edit in self._edits:
            self._moved.append(self._moved[-1] + len(edit.text) - (edit.end - edit.start))
        self._ends = [edit.end + moved for edit, moved in zip(self._edits, self._moved[1:], strict=True)]
        """Where the text of each edit ends in the edited text."""

    def of(self, offset: int) -> int:
        """Return where the character at ``offset`` of the edited text stood."""
        index = bisect.bisect_right(self._ends, offset)
        before = offset - self._moved[index]
        inside = index < len(self._edits) and self._edits[index].start <= before
        return min(before, self._edits[index].end) if inside else before


def origins(candidates: Iterable[Candidate]) -> dict[Path, Origins]:
    """Return by file where characters stood before the edits of some candidates."""
    edits: dict[Path, list[Edit]] = {}
    for candidate in candidates:
        for edit in candidate.edits:
            edits.setdefault(edit.path, []).append(edit)
    return {path: Origins(own) for path, own in edits.items()}
