"""The terminal: progress while the stack starts, and the verdict at the end."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from . import screen
from .reports import advice_table, listing
from .reports.listing import Quote, nothing
from .results import WHOLE_STACK, Finding, Severity

if TYPE_CHECKING:
    from .advice.hint import Hint
    from .plan import Plan
    from .reports.problems import Problem
    from .verdict import Verdict

_COLORS = {"passed": "green", "not-applicable": "yellow", "failed": "red", "error": "red", "not-run": "yellow"}
_MOST_STEPS = 8
_MOST_WARNINGS = 10
"""So many are told of a good run without ``-v``."""
_LONGEST_REASON = 160
_LONGEST_WAIT = 300
_UNWRITTEN = "with --infragate-report DIR in DIR"
SILENT_S = 10.0
"""After how long in one phase a CI log is told that the run is still waiting, and for what."""


class _Writer(Protocol):
    """What is used of pytest's terminal writer."""

    @property
    def width_of_current_line(self) -> int: ...

    def line(self) -> None: ...


class TerminalProgress:
    """Writes one line for each phase, with ``-v`` for each change of state; on a terminal, a last line is rewritten."""

    def __init__(self, reporter: pytest.TerminalReporter, writer: _Writer) -> None:
        self._reporter = reporter
        self._writer = writer
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._written = self._begun
        self._live = _is_terminal(reporter)
        self._verbose = reporter.verbosity > 0
        self._width = 0

    def phase(self, text: str) -> None:
        """Write the phase that begins."""
        self._line(text)

    def change(self, subject: str, text: str) -> None:
        """Write what became of a service, with ``-v``; what failed in the end is told with its cause anyway."""
        if self._verbose:
            self._line(f"  {text}" if subject == WHOLE_STACK else f"  {subject}: {text}")

    def waiting(self, text: str) -> None:
        """Rewrite the last line on a terminal; write a line into a CI log when it was silent for long."""
        if not self._live:
            if time.monotonic() - self._written > SILENT_S:
                self._line(f"  still: {text}"[:_LONGEST_WAIT])
            return
        with self._lock:
            shown = f"  … {text}"[: max(shutil.get_terminal_size().columns - 1, 20)]
            self._reporter.rewrite(shown.ljust(self._width))
            self._width = len(shown)

    def _line(self, text: str) -> None:
        with self._lock:
            self._wipe()
            self._written = time.monotonic()
            self._reporter.write_line(f"[infragate {time.monotonic() - self._begun:6.1f} s] {text}")

    def _wipe(self) -> None:
        if self._width:
            self._reporter.rewrite(" " * self._width)
            self._reporter.rewrite("")
            self._width = 0
        elif self._writer.width_of_current_line:
            # The reporter itself does not know of the dots that xdist writes.
            self._writer.line()


def _is_terminal(reporter: pytest.TerminalReporter) -> bool:
    """Return whether a person may be looking; ``isatty`` is an attribute in older releases of pytest, a method in newer."""
    isatty: object = reporter.isatty
    return bool(isatty() if callable(isatty) else isatty)


def write_plan(reporter: pytest.TerminalReporter, plan: Plan) -> None:
    """List the planned checks, as ``--collect-only`` lists tests."""
    reporter.ensure_newline()
    for check in plan.checks:
        reporter.write_line(f"<InfragateCheck {check.id} {check.condition.value}::{check.title}>")
    for condition, reason in plan.not_applicable.items():
        reporter.write_line(f"<InfragateCondition {condition.value} not applicable: {reason}>")


@dataclass(frozen=True)
class Ending:
    """What the end of a run has to tell.

    ``lost_tests``: how many tests were not run because the gate was closed, ``None`` when the suite ran; ``report``: the folder
    of the reports; ``quote`` quotes the files of the project.
    """

    verdict: Verdict
    problems: Sequence[Problem]
    lost_tests: int | None
    notes: Sequence[str] = ()
    report: str | None = None
    quote: Quote = nothing
    unread: int = 0
    """How many findings for information there are that nobody has asked for, beside those of the verdict."""
    advice: Sequence[Hint] = ()
    """What could be better about the stack; it closes nothing."""


def shows_everything(config: pytest.Config) -> bool:
    """Whether findings for information are shown one by one."""
    return bool(config.option.verbose > 1)


def write_verdict(reporter: pytest.TerminalReporter, ending: Ending) -> None:
    """Write the section with the conditions, what is in the way and what to do about it."""
    verdict = ending.verdict
    reporter.write_sep("=", f"infragate: {verdict.word}", **{"green" if verdict.complete else "red": True})
    if verdict.complete or reporter.verbosity > 0:
        _write_all(reporter, ending)
        _write_advice(reporter, ending.advice)
    else:
        _write_screen(reporter, ending)
    for note in ending.notes:
        reporter.write_line(note)


