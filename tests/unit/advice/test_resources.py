from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_infragate.advice.hint import Hint
from pytest_infragate.advice.resources import (
    LEAST_SAMPLES,
    competition,
    hints,
    rounded_cores,
    rounded_memory,
    too_few,
)
from pytest_infragate.advice.usage import Usage, by_second, usage
from pytest_infragate.stack.sampling import Series
from pytest_infragate.stack.stats import Sample

from ..stacks import project
from ..states import running

MEBI = 1024**2
USED = Usage(
    samples=20,
    suite_samples=12,
    seconds=21.0,
    memory_peak=40 * MEBI,
    memory_limit=0,
    cores_peak=0.3,
    cores_limit=0.0,
    throttled=0.0,
    pids_peak=10,
    pids_limit=0,
)


def told(service: dict[str, Any] | None = None, **used: Any) -> list[Hint]:
    found = project({"api": service or {}}).services["api"]
    return list(hints(found, replace(USED, **used)))


def kinds(**used: Any) -> list[str]:
    return [one.kind for one in told(**used)]


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ({}, ["memory-limit-missing"]),
        ({"memory_limit": 64 * MEBI}, []),
        ({"memory_limit": 50 * MEBI}, []),
        ({"memory_limit": 49 * MEBI}, ["memory-limit-tight"]),
        ({"memory_limit": 160 * MEBI}, []),
        ({"memory_limit": 161 * MEBI}, ["memory-limit-wide"]),
        ({"memory_limit": 161 * MEBI, "suite_samples": LEAST_SAMPLES - 1}, []),
        ({"memory_limit": 80 * MEBI, "memory_peak": MEBI}, ["memory-limit-wide"]),
        ({"memory_limit": 79 * MEBI, "memory_peak": MEBI}, []),
        ({"memory_limit": 64 * MEBI, "cores_limit": 1.2}, []),
        ({"memory_limit": 64 * MEBI, "cores_limit": 1.3}, ["cpu-limit-wide"]),
        ({"memory_limit": 64 * MEBI, "cores_limit": 1.3, "suite_samples": 0}, []),
        ({"memory_limit": 64 * MEBI, "cores_limit": 0.4, "throttled": 0.25}, ["cpu-limit-tight"]),
        ({"memory_limit": 64 * MEBI, "cores_limit": 0.4, "throttled": 0.24}, []),
        ({"memory_limit": 64 * MEBI, "pids_limit": 12}, ["pids-limit-tight"]),
        ({"memory_limit": 64 * MEBI, "pids_limit": 13}, []),
    ],
)
def test_what_is_worth_a_word(used: dict[str, Any], expected: list[str]) -> None:
    assert kinds(**used) == expected


def test_nothing_is_said_from_too_few_samples() -> None:
    assert told(samples=LEAST_SAMPLES - 1, memory_limit=41 * MEBI, throttled=1.0, cores_limit=0.1) == []
    assert told(samples=LEAST_SAMPLES) != []


@pytest.mark.parametrize("peak", [0, 1, 5 * MEBI, 40 * MEBI, 41 * MEBI + 1, 999 * MEBI, 3000 * MEBI])
@pytest.mark.parametrize("limit", [0, 1, 5])
def test_no_proposal_is_below_what_was_seen(peak: int, limit: int) -> None:
    for hint in told(memory_peak=peak, memory_limit=limit * peak, cores_limit=4.0, cores_peak=0.9, pids_limit=11):
        key, _, value = hint.proposal.partition(": ")
        number = float(value.rstrip("m")) * {"mem_limit": MEBI}.get(key, 1)
        assert number >= {"mem_limit": peak, "cpus": 0.9, "pids_limit": 10}[key]


def test_the_proposal_tells_what_it_rests_on() -> None:
    (hint,) = told({"mem_limit": "44m"}, memory_limit=44 * MEBI)
    assert hint.seen == "memory limit 44 MiB is tight: 91 % of it was in use"
    assert hint.proposal == "mem_limit: 60m"
    assert hint.basis == "1.5 times the peak of 40 MiB; 20 samples in 21 s, 12 of them while tests ran"
    assert hint.location is not None
    assert (hint.location.line, hint.location.column) == (1, 1)


def test_a_limit_is_proposed_under_the_key_that_the_file_has() -> None:
    deploy = {"deploy": {"resources": {"limits": {"memory": "44m"}}}}
    (hint,) = told(deploy, memory_limit=44 * MEBI)
    assert hint.proposal == "deploy.resources.limits.memory: 60m"


def test_no_limit_of_a_database_is_called_wide() -> None:
    postgres = {"image": "postgres:16", "mem_limit": "1g"}
    assert told(postgres, memory_limit=1024 * MEBI) == []
    (hint,) = told({"image": "postgres:16"})
    assert hint.basis.endswith("; a database needs more when it has more data")


def test_more_processors_are_proposed_by_the_limit_that_holds_back() -> None:
    (hint,) = told(memory_limit=64 * MEBI, cores_limit=0.4, cores_peak=0.5, throttled=0.6)
    assert (hint.proposal, hint.seen[:24]) == ("cpus: 0.6", "CPU limit 0.4 is tight: ")
    (hint,) = told(memory_limit=64 * MEBI, cores_limit=0.1, cores_peak=0.3, throttled=0.6)
    assert hint.proposal == "cpus: 0.3"


def test_a_limit_is_not_proposed_below_the_reservation() -> None:
    (hint,) = told({"mem_reservation": "100m"})
    assert hint.proposal == "mem_limit: 100m"


