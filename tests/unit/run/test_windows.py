from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_infragate import catalogue
from pytest_infragate.gates import performance
from pytest_infragate.gates.limit_plan import PlannedLimit
from pytest_infragate.gates.noise import LOOKS
from pytest_infragate.limits import parse_limit
from pytest_infragate.progress import Progress, Silent
from pytest_infragate.run import windows
from pytest_infragate.run.windows import Windows
from pytest_infragate.settings import PerformanceSettings, Settings


class Clock:
    """Time that passes only where it is waited for."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(windows, "time", made)
    monkeypatch.setattr(windows, "sleep", made.sleep)
    return made


def limited(limit: str) -> PlannedLimit:
    return PlannedLimit(catalogue.limit_kept("api", limit), "api", parse_limit(limit))


def measured_on(
    monkeypatch: pytest.MonkeyPatch,
    measure_on_s: float,
    undecided_looks: int,
    progress: Progress | None = None,
    limit: str = "pids: med < 9",
) -> int:
    """Measure on until the results are decided after some looks; return how many looks were taken."""
    taken: list[object] = []

    def undecided(*_: object) -> frozenset[str]:
        taken.append(None)
        return frozenset({"api pids: med < 9"} if len(taken) <= undecided_looks else ())

    monkeypatch.setattr(performance, "undecided", undecided)
    site: Any = SimpleNamespace(containers=lambda: ())
    measuring: Any = SimpleNamespace(measured=lambda _: None)
    chosen = Settings(root=".", performance=PerformanceSettings(measure_on_s=measure_on_s))
    Windows(site, chosen, (limited(limit),)).measure_undecided(measuring, progress or Silent())
    return len(taken)


@pytest.mark.parametrize(("undecided_looks", "looks", "seconds"), [(0, 1, 0), (3, 4, 18), (99, LOOKS, 60)])
def test_what_is_undecided_is_measured_for_longer_with_few_looks_and_not_without_end(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, undecided_looks: int, looks: int, seconds: float
) -> None:
    begun = clock.now
    assert measured_on(monkeypatch, 60, undecided_looks) == looks
    assert clock.now - begun == pytest.approx(seconds)


@pytest.mark.usefixtures("clock")
def test_what_is_no_metric_over_time_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured_on(monkeypatch, 60, 99, limit="restarts: max <= 0") == 0


def test_who_wants_no_longer_measuring_has_none(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    begun = clock.now
    assert measured_on(monkeypatch, 0, 99) == 0
    assert clock.now == begun


class Told(Silent):
    """Progress that counts the lines that stay."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.waits: list[str] = []

    def phase(self, text: str) -> None:
        self.phases.append(text)

    def waiting(self, text: str) -> None:
        self.waits.append(text)


def test_that_it_measures_on_has_one_line_however_often_it_looks(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    told = Told()
    assert measured_on(monkeypatch, 60, 99, told) == LOOKS
    assert told.phases == ["measuring on for up to 60 s: api pids: med < 9 within noise"]
    assert len(told.waits) == LOOKS - 1
    assert clock.now == 160
