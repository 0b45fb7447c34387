"""Keeps the answer of a static run, and finds it again where nothing that it depends on has changed.

An answer holds results and no verdict: that is decided anew from them. It is given until the first waiver in it expires.
What could not be evaluated, or depends on something that nobody can look at again, is not kept.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from .. import sightings
from ..results import Json, Outcome
from . import dependence, records
from .recollection import Memory
from .records import Answer

if TYPE_CHECKING:
    from ..settings import Waiver

_SHAPE = 4
_SEALED = ("made", "through", "answer", "aside")
"""What of an entry its digest covers, beside what the answer depends on: when it was made, until when it holds, what it says."""
_ASIDE = "-information"
"""How the name ends under which the findings for information are kept."""


@dataclass(frozen=True)
class Kept:
    """An answer and when it was found."""

    answer: Answer
    made: datetime.datetime


class Answers:
    """The answers to one question: what was asked of which project. ``environ`` is the whole environment."""

    def __init__(self, memory: Memory, question: Json, environ: Mapping[str, str]) -> None:
        self._memory = memory
        self._question = question
        self._environ = environ
        self._surroundings = dependence.surroundings(environ)
        self._noted = sightings.Sightings()
        self._key = f"static-{hashlib.sha256(json.dumps(question).encode()).hexdigest()[:16]}"

    def find(self, now: datetime.datetime, *, whole: bool = True) -> Kept | None:
        """Return the answer of an earlier run, ``None`` where there is none that still holds.

        Unless it is to be ``whole``, findings for information are not read, which takes long where there are many.
        """
        entry = self._memory.load(self._key)
        if not isinstance(entry, dict) or entry.get("shape") != _SHAPE:
            return None
        try:
            made = datetime.datetime.fromisoformat(entry["made"])
            holds = made <= now and (entry["through"] is None or now.date().isoformat() <= entry["through"])
            if not holds or entry["digest"] != self._digest_now(entry):
                return None
            return Kept(records.read(entry["answer"], self._aside(entry) if whole else None), made)
        except (KeyError, TypeError, ValueError):
            # What another version or another program has written there is no answer of ours.
            return None

    def _aside(self, entry: dict[str, Json]) -> str:
        """Return the findings for information that belong to an entry. Raises ``ValueError`` where they are not kept."""
        aside = self._memory.load(f"{self._key}{_ASIDE}")
        if not isinstance(aside, str) or _sha256(aside) != entry["aside"]:
            raise ValueError("another answer's findings")
        return aside

    def noting(self) -> AbstractContextManager[None]:
        """Take note of what the answer depends on, while it is being found."""
        return sightings.noting(self._noted)

    def keep(self, answer: Answer, waivers: Iterable[Waiver], now: datetime.datetime) -> None:
        """Keep an answer for later runs, where it can be known whether it still holds."""
        if not self._can_be_kept(answer):
            return
        written = records.write(answer)
        words = sorted(word.decode() for word in self._noted.words)
        seen = sorted(self._noted.seen)
        states = [(path, what, self._noted.seen[path, what]) for path, what in seen]
        days = [waiver.expires for waiver in waivers if waiver.expires >= now.date()]
        sealed: dict[str, Json] = {
            "made": now.isoformat(),
            "through": min(days).isoformat() if days else None,
            "answer": written.told,
            "aside": _sha256(written.aside),
        }
        entry: dict[str, Json] = {
            "shape": _SHAPE,
            "seen": [[path, what] for path, what in seen],
            "words": " ".join(words),
            **sealed,
            "digest": self._digest(states, words, [sealed[part] for part in _SEALED]),
        }
        self._memory.save(f"{self._key}{_ASIDE}", written.aside)
        self._memory.save(self._key, entry)

    def _can_be_kept(self, answer: Answer) -> bool:
        evaluated = all(result.outcome in (Outcome.PASSED, Outcome.FAILED) for result in answer.results)
        known = all(
            any(argv[: len(program)] == program for program in dependence.PROGRAMS) for argv in self._noted.programs
        )
        return evaluated and known and not self._noted.unknown

    def _digest_now(self, entry: dict[str, Json]) -> str:
        states = dependence.states_now((path, what) for path, what in cast("list[list[str]]", entry["seen"]))
        words = cast("str", entry["words"]).split()
        return self._digest(states, words, [entry[part] for part in _SEALED])

    def _digest(self, states: dependence.States, words: Iterable[str], answer: Json) -> str:
        variables = dependence.variables(frozenset(words), self._environ)
        return dependence.digest(self._question, self._surroundings, states, variables, answer)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
