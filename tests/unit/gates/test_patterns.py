"""The program that searches the user's patterns: what it finds, and that no pattern holds it up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pytest_infragate.gates.log_signs import Weight
from pytest_infragate.gates.patterns import PatternSearch
from pytest_infragate.settings import LogSettings
from pytest_infragate.stack.log_stream import LogLine

EXPONENTIAL = "^(a+)+$"
VICTIM = "a" * 80 + "b"
MOMENT_S = 0.1


@contextlib.contextmanager
def search(settings: LogSettings, heard: list[tuple[str, bool]]) -> Iterator[PatternSearch]:
    def hear(_container: str, line: LogLine, _weight: Weight, forbidden: bool) -> None:
        heard.append((line.text, forbidden))

    searching = PatternSearch(settings, hear, budget_s=MOMENT_S)
    with contextlib.closing(searching):
        yield searching


def found(settings: LogSettings, *lines: tuple[str, Weight]) -> tuple[list[tuple[str, bool]], str]:
    """Return the lines that count, with whether they are forbidden, and what went wrong."""
    heard: list[tuple[str, bool]] = []
    with search(settings, heard) as searching:
        for number, (text, weight) in enumerate(lines):
            searching.ask("db", LogLine(1, number, text, len(text)), weight)
        searching.settle()
        return heard, searching.trouble


def test_a_line_counts_when_it_is_forbidden_or_has_a_sign_and_is_not_allowed() -> None:
    settings = LogSettings(forbid=("bad", "worse"), allow=("fine$",))
    heard, trouble = found(
        settings,
        ("bad\n\x1b é", Weight.NONE),
        ("good", Weight.NONE),
        ("not forbidden", Weight.SUSPICIOUS),
        ("bad but fine", Weight.NONE),
        ("fine", Weight.FATAL),
        ("worse", Weight.FATAL),
    )
    assert heard == [("bad\n\x1b é", True), ("not forbidden", False), ("worse", True)]
    assert trouble == ""


def test_a_pattern_of_exponential_time_is_given_up_and_named_and_the_others_go_on() -> None:
    heard, trouble = found(LogSettings(forbid=(EXPONENTIAL, "bad")), (VICTIM, Weight.NONE), ("bad", Weight.NONE))
    assert heard == [("bad", True)]
    assert f"{EXPONENTIAL!r} of the settings took more than {MOMENT_S} s of CPU time" in trouble


def test_an_allowed_pattern_of_exponential_time_allows_nothing() -> None:
    heard, trouble = found(LogSettings(allow=(EXPONENTIAL,)), (VICTIM, Weight.SUSPICIOUS))
    assert heard == [(VICTIM, False)]
    assert EXPONENTIAL in trouble


def test_a_program_that_has_ended_is_missed() -> None:
    with search(LogSettings(forbid=("bad",)), []) as searching:
        searching.close()
        searching.ask("db", LogLine(1, 0, "bad", 3), Weight.NONE)
        searching.settle()
        assert "did not answer" in searching.trouble
