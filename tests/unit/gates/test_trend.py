"""How metrics went over the last runs: which runs count, what has moved, and that a damaged memory is none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_infragate.gates.trend import LAST_RUNS, TrendRow, line, recalled, remembered, rows
from pytest_infragate.past_runs import BaselineSettings, Distribution, MetricKey, PastRun

LATENCY: MetricKey = ("web", "probe.latency")
NOW = "2026-11-30T12:00:00Z"


def steady(value: float) -> Distribution:
    return Distribution(10, 10, (value,) * 5)


def earlier(*values: float) -> tuple[tuple[str, Mapping[MetricKey, float]], ...]:
    return tuple((f"2026-11-{day:02}T12:00:00Z", {LATENCY: value}) for day, value in enumerate(values, 1))


def row(now: float, *before: float) -> TrendRow:
    (found,) = rows({LATENCY: steady(now)}, NOW, {}, earlier(*before), BaselineSettings())
    return found


def test_recorded_runs_and_those_of_this_checkout_count_once_in_their_order() -> None:
    recorded = {LATENCY: (PastRun("2026-11-01T12:00:00Z", steady(0.1)), PastRun("2026-10-01T12:00:00Z", steady(0.3)))}
    own = (*earlier(0.1, 0.2), (NOW, {LATENCY: 9.0}))
    (found,) = rows({LATENCY: steady(0.15), ("web", "startup"): steady(1)}, NOW, recorded, own, BaselineSettings())
    assert [value for _, value in found.points] == [0.3, 0.1, 0.2, 0.15]
    assert (found.now, found.before) == (0.15, 0.2)
    assert len(row(1.0, *(1.0,) * 25).points) == LAST_RUNS


@pytest.mark.parametrize(
    ("now", "before", "moved"),
    [
        (0.1, (0.1,), False),
        (0.11, (0.1,) * 9, False),
        (0.2, (0.1,) * 5, True),
        (0.05, (0.1,) * 5, True),
        (0.2, (0.1, 0.3, 0.05, 0.2), False),
        (0.002, (0.001,) * 5, False),
    ],
)
def test_what_matters_and_is_no_chance_has_moved(now: float, before: tuple[float, ...], moved: bool) -> None:
    assert row(now, *before).moved is moved


def test_what_has_moved_is_told_in_one_line() -> None:
    assert line([]) == ""
    assert line([row(0.2, 0.1)]) == "Moved against the last run: web probe.latency 100 ms → 200 ms."
    told = line([row(0.2, 0.1, 0.1, 0.1)] * 5)
    assert told.startswith("Moved against the last 3 runs: web probe.latency 100 ms → 200 ms; ")
    assert told.endswith("; and 2 more.")


def test_a_row_knows_the_shape_of_the_report() -> None:
    assert row(0.2, 0.1).to_dict() == {
        "service": "web",
        "metric": "probe.latency",
        "unit": "seconds",
        "runs": [{"run": "2026-11-01T12:00:00Z", "median": 0.1}, {"run": NOW, "median": 0.2}],
        "moved": True,
    }


def test_the_last_runs_are_remembered() -> None:
    kept = remembered(earlier(*(0.1,) * 12), {LATENCY: steady(0.2), ("db", "startup"): steady(2.0)}, NOW)
    found = recalled(kept)
    assert len(found) == LAST_RUNS
    assert found[-1] == (NOW, {("db", "startup"): 2.0, LATENCY: 0.2})
    assert found[0][0] == "2026-11-04T12:00:00Z"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"format": 2, "runs": []},
        {"format": 1, "runs": 7},
        {"format": 1, "runs": [5, {"run": 1}, {"run": "x"}]},
    ],
)
def test_a_memory_that_is_damaged_is_none(value: object) -> None:
    assert recalled(value) == ()


def test_of_a_memory_only_what_makes_sense_is_taken() -> None:
    metrics = {"web probe.latency": 1, "web nothing": 1.0, "web startup": "x", "web memory.bytes": -1}
    assert recalled({"format": 1, "runs": [{"run": NOW, "metrics": metrics}]}) == ((NOW, {LATENCY: 1.0}),)