@pytest.mark.parametrize(
    "service", [{"command": ["java", "-Xmx300m", "-jar", "a.jar"]}, {"environment": {"JAVA_OPTS": "-Xms64m -Xmx300m"}}]
)
def test_a_limit_leaves_room_for_the_heap_that_may_still_fill(service: dict[str, Any]) -> None:
    (hint,) = told(service)
    assert hint.proposal == "mem_limit: 416m"
    assert hint.basis.endswith("; a heap of 300 MiB (-Xmx) that fills, and a third more")
    assert told(service, memory_limit=450 * MEBI) == [], "not wide: the heap needs it"


def test_more_memory_is_proposed_with_more_swap_where_the_engine_would_refuse_it() -> None:
    (hint,) = told({"mem_limit": "44m", "memswap_limit": "50m"}, memory_limit=44 * MEBI)
    assert hint.proposal == "mem_limit: 60m, memswap_limit: 60m"
    (hint,) = told({"mem_limit": "44m", "memswap_limit": "-1"}, memory_limit=44 * MEBI)
    assert hint.proposal == "mem_limit: 60m"


@pytest.mark.parametrize(
    ("mebis", "rounded"), [(0, 16), (1, 16), (16, 16), (16.1, 18), (60, 60), (61.5, 64), (450, 480), (1025, 1152)]
)
def test_sizes_are_rounded_up_as_people_write_them(mebis: float, rounded: int) -> None:
    assert rounded_memory(mebis * MEBI) == rounded


@pytest.mark.parametrize(("cores", "rounded"), [(0, 0.1), (0.1, 0.1), (0.3, 0.3), (0.31, 0.4), (1.5, 1.5)])
def test_processors_are_rounded_up(cores: float, rounded: float) -> None:
    assert rounded_cores(cores) == rounded


def test_whoever_was_seen_too_seldom_is_named() -> None:
    (hint,) = too_few({"api": replace(USED, samples=3), "db": None, "web": USED})
    assert hint.seen == "too few samples for advice on the limits of api (3) and db (0)"
    assert list(too_few({"web": USED})) == []


def sample(at: float, cores_s: float = 0.0, **changes: Any) -> Sample:
    made = Sample(
        time=at,
        cpu_total_ns=int(cores_s * 1e9),
        online_cpus=2,
        periods=0,
        throttled_periods=0,
        memory_working_set=10 * MEBI,
        memory_limit=0,
        pids=1,
        net_errors=0,
        io_written=0,
    )
    return replace(made, **changes)


def busy(cores: float, count: int = 12, service: str = "api") -> Series:
    samples = tuple(("suite" if at else "startup", sample(1000.5 + at, cores * at)) for at in range(count))
    return Series(running(service, nano_cpus=500_000_000), samples)


def test_peaks_are_those_of_all_containers_and_counts_those_of_the_fewest() -> None:
    loud = Series(running("api"), (("suite", sample(1000, memory_working_set=90 * MEBI, pids=7)),))
    found = usage([busy(0.25), loud])
    assert found is not None
    assert (found.samples, found.suite_samples) == (1, 1)
    assert (found.memory_peak, found.pids_peak) == (90 * MEBI, 7)
    assert found.cores_peak == pytest.approx(0.25)
    assert found.cores_limit == 0.5


def test_a_sample_at_the_border_of_two_phases_is_one() -> None:
    found = usage([Series(running("api"), (("idle", sample(1000)), ("suite", sample(1000)), ("suite", sample(1001))))])
    assert found is not None
    assert (found.samples, found.suite_samples) == (2, 2)


def test_a_container_that_nobody_has_seen_leaves_no_advice() -> None:
    assert usage([]) is None
    assert usage([busy(0.1), Series(running("api"))]) is None


def test_a_counter_that_began_anew_is_no_use() -> None:
    found = usage(
        [Series(running("api"), (("idle", sample(1000, 5)), ("idle", sample(1001, 0)), ("idle", sample(1002, 1))))]
    )
    assert found is not None
    assert found.cores_peak == 1


def test_replicas_add_up_in_a_second() -> None:
    seconds = by_second({"api": [busy(0.25, 3), busy(0.5, 3)]})
    assert seconds == {1001: {"api": pytest.approx(0.75)}, 1002: {"api": pytest.approx(0.75)}}


@pytest.mark.parametrize(
    ("api", "db", "count", "competes"),
    [
        (1.2, 0.7, 12, True),
        (1.2, 0.5, 12, False),
        (1.8, 0.1, 12, False),
        (1.2, 0.7, LEAST_SAMPLES, False),
    ],
)
def test_services_that_fill_the_processors_together_compete(api: float, db: float, count: int, competes: bool) -> None:
    series = {"api": [busy(api, count)], "db": [busy(db, count, "db")]}
    found = list(competition(series, {"": (("api", "db"), 2)}))
    assert bool(found) is competes
    if found:
        assert found[0].seen.startswith("api (1.2) and db (0.7) compete for the 2 processors of the engine")


def test_services_that_are_bound_to_one_processor_compete_for_it() -> None:
    series = {"api": [busy(0.6)], "db": [busy(0.4, service="db")], "web": [busy(0.3, service="web")]}
    (hint,) = competition(series, {"": (("api", "db", "web"), 2), "0": (("api", "db"), 1)})
    assert "compete for processors 0" in hint.seen


def test_where_nobody_looks_nothing_is_missed() -> None:
    assert list(too_few({"api": None, "db": None})) == []
    assert list(too_few({})) == []