def _write_advice(reporter: pytest.TerminalReporter, hints: Sequence[Hint]) -> None:
    """Write what could be better; who wants a quiet run, or to know why one is incomplete, is not bothered with it."""
    if reporter.verbosity >= 0:
        width, everything = shutil.get_terminal_size().columns, reporter.verbosity > 0
        for line in advice_table.lines(hints, width, everything=everything):
            reporter.write_line(line)


def is_read_by_github(environ: Mapping[str, str]) -> bool:
    """Whether the process runs as a step of GitHub Actions."""
    return environ.get("GITHUB_ACTIONS") == "true"


def write_annotations(
    reporter: pytest.TerminalReporter, verdict: Verdict, root: str, environ: Mapping[str, str]
) -> None:
    """Write what makes GitHub show the verdict beside the files below ``root``, where it reads the output."""
    if is_read_by_github(environ):
        from .reports import github
        from .reports.paths import paths_of

        for line in github.lines(verdict, paths_of(Path(root))):
            reporter.write_line(line)


def _write_screen(reporter: pytest.TerminalReporter, ending: Ending) -> None:
    amount = screen.Amount.BRIEF if reporter.verbosity < 0 else screen.Amount.SCREEN
    width = shutil.get_terminal_size().columns
    _write_lines(
        reporter, screen.lines(ending.verdict, ending.problems, ending.lost_tests, amount, width, ending.quote)
    )
    if screen.is_cut(ending.problems, amount):
        folder = f"in {ending.report}" if ending.report else _UNWRITTEN
        reporter.write_line(f"More of each: with -v, and {folder}/evidence/SERVICE-N.*")


def _write_lines(reporter: pytest.TerminalReporter, lines: Iterable[tuple[str, str]]) -> None:
    for line, color in lines:
        reporter.write_line(line, **({color: True} if color else {}))


def _write_all(reporter: pytest.TerminalReporter, ending: Ending) -> None:
    _write_conditions(reporter, ending.verdict)
    _write_lines(reporter, listed(ending.verdict.findings, reporter.verbosity, ending.quote, ending.unread))
    if ending.lost_tests:
        count = "1 test was" if ending.lost_tests == 1 else f"{ending.lost_tests} tests were"
        reporter.write_line(f"The gate was closed before the first test: {count} not run.", red=True)
    if ending.problems:
        reporter.write_line("What to do, root causes first:")
    for number, problem in enumerate(ending.problems[:_MOST_STEPS], 1):
        reporter.write_line(f"  {number}. {problem.step}")
    if len(ending.problems) > _MOST_STEPS:
        reporter.write_line(
            f"  … and {len(ending.problems) - _MOST_STEPS} more in verdict.json (--infragate-report DIR)"
        )


def _write_conditions(reporter: pytest.TerminalReporter, verdict: Verdict) -> None:
    for condition, judged in verdict.conditions.items():
        color = _COLORS[judged.outcome.value]
        checks = f"{judged.checks} check{'s' if judged.checks != 1 else ''}"
        reporter.write(f"{condition.value:<14}")
        reporter.write(f"{judged.outcome.value:<16}", **{color: True})
        reporter.write_line(checks if judged.proven and not judged.reasons else _reasons(checks, judged.reasons))


def _reasons(checks: str, reasons: Sequence[str]) -> str:
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return f"{checks}; {_short(reasons[0])}{more}" if reasons else checks


def _short(text: str) -> str:
    """Return the beginning of a text that is told in full elsewhere."""
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]} …"


def listed(findings: Sequence[Finding], verbosity: int, quote: Quote, unread: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the findings with their colours: with ``-v`` all but those for information, with ``-vv`` these too.

    Without ``-v``, which is a good run, the first warnings in one line each.
    """
    least = [severity for severity in Severity if verbosity > 1 or severity is not Severity.INFO]
    shown = [finding for finding in findings if finding.waived or finding.severity in least]
    if verbosity > 0:
        yield from listing.lines(shown, quote, shutil.get_terminal_size().columns)
    else:
        ordered = [finding for own in listing.by_file(shown).values() for finding in own]
        yield from map(listing.head, ordered[:_MOST_WARNINGS])
        if len(ordered) > _MOST_WARNINGS:
            yield f"… and {len(ordered) - _MOST_WARNINGS} more: shown with -v and in verdict.json", "yellow"
    if left := len(findings) - len(shown) + unread:
        yield f"{left} for information: shown with -vv and in verdict.json", ""
