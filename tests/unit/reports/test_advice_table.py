from __future__ import annotations

from pytest_infragate.advice.hint import Hint
from pytest_infragate.reports.advice_table import TITLE, lines

TIGHT = Hint("memory-limit-tight", "api", "memory limit 44 MiB is tight", "mem_limit: 60m", "12 samples")
SHARED = Hint("processors-shared", "*", "a and b compete", "set cpus", "12 s")
FEW = Hint("too-few-samples", "*", "too few samples", "measure longer", "10 are needed")


def missing(name: str) -> Hint:
    return Hint("memory-limit-missing", name, "has none", "deploy.resources.limits.memory: 96m", "12 samples")


def test_nothing_to_say_takes_no_line() -> None:
    assert list(lines([], 100)) == []
    assert list(lines([FEW], 100)) == []


def test_rows_are_in_columns_and_missing_limits_share_one() -> None:
    assert list(lines([TIGHT, SHARED, missing("db"), missing("web"), FEW], 100)) == [
        TITLE,
        "  api    memory limit 44 MiB is tight → mem_limit: 60m",
        "  stack  a and b compete → set cpus",
        "  Without a memory limit, and what would do: db 96m, web 96m",
    ]


def test_with_v_every_row_tells_what_it_rests_on() -> None:
    assert list(lines([TIGHT, FEW], 200, everything=True)) == [
        TITLE,
        "  api    memory limit 44 MiB is tight → mem_limit: 60m (12 samples)",
        "  stack  too few samples → measure longer (10 are needed)",
    ]


def test_long_rows_are_wrapped_below_their_text() -> None:
    _, *rows = lines([TIGHT], 30)
    assert rows == ["  api  memory limit 44 MiB is tight →", "       mem_limit: 60m"]


def test_many_rows_are_cut() -> None:
    *_, last = lines([TIGHT] * 9, 100)
    assert last == "  … and 3 more in verdict.json (--infragate-report DIR)"
    *_, last = lines([missing(f"s{at}") for at in range(10)], 300)
    assert last.endswith("s7 96m, … 2 more")
