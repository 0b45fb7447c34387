"""Forbidden log lines: patterns, the allow list, and what is told."""

from __future__ import annotations

import pytest

from pytest_infragate import catalogue
from pytest_infragate.gates.logs import SHOWN, LogLine, forbidden, judge, plan, split
from pytest_infragate.results import Outcome
from pytest_infragate.settings import LogSettings
from tests.unit.stacks import project

CHECK = catalogue.log_clean("db")
SETTINGS = LogSettings(forbid=("panic:", "FATAL"), allow=("FATAL: .* is starting up",))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("panic: out of ideas", True),
        ("2027-01-01 FATAL: no such role", True),
        ("FATAL: the database system is starting up", False),
        ("panicking is not panic", False),
        ("", False),
    ],
)
def test_a_line_counts_when_a_pattern_forbids_it_and_none_allows_it(text: str, found: bool) -> None:
    assert bool(list(forbidden([LogLine("t", text)], SETTINGS))) == found


def test_a_line_is_split_from_its_time() -> None:
    assert split("2027-01-01T00:00:00.5Z a b  c") == LogLine("2027-01-01T00:00:00.5Z", "a b  c")


def test_without_forbidden_patterns_nothing_is_planned() -> None:
    stack = project({"db": {"image": "x"}, "api": {"image": "x"}})
    assert plan(stack, LogSettings()) == ()
    assert plan(stack, LogSettings(forbid=())) == ()
    assert {check.subject for check in plan(stack, SETTINGS)} == {"api", "db"}


def test_the_first_lines_are_told_with_their_times_and_all_are_counted() -> None:
    result = judge(CHECK, (LogLine(f"t{number}", f"panic: {number}") for number in range(SHOWN + 3)))
    assert result.outcome is Outcome.FAILED
    assert result.message.startswith(f"db wrote what logs.forbid names ({SHOWN + 3} lines, the first): t0 panic: 0\n")
    assert result.evidence["count"] == SHOWN + 3
    assert len(result.message.splitlines()) == SHOWN


def test_a_clean_log_passes() -> None:
    assert judge(CHECK, []).outcome is Outcome.PASSED
