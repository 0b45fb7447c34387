from __future__ import annotations

import math
import random
import statistics
from collections.abc import Iterator, Sequence

import pytest

from pytest_infragate.gates.aggregations import aggregate, kept
from pytest_infragate.gates.measures import Readings
from pytest_infragate.gates.noise import LOOKS, effective_count, within_noise
from pytest_infragate.limits import parse_limit


def near(limit: str, *values: float, count: float = 0.0, sampled: bool = True) -> bool:
    readings = Readings(values, values[-1:], count, len(values), sampled=sampled)
    return within_noise(parse_limit(limit), readings)


WIDE = (90.0, 110.0, 95.0, 104.0, 99.0, 108.0, 93.0, 101.0, 97.0, 103.0)


@pytest.mark.parametrize(
    ("limit", "values", "expected"),
    [
        ("pids: med < 100", WIDE, True),
        ("pids: med > 100", WIDE, True),
        ("pids: avg < 101", WIDE, True),
        ("pids: p(75) < 105", WIDE, True),
        ("pids: med < 150", WIDE, False),
        ("pids: med < 50", WIDE, False),
        ("pids: med > 50", WIDE, False),
        ("pids: med > 150", WIDE, False),
        ("pids: avg < 130", WIDE, False),
        ("pids: avg < 70", WIDE, False),
        ("pids: p(75) < 150", WIDE, False),
        ("pids: p(75) < 112", WIDE, True),
        ("pids: max < 111", WIDE, False),
        ("pids: min > 89", WIDE, False),
        ("pids: last < 104", WIDE, False),
        ("pids: med == 100", WIDE, False),
        ("pids: med < 100", (99.9,) * 3, False),
        ("pids: med < 100", (100.0,) * 3, False),
        ("pids: avg < 100", (99.9,) * 3, False),
        ("pids: med < 100", (99.0,), False),
    ],
)
def test_what_other_samples_could_have_turned(limit: str, values: Sequence[float], expected: bool) -> None:
    assert near(limit, *values) is expected


def test_facts_have_no_noise_that_measuring_on_could_lessen() -> None:
    assert not near("health.duration: med < 100s", *WIDE, sampled=False)


@pytest.mark.parametrize(
    ("failures", "made", "expected"),
    [(0, 20, False), (1, 100, True), (1, 20, True), (40, 100, False), (1, 3000, False)],
)
def test_a_share_of_failures_has_noise_once_there_are_some(failures: int, made: int, expected: bool) -> None:
    values = [0.0] * made
    for one in range(failures):
        values[one * made // failures] = 1.0
    assert near("http.failed: rate < 0.01", *values, count=failures) is expected


def test_samples_that_follow_each_other_count_as_fewer() -> None:
    rng = random.Random(1)  # noqa: S311 - simulates
    free = [rng.gauss(0, 1) for _ in range(400)]
    drifting = [math.fsum(free[:end]) for end in range(1, 401)]
    assert 300 < effective_count(free) <= 400
    assert effective_count(drifting) < 10
    assert effective_count([3.0] * 7) == 7


FIRST, EXTRA, SEEDS, SPREAD = 10, 60, 200, 0.1
OFF = 0.03


def samples(seed: int, median: float) -> Iterator[float]:
    """Yield samples whose logarithm is normal, as that of latencies roughly is."""
    rng = random.Random(seed)  # noqa: S311 - simulates
    while True:
        yield median * math.exp(SPREAD * rng.gauss(0, 1))


def outcome(limit: str, seed: int, median: float, extra: int) -> tuple[bool, int]:
    """Return whether a limit is kept, measured as a run does it, and how many samples that took."""
    source, parsed = samples(seed, median), parse_limit(limit)
    values = [next(source) for _ in range(FIRST)]
    while len(values) < FIRST + extra and near(limit, *values):
        values += [next(source) for _ in range(extra // LOOKS)]
    return kept(parsed, aggregate(parsed, Readings(tuple(values)))), len(values)


@pytest.mark.parametrize("limit", ["http.latency: med < 100s", "http.latency: avg < 100s"])
@pytest.mark.parametrize("off", [-OFF, OFF])
def test_a_stack_near_its_limit_flips_seldom_when_it_is_measured_longer(limit: str, off: float) -> None:
    """The truth is 3 % off the limit, single samples are 10 % off the truth."""
    mean_over_median = math.exp(SPREAD**2 / 2) if "avg" in limit else 1.0
    median, right = 100 * (1 + off) / mean_over_median, off < 0
    at_once = sum(outcome(limit, seed, median, 0)[0] is right for seed in range(SEEDS))
    longer = sum(outcome(limit, seed, median, EXTRA)[0] is right for seed in range(SEEDS))
    assert longer >= 0.95 * SEEDS
    assert at_once <= 0.85 * SEEDS


@pytest.mark.parametrize("off", [-0.3, 0.3])
def test_a_stack_far_from_its_limit_costs_no_further_time(off: float) -> None:
    taken = [outcome("http.latency: med < 100s", seed, 100 * (1 + off), EXTRA) for seed in range(SEEDS)]
    assert {right for right, _ in taken} == {off < 0}
    assert statistics.fmean(count for _, count in taken) < FIRST + 1


def test_a_result_at_its_very_limit_is_judged_after_a_bounded_time() -> None:
    assert max(outcome("http.latency: med < 100s", seed, 100, EXTRA)[1] for seed in range(SEEDS)) == FIRST + EXTRA
