"""Searches log lines for patterns of the user; runs as a program of its own, with nothing but the standard library.

A pattern can take exponential time, and while Python searches, no other thread runs: inside the gate it would stop the
whole run. Here a timer interrupts it. Input and output are JSON, one value in each line: first the patterns with
their budget, then the lines; only what is to be told comes back.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable

TICK_S = 0.02


class _TooSlowError(Exception):
    """A pattern has used up its time."""


class Search:
    """The patterns of one run. A line counts when a forbidden one matches, or it has a sign, and no allowed one does."""

    def __init__(
        self, forbid: Iterable[str], allow: Iterable[str], budget_s: float, tell: Callable[[object], None]
    ) -> None:
        self._forbid = [re.compile(pattern) for pattern in forbid]
        self._allow = [re.compile(pattern) for pattern in allow]
        self._budget_s = budget_s
        self._tell = tell
        self._searching: re.Pattern[str] | None = None
        self._spent: Counter[str] = Counter()

    def start_timer(self) -> None:
        """Charge the pattern that is being searched with every tick of our CPU time."""
        signal.signal(signal.SIGVTALRM, self._tick)
        signal.setitimer(signal.ITIMER_VIRTUAL, TICK_S, TICK_S)

    def answer(self, request: list[object]) -> None:
        """Judge one line, ``[text, has a sign, …]``, and send back what counts; ``[mark]`` comes back as it is."""
        if len(request) == 1:
            self._tell(request)
            return
        text, has_sign = str(request[0]), bool(request[1])
        forbidden = self._matches(self._forbid, text)
        if (forbidden or has_sign) and not self._matches(self._allow, text):
            self._tell([forbidden, *request])

    def _matches(self, patterns: list[re.Pattern[str]], text: str) -> bool:
        return any(self._found(pattern, text) for pattern in tuple(patterns))

    def _found(self, pattern: re.Pattern[str], text: str) -> bool:
        """Search one pattern; one that takes too long is given up, which is told, and matches nothing any more."""
        try:
            self._searching = pattern
            found = pattern.search(text) is not None
            self._searching = None
        except _TooSlowError:
            self._searching = None
            self._forbid = [one for one in self._forbid if one is not pattern]
            self._allow = [one for one in self._allow if one is not pattern]
            self._tell({"too slow": pattern.pattern})
            return False
        return found

    def _tick(self, _number: int, _frame: object) -> None:
        if self._searching is None:
            return
        self._spent[self._searching.pattern] += 1
        if self._spent[self._searching.pattern] * TICK_S >= self._budget_s:
            raise _TooSlowError


def _tell(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer until the input ends."""
    forbid, allow, budget_s = json.loads(sys.stdin.buffer.readline())
    search = Search(forbid, allow, budget_s, _tell)
    search.start_timer()
    for line in sys.stdin.buffer:
        search.answer(json.loads(line))


if __name__ == "__main__":
    main()
