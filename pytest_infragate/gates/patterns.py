"""Asks the program that searches the user's patterns, and hears what it found."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from ..companions import Companion
from ..settings import LogSettings
from ..stack.log_stream import LogLine
from . import pattern_program
from .log_signs import Weight

BUDGET_S = 5.0
"""CPU time that one pattern may take of the whole run, in seconds."""
_PATIENCE_S = 20.0
"""How long the answers may take when the run waits for them, beside the time that the patterns themselves may take."""

Hear = Callable[[str, LogLine, Weight, bool], None]
"""Gets container, line, weight and whether the line is forbidden, of each line that counts."""


class PatternSearch:
    """Searches the patterns of the settings in every line; the answers come in the order of the lines."""

    def __init__(self, settings: LogSettings, hear: Hear, budget_s: float = BUDGET_S) -> None:
        self._hear = hear
        self._budget_s = budget_s
        self._settled = threading.Condition()
        self._marks = 0
        self._seen_marks = 0
        self._too_slow: list[str] = []
        self._dead = False
        patterns = (settings.forbid or (), settings.allow)
        self._patience_s = _PATIENCE_S + budget_s * sum(map(len, patterns))
        self._program = Companion((sys.executable, "-I", str(Path(pattern_program.__file__))), self._answered)
        self._send((*patterns, budget_s))

    def ask(self, container_id: str, line: LogLine, weight: Weight) -> None:
        """Have one line searched."""
        self._send(
            (line.text, weight is not Weight.NONE, int(weight), container_id, line.stream, line.time_ns, line.size)
        )

    def settle(self) -> None:
        """Wait until every line asked so far was answered, or until that takes too long."""
        with self._settled:
            self._marks += 1
            mark = self._marks
        self._send((mark,))
        with self._settled:
            done = self._settled.wait_for(lambda: self._dead or self._seen_marks >= mark, self._patience_s)
        self._dead = self._dead or not done

    def close(self) -> None:
        """End the program."""
        self._program.close()

    @property
    def trouble(self) -> str:
        """Why not every line was searched for every pattern, in a sentence; empty when it was."""
        if self._too_slow:
            named = ", ".join(repr(pattern) for pattern in self._too_slow)
            return (
                f"the pattern {named} of the settings took more than {self._budget_s:g} s of CPU time and was given up; "
                "write it without nested repetition"
            )
        return (
            "the program that searches the patterns of logs.forbid and logs.allow did not answer" if self._dead else ""
        )

    def _send(self, value: object) -> None:
        if not self._program.send(json.dumps(value).encode()):
            with self._settled:
                self._dead = True
                self._settled.notify_all()

    def _answered(self, answer: bytes) -> None:
        told = json.loads(answer)
        if isinstance(told, dict):
            self._too_slow.append(told["too slow"])
        elif len(told) == 1:
            with self._settled:
                self._seen_marks = told[0]
                self._settled.notify_all()
        else:
            forbidden, text, _, weight, container_id, stream, time_ns, size = told
            self._hear(container_id, LogLine(stream, time_ns, text, size), Weight(weight), forbidden)
