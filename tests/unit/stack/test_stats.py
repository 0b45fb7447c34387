from __future__ import annotations

import threading
from typing import Any

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.stack.periodic import Periodic
from pytest_infragate.stack.sampling import PhasedSample, Sampler, thinned
from pytest_infragate.stack.state import ContainerState
from pytest_infragate.stack.stats import Sample, convert, merged
from tests.unit.states import running

V1 = {
    "read": "2026-11-22T11:26:45.552560898Z",
    "pids_stats": {"current": 5},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"major": 8, "minor": 0, "op": "Read", "value": 1000},
            {"major": 8, "minor": 0, "op": "Write", "value": 4096},
            {"major": 8, "minor": 16, "op": "Write", "value": 4},
            {"major": 8, "minor": 0, "op": "Total", "value": 5096},
        ]
    },
    "cpu_stats": {
        "cpu_usage": {"total_usage": 768597447, "percpu_usage": [1, 2]},
        "system_cpu_usage": 4211560000000,
        "throttling_data": {"periods": 40, "throttled_periods": 10, "throttled_time": 5},
    },
    "memory_stats": {
        "usage": 3000,
        "limit": 10000,
        "stats": {
            "inactive_file": 1,
            "total_inactive_file": 700,
            "total_active_file": 300,
            "hierarchical_memory_limit": 9223372036854771712,
        },
    },
    "networks": {
        "eth0": {"rx_errors": 1, "tx_errors": 2, "rx_dropped": 0, "tx_dropped": 4, "rx_bytes": 50, "tx_bytes": 7},
        "eth1": {"rx_errors": 8},
    },
}
V2 = {
    "read": "2026-11-22T11:26:45Z",
    "pids_stats": {"current": 3, "limit": 100},
    "blkio_stats": {"io_service_bytes_recursive": [{"op": "write", "value": 7}, {"op": "read", "value": 9}]},
    "cpu_stats": {"cpu_usage": {"total_usage": 5}, "online_cpus": 4, "throttling_data": {"periods": 0}},
    "memory_stats": {"usage": 3000, "limit": 10000, "stats": {"inactive_file": 300, "active_file": 200, "anon": 100}},
}
STOPPED = {
    "read": "0001-01-01T00:00:00Z",
    "pids_stats": {},
    "blkio_stats": {"io_service_bytes_recursive": None},
    "cpu_stats": {"cpu_usage": {"total_usage": 0}},
    "memory_stats": {},
}


def test_statistics_of_cgroup_v1() -> None:
    sample = convert(V1)
    assert sample == Sample(
        time=1795346805.55256,
        cpu_total_ns=768597447,
        online_cpus=2,
        periods=40,
        throttled_periods=10,
        memory_working_set=2000,
        memory_limit=10000,
        pids=5,
        net_errors=15,
        io_written=None,
        io_read=1000,
        net_drops=4,
        net_received=50,
        net_sent=7,
    )


def test_statistics_of_cgroup_v2() -> None:
    sample = convert(V2)
    assert sample is not None
    assert (sample.memory_working_set, sample.online_cpus, sample.net_errors) == (2500, 4, 0)
    assert (sample.io_written, sample.io_read) == (7, 9)


def test_block_io_that_the_kernel_does_not_count_is_unknown_and_not_nothing() -> None:
    blind = convert({**V1, "blkio_stats": {"io_service_bytes_recursive": []}})
    idle = convert({**V2, "blkio_stats": {"io_service_bytes_recursive": None}})
    assert blind is not None
    assert idle is not None
    assert (blind.io_read, blind.io_written) == (None, None)
    assert (idle.io_read, idle.io_written) == (0, 0)


@pytest.mark.parametrize(
    "raw",
    [STOPPED, {}, {**V1, "memory_stats": {}}, {**V1, "read": None}, {**V1, "cpu_stats": {}}],
    ids=["stopped", "empty", "no memory", "no time", "no cpu"],
)
def test_a_container_that_does_not_run_gives_no_sample(raw: dict[str, Any]) -> None:
    assert convert(raw) is None


def test_more_cache_than_use_is_no_negative_use() -> None:
    sample = convert({**V2, "memory_stats": {"usage": 10, "limit": 100, "stats": {"inactive_file": 20}}})
    assert sample is not None
    assert sample.memory_working_set == 0


def sample(at: float, memory: int = 0, cpu: int = 1, pids: int = 1) -> Sample:
    return Sample(at, cpu, 1, 0, 0, memory, 100, pids, 0, 0)


