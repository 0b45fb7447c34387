"""Which tests ran at a moment: heard test by test, asked when something happened to the stack; pure."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

from .results import Json

KEPT_TESTS = 50_000
"""How many ended tests are remembered at least; twice as many at most."""
RELAYED_S = 0.1
"""How late the controller of xdist may hear of what a worker did."""
_NAMED = 3
_LISTED = 20
_WIDTH = 160


@dataclass(frozen=True)
class Ran:
    """What the suite was doing at a moment; ``certain`` ran then, ``possible`` as far as the clocks can tell."""

    certain: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    otherwise: str = ""
    """Where the moment lies when no test ran: ``between tests``."""

    def __str__(self) -> str:
        """Return words that follow a sentence: ``while a.py::test_x ran``; empty when nothing is known."""
        if not self.certain:
            return f"about when {_names(self.possible, 'or')} ran" if self.possible else self.otherwise
        perhaps = f", perhaps {_names(self.possible, 'or')} too" if self.possible else ""
        return f"while {_names(self.certain, 'and')} ran{perhaps}"

    def to_dict(self) -> dict[str, Json]:
        """Return it for the report; of very many tests that ran at once, the first ones."""
        tests = (*self.certain, *self.possible)[:_LISTED]
        return {"when": str(self), "tests": list(tests)}


class _Span(NamedTuple):
    begin: float
    end: float
    test: str


class Timeline:
    """Remembers when tests began and ended, set-up and teardown included, in seconds since 1970 by our own clock.

    ``late_s``: how much later than it happened a begin or an end may be heard.
    """

    def __init__(self, late_s: float = 0.0) -> None:
        self.late_s = late_s
        self._running: dict[str, list[float]] = {}
        self._ended: list[_Span] = []
        self._longest = 0.0
        self._first: float | None = None
        self._forgotten_until: float | None = None

    def began(self, test: str, at: float) -> None:
        """Hear that a test begins; the same one may run several times at once."""
        self._first = at if self._first is None else self._first
        self._running.setdefault(test, []).append(at)

    def ended(self, test: str, at: float) -> None:
        """Hear that a test is over; of one that never began nothing is known."""
        begins = self._running.get(test)
        if not begins:
            return
        begin = begins.pop(0)
        if not begins:
            del self._running[test]
        self._longest = max(self._longest, at - begin)
        self._ended.append(_Span(begin, at, test))
        if len(self._ended) > 2 * KEPT_TESTS:
            self._forgotten_until = self._ended[KEPT_TESTS - 1].end
            del self._ended[:KEPT_TESTS]

    def at(self, earliest: float, latest: float) -> Ran:
        """Return what ran at a moment that lies between two times."""
        latest += self.late_s
        near = [span for span in self._near(earliest, latest) if span.begin <= latest and span.end >= earliest]
        certain = dict.fromkeys(span.test for span in near if span.begin <= earliest and span.end >= latest)
        possible = dict.fromkeys(span.test for span in near if span.test not in certain)
        return Ran(tuple(certain), tuple(possible), "" if near else self._otherwise(earliest, latest))

    def _near(self, earliest: float, latest: float) -> list[_Span]:
        """Return the tests that may have run in a time; the ended ones are in the order of their ends."""
        first = bisect_left(self._ended, earliest, key=lambda span: span.end)
        past = bisect_left(self._ended, latest + self._longest, lo=first, key=lambda span: span.end)
        running = [_Span(begin, float("inf"), test) for test, begins in self._running.items() for begin in begins]
        return [*self._ended[first : past + 1], *running]

    def _otherwise(self, earliest: float, latest: float) -> str:
        if self._first is None or latest < self._first:
            return "before the first test"
        if self._forgotten_until is not None and earliest <= self._forgotten_until:
            return "while a test ran that is no longer remembered"
        goes_on = bool(self._running) or self._ended[-1].begin > latest
        return "between tests" if goes_on else "after the last test"


def _names(tests: tuple[str, ...], word: str) -> str:
    """Return the first names, cut where they are very long, and how many more there are."""
    names = [name if len(name) <= _WIDTH else f"{name[:_WIDTH]}…" for name in tests[:_NAMED]]
    if len(tests) > _NAMED:
        names.append(f"{len(tests) - _NAMED} more")
    return f" {word} ".join(filter(None, (", ".join(names[:-1]), names[-1])))
