"""How often equal runs are told apart, and how often slower ones are found: simulations, and the effects of each rule."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from pytest_infragate.gates.distributions import distribution
from pytest_infragate.gates.regression import MEDIAN, TAIL, Comparison, compare
from pytest_infragate.gates.significance import holm
from pytest_infragate.past_runs import DEFAULT_SHIFT, DEFAULT_SIGNIFICANCE, Distribution

TYPICAL_S = 0.1
FLOOR_S = 0.005
TRIALS = 1000
"""Comparisons of each simulation."""


def run(chance: random.Random, factor: float = 1.0, noise: float = 0.1, samples: int = 10) -> Distribution:
    """Return one run: its level differs from that of other runs, and its samples follow each other."""
    level = TYPICAL_S * factor * math.exp(chance.gauss(0, noise))
    values, last = [], 0.0
    for _ in range(samples):
        last = 0.7 * last + chance.gauss(0, 0.035)
        values.append(level * math.exp(last))
    return distribution(values)


def alarms(
    *, recorded: int, metrics: int, factor: float = 1.0, noise: float = 0.1, samples: int = 10, trials: int = TRIALS
) -> float:
    """Return the share of runs that are failed; the first of their metrics is slower by ``factor``."""
    chance = random.Random(1)  # noqa: S311  (a simulation, the same each time)
    failed, runs = 0, trials // metrics
    for _ in range(runs):
        found = []
        for metric in range(metrics):
            past = [run(chance, noise=noise, samples=samples) for _ in range(recorded)]
            now = run(chance, factor if metric == 0 else 1.0, noise, samples)
            found.append(compare(now, past, FLOOR_S))
        failed += _fails(found)
    return failed / runs


def _fails(found: Sequence[Comparison]) -> bool:
    adjusted = holm([one.probability for one in found])
    return any(p <= DEFAULT_SIGNIFICANCE and one.shift >= DEFAULT_SHIFT for one, p in zip(found, adjusted, strict=True))


@pytest.mark.parametrize("recorded", [1, 2, 5, 10])
@pytest.mark.parametrize("metrics", [1, 10])
def test_equal_runs_are_hardly_ever_told_apart(recorded: int, metrics: int) -> None:
    assert alarms(recorded=recorded, metrics=metrics) <= DEFAULT_SIGNIFICANCE


@pytest.mark.parametrize(
    ("recorded", "metrics", "factor", "noise", "at_least"),
    [
        (1, 1, 2.0, 0.1, 0.9),
        (5, 1, 1.5, 0.1, 0.8),
        (10, 1, 1.5, 0.1, 0.9),
        (5, 1, 1.5, 0.05, 0.95),
        (5, 10, 1.5, 0.05, 0.6),
        (5, 10, 2.0, 0.1, 0.95),
        (10, 10, 1.5, 0.05, 0.9),
    ],
)
def test_a_slower_service_is_found(recorded: int, metrics: int, factor: float, noise: float, at_least: float) -> None:
    assert alarms(recorded=recorded, metrics=metrics, factor=factor, noise=noise) >= at_least


def test_with_few_samples_that_lie_far_apart_nothing_is_certain() -> None:
    narrow, wide = steady(0.1), Distribution(10, 5, (0.02, 0.05, 0.1, 0.3, 0.5))
    slow = Distribution(10, 5, (0.04, 0.1, 0.2, 0.6, 1.0))
    assert compare(steady(0.2), [narrow], FLOOR_S).probability < DEFAULT_SIGNIFICANCE
    assert compare(slow, [wide], FLOOR_S).probability > 5 * DEFAULT_SIGNIFICANCE


def test_more_recorded_runs_make_it_more_certain() -> None:
    certainties = [compare(steady(0.14), [steady(0.1)] * runs, FLOOR_S).probability for runs in (1, 2, 5, 10)]
    assert certainties == sorted(certainties, reverse=True)


def test_runs_that_lie_far_apart_make_it_less_certain() -> None:
    close, apart = ([steady(0.1 * factor) for factor in factors] for factors in ((0.99, 1, 1.01), (0.7, 1, 1.4)))
    assert compare(steady(0.2), close, FLOOR_S).probability < compare(steady(0.2), apart, FLOOR_S).probability / 10


def test_what_lies_below_the_floor_is_nothing() -> None:
    tiny = compare(steady(0.0004), [steady(0.0001)] * 5, FLOOR_S)
    assert tiny.shift == pytest.approx(3)
    assert tiny.probability > 0.2
    nothing = compare(steady(0.0), [steady(0.0)] * 3, FLOOR_S)
    assert (nothing.shift, nothing.change) == (0, 0)
    assert nothing.probability == pytest.approx(0.5)
    assert compare(steady(1.0), [steady(0.0)] * 3, FLOOR_S).shift == math.inf


def test_of_a_rate_less_is_worse() -> None:
    found = compare(steady(5.0), [steady(10.0)] * 5, 1.0, less_is_worse=True)
    assert (found.shift, found.change) == (0.5, 5.0)
    assert found.probability < 0.001
    assert found.opposite > 0.999


@pytest.mark.parametrize(("samples", "found"), [(50, 0.85), (200, 0.95)])
def test_a_tenth_of_slow_requests_is_seen_in_the_tail_and_not_in_the_median(samples: int, found: float) -> None:
    chance = random.Random(3)  # noqa: S311  (a simulation, the same each time)
    hits = {MEDIAN: 0, TAIL: 0}
    false_ones = 0
    for _ in range(200):
        past = [run(chance, samples=samples) for _ in range(5)]
        values = [0.1 * math.exp(chance.gauss(0, 0.1)) * (4 if chance.random() < 0.1 else 1) for _ in range(samples)]
        for statistic in hits:
            hits[statistic] += _fails([compare(distribution(values), past, FLOOR_S, statistic=statistic)])
        false_ones += _fails([compare(run(chance, samples=samples), past, FLOOR_S, statistic=TAIL)])
    assert hits[TAIL] >= 200 * found
    assert hits[MEDIAN] <= 200 * 0.05
    assert false_ones <= 200 * DEFAULT_SIGNIFICANCE


def steady(value: float) -> Distribution:
    """Return a run whose samples hardly differ."""
    return distribution([value] * 10)


def test_neighbours_that_resemble_each_other_are_worth_less() -> None:
    worth = {
        tuple(values): distribution(values).independent for values in ([1.0, 2.0] * 3, [3.0] * 8, [3.0], [3.0, 4.0])
    }
    assert list(worth.values()) == [6, 8, 1, 2]
    assert 1 <= distribution([float(value) for value in range(20)]).independent < 3


def test_quantiles_lie_between_values_and_have_four_digits() -> None:
    found = distribution([0.0123456, 0.1, 0.2])
    assert (found.samples, found.quantiles) == (3, (0.02111, 0.05617, 0.1, 0.15, 0.19))
    assert found.median == 0.1
    assert (found.at(25), found.at(95)) == (0.05617, 0.19)
