"""The trend as a table of the summary."""

from __future__ import annotations

import pytest

from pytest_infragate.gates.trend import TrendRow
from pytest_infragate.reports.trend_table import sparkline, trend_table


def row(service: str, *values: float, moved: bool = False) -> TrendRow:
    points = tuple((f"run {number}", value) for number, value in enumerate(values))
    return TrendRow(service, "probe.latency", points, values[-1] / values[0] - 1, moved)


def test_what_has_moved_comes_first_then_what_has_changed_most() -> None:
    table = trend_table([row("calm", 0.1, 0.1), row("better", 0.1, 0.07), row("slow", 0.1, 0.1, 0.125, moved=True)])
    assert table[:4] == ["", "## Trend", "", "| service | metric | runs | before | now | |"]
    assert table[5:] == [
        "| slow | probe.latency | 3 | 100 ms | **125 ms (+25 %)** | ▇▇█ |",
        "| better | probe.latency | 2 | 100 ms | 70 ms (-30 %) | █▆ |",
        "| calm | probe.latency | 2 | 100 ms | 100 ms (+0 %) | ██ |",
    ]


def test_without_earlier_runs_there_is_no_table_and_a_long_one_is_cut() -> None:
    assert trend_table([]) == []
    table = trend_table([row(f"s{number}", 0.1, 0.1) for number in range(25)])
    assert table[-1] == "… and 5 more in `verdict.json`"
    assert sum(line.startswith("| s") for line in table) == 21


@pytest.mark.parametrize(("values", "bars"), [([0.0, 0.0], "▁▁"), ([1.0, 2.0, 4.0], "▃▅█"), ([8.0], "█")])
def test_bars_begin_at_nothing(values: list[float], bars: str) -> None:
    assert sparkline(values) == bars