def test_two_samples_become_one_with_the_counters_of_the_later_and_the_peaks_of_both() -> None:
    assert merged(sample(1, 70, cpu=10, pids=2), sample(2, 30, cpu=20, pids=9)) == sample(2, 70, cpu=20, pids=9)


def test_thinning_keeps_peaks_phases_and_the_last_sample() -> None:
    samples: list[PhasedSample] = [("idle", sample(at, memory=at)) for at in (1, 2, 9)]
    samples += [("suite", sample(at, memory=20 - at)) for at in (10, 11)]
    thin = thinned(samples)
    assert [(phase, one.time, one.memory_working_set) for phase, one in thin] == [
        ("idle", 2, 2),
        ("idle", 9, 9),
        ("suite", 11, 10),
    ]


class Answers:
    """An engine's answers: one more CPU nanosecond each time, an error for a container that is missing."""

    def __init__(self, rounds: int) -> None:
        self.enough = threading.Event()
        self._left = rounds

    def stats(self, container_id: str) -> dict[str, object]:
        self._left -= 1
        if self._left <= 0:
            self.enough.set()
        if container_id == "missing":
            raise EngineError("no such container")
        return dict(V2)


def state(container_id: str, service: str) -> ContainerState:
    return running(service, id=container_id)


def test_the_sampler_counts_rounds_and_misses_by_phase() -> None:
    answers = Answers(rounds=12)
    sampler = Sampler(answers, [state("there", "api"), state("missing", "db")], interval_s=0.01)
    sampler.start("idle")
    assert answers.enough.wait(10)
    sampler.mark("suite")
    sampler.watch([state("late", "late")])
    # The round that is under way may have begun before the mark.
    while not sampler.series()["late"][0].rounds:
        assert not sampler.died
    sampler.stop()
    series = sampler.series()
    there, missing = series["api"][0], series["db"][0]
    assert {phase for phase, _ in there.samples} == {"idle", "suite"}
    assert there.rounds["idle"] >= 5
    assert not there.misses
    assert missing.misses == missing.rounds
    assert not missing.samples
    assert series["late"][0].rounds.keys() == {"suite"}
    assert not sampler.died


def test_one_sample_is_the_end_of_a_phase_and_the_beginning_of_the_next() -> None:
    answers = Answers(rounds=1)
    sampler = Sampler(answers, [state("there", "api")], interval_s=60)
    sampler.start("idle")
    assert answers.enough.wait(10)
    answers.enough = again = threading.Event()
    sampler.mark("suite")
    assert again.wait(10)
    while len(samples := sampler.series()["api"][0].samples) < 3:
        assert not sampler.died
    sampler.stop()
    assert [phase for phase, _ in samples] == ["idle", "idle", "suite"]
    assert samples[1][1] is samples[2][1]


def test_who_is_started_later_is_sampled_from_then_on_and_who_has_ended_no_longer() -> None:
    answers, there = Answers(rounds=1), [state("job", "job")]
    sampler = Sampler(answers, interval_s=60, arriving=lambda: there)
    sampler.start("startup")
    assert answers.enough.wait(10)
    sampler.settle([state("web", "web")])
    there.append(state("late", "late"))
    answers.enough = again = threading.Event()
    sampler.mark("idle")
    assert again.wait(10)
    while sampler.fewest("idle", ["web", "late"]) < 1:
        assert not sampler.died
    sampler.stop()
    series = {service: one[0] for service, one in sampler.series().items()}
    assert series["job"].rounds == {"startup": 1}
    assert series["web"].rounds == {"idle": 1}
    assert series["late"].rounds == {"startup": 1, "idle": 1}
    assert (series["job"].from_start, series["web"].from_start) == (True, False)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ends_by_an_error_is_known_to_have_died() -> None:
    reached = threading.Event()

    def act() -> None:
        reached.set()
        raise ZeroDivisionError

    periodic = Periodic("dying", 0.01, act)
    assert not periodic.died
    periodic.start()
    assert reached.wait(10)
    periodic.stop()
    assert periodic.died


def test_what_is_stopped_before_it_started_never_runs() -> None:
    calls: list[int] = []
    periodic = Periodic("never", 0.01, lambda: calls.append(1))
    periodic.stop()
    periodic.start()
    periodic.stop()
    assert not calls
    assert not periodic.died
