"""Which metrics are compared, what comes of each, and what is said of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from pytest_infragate.compose.model import Dependency, Healthcheck, Project
from pytest_infragate.gates import edge_plan
from pytest_infragate.gates.comparisons import judge, lacks_samples, measured, plan
from pytest_infragate.gates.distributions import distribution
from pytest_infragate.gates.measures import Measurements
from pytest_infragate.gates.roles import roles
from pytest_infragate.gates.tracked import comparable
from pytest_infragate.past_runs import BaselineSettings, MetricKey, PastRun
from pytest_infragate.probes.request_log import TimedRequest
from pytest_infragate.results import CheckResult, Outcome, Severity
from pytest_infragate.settings import (
    ConnectivitySettings,
    EdgeSettings,
    PerformanceSettings,
    ProbeSettings,
    Settings,
)
from pytest_infragate.stack.state import ContainerState

from .builders import container, ended, project, service

LATENCY: MetricKey = ("web", "probe.latency")
STARTUP: MetricKey = ("web", "startup")
DEFAULTS = BaselineSettings()
STACK = project(service("web"), service("job"))


def settings(**changes: object) -> Settings:
    performance = PerformanceSettings(probes={"web": ProbeSettings("http", 80)})
    return Settings(root=".", performance=performance, **changes)  # type: ignore[arg-type]


def tracked(stack: Project, said: Settings) -> set[MetricKey]:
    edges = edge_plan.plan(stack, ConnectivitySettings(expect=(EdgeSettings("job", "web", 80, text="job -> web:80"),)))
    return set(comparable(stack, said, edges, roles(stack, said)))


def test_what_every_run_like_this_one_measures_is_compared() -> None:
    shot = Dependency("migrate", "service_completed_successfully")
    quick = Healthcheck(test=("CMD", "true"), interval_s=2.0)
    slow = Healthcheck(test=("CMD", "true"), interval_s=30.0)
    stack = project(service("web", healthcheck=quick), service("job", healthcheck=slow), service("none", replicas=0))
    other = {**stack.services, "bare": service("bare", depends_on=(shot,)), "migrate": service("migrate")}
    stack = replace(stack, services=other)
    every = {LATENCY, STARTUP, ("web", "connect.latency"), ("web", "health.duration"), ("web", "memory.bytes")}
    every |= {("job", "startup"), ("job", "memory.bytes"), ("bare", "memory.bytes"), ("migrate", "startup")}
    assert tracked(stack, settings()) == every
    without_startup = {key for key in every if key[1] != "startup"}
    assert tracked(stack, settings(attach=True)) == tracked(stack, settings(keep=True)) == without_startup


def test_what_is_measured_on_http_is_compared_where_http_is_asked() -> None:
    metrics = ("http.latency", "probe.latency")
    probes = {"web": ProbeSettings("http", 80), "job": ProbeSettings("redis", 6379)}
    performance = PerformanceSettings(probes=probes, baseline=BaselineSettings(metrics=metrics))
    found = tracked(STACK, Settings(root=".", performance=performance))
    assert found == {("web", "http.latency"), ("web", "probe.latency"), ("job", "probe.latency")}


def past(*medians: float) -> tuple[PastRun, ...]:
    return tuple(PastRun(f"2026-11-2{at}T12:00:00Z", distribution(near(one))) for at, one in enumerate(medians))


def near(value: float, samples: int = 10) -> list[float]:
    chance = random.Random(7)  # noqa: S311  (the same each time)
    return [value * chance.uniform(0.97, 1.03) for _ in range(samples)]


def seen(
    latencies: Sequence[float] = (),
    startup: Sequence[float] = (),
    states: tuple[ContainerState, ...] = (container("web"),),
    trouble: str = "",
) -> Measurements:
    made = tuple(TimedRequest(at, "suite", ok=True, latency_s=one, message="") for at, one in enumerate(latencies))
    return Measurements(states, requests={"web": made}, startup_s={"web": tuple(startup)}, trouble=trouble)


def judged(
    runs: Mapping[MetricKey, tuple[PastRun, ...]], measurements: Measurements, said: BaselineSettings = DEFAULTS
) -> dict[str, CheckResult]:
    planned = plan(tuple(runs), runs, STACK)
    return {one.check.subject: one for one in judge(planned, measurements, said)}


def test_only_what_was_recorded_is_planned() -> None:
    planned = plan((STARTUP, LATENCY), {LATENCY: past(0.1), ("gone", "startup"): past(1.0), STARTUP: ()}, STACK)
    assert [(one.check.id, one.check.subject) for one in planned] == [("IG938", "web probe.latency")]


def test_a_slower_service_fails_with_both_values_and_what_to_do() -> None:
    result = judged({LATENCY: past(0.1, 0.11, 0.09, 0.1, 0.1)}, seen(near(0.2)))["web probe.latency"]
    assert result.outcome is Outcome.FAILED
    assert result.message == (
        "web probe.latency is 198.1 ms (median of 10 samples), 100 % more than the 99.1 ms of the last 5 recorded runs "
        "(p < 0.0001)"
    )
    (finding,) = result.findings
    assert (finding.severity, str(finding.location)) == (Severity.ERROR, "compose.yaml:3")
    assert "`pytest --infragate --infragate-baseline=update`" in finding.remedy
    assert result.evidence["runs"] == 5
    trend = result.evidence["trend"]
    assert isinstance(trend, list)
    assert trend[0] == {"run": "2026-11-20T12:00:00Z", "median": 0.09907}
    assert 0.9 < float(str(result.evidence["shift"])) < 1.1
    assert float(str(result.evidence["p"])) < 0.001


@pytest.mark.parametrize(
    ("now", "runs", "severity"),
    [
        (0.101, (0.1,) * 5, None),
        (0.115, (0.1,) * 5, None),
        (0.05, (0.1,) * 5, Severity.INFO),
        (0.003, (0.001,) * 5, None),
        (0.15, (0.1, 0.2, 0.05), None),
    ],
)
def test_what_is_no_regression_passes(now: float, runs: tuple[float, ...], severity: Severity | None) -> None:
    result = judged({LATENCY: past(*runs)}, seen(near(now)))["web probe.latency"]
    assert result.outcome is Outcome.PASSED
    assert [one.severity for one in result.findings] == ([severity] if severity else [])


def test_what_may_be_chance_among_many_metrics_is_a_warning() -> None:
    others = {(f"s{number}", "startup"): past(1.0) for number in range(12)}
    startups = {f"s{number}": (1.0,) for number in range(12)}
    requests = {"web": tuple(TimedRequest(at, "suite", True, one, "") for at, one in enumerate(near(0.17)))}
    result = judged({LATENCY: past(*(0.1,) * 5)}, seen(near(0.17)))["web probe.latency"]
    assert result.outcome is Outcome.FAILED
    among = judged({LATENCY: past(0.1), **others}, Measurements(requests=requests, startup_s=startups))[
        "web probe.latency"
    ]
    assert among.outcome is Outcome.PASSED
    assert [one.severity for one in among.findings] == [Severity.WARNING]
    assert float(str(among.evidence["p_adjusted"])) == pytest.approx(13 * float(str(among.evidence["p"])), rel=0.05)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.FAILED),
        ({"shift": 1.5}, Outcome.PASSED),
        ({"floors": {"probe.latency": 0.2}}, Outcome.PASSED),
        ({"significance": 1e-9}, Outcome.PASSED),
        ({"noise": 0.5}, Outcome.PASSED),
    ],
)
def test_size_floor_and_significance_are_all_needed(changes: dict[str, object], outcome: Outcome) -> None:
    said = BaselineSettings(**changes)  # type: ignore[arg-type]
    assert judged({LATENCY: past(*(0.1,) * 5)}, seen(near(0.2)), said)["web probe.latency"].outcome is outcome


@pytest.mark.parametrize(
    ("measurements", "told"),
    [
        (seen(near(0.1, 4)), "there were 4 samples of probe.latency, and fewer than 5 say nothing"),
        (seen(), "no request was due during idle or suite after the warm-up"),
    ],
)
def test_what_was_not_measured_is_not_proven(measurements: Measurements, told: str) -> None:
    result = judged({LATENCY: past(0.1)}, measurements)["web probe.latency"]
    assert result.outcome is Outcome.ERROR
    assert result.message.startswith("web probe.latency could not be held against the recorded runs: ")
    assert told in result.message


def spread(value: float, slow: float, share: int, samples: int = 60) -> list[float]:
    """Return samples of which one in ``share`` takes ``slow`` times as long."""
    chance = random.Random(5)  # noqa: S311  (the same each time)
    return [one * (slow if not chance.randrange(share) else 1) for one in near(value, samples)]


def test_where_every_run_has_many_samples_its_slowest_are_compared_too() -> None:
    runs = tuple(PastRun(f"2026-11-2{at}T12:00:00Z", distribution(near(0.1, 60))) for at in range(5))
    result = judged({LATENCY: runs}, seen(spread(0.1, 5.0, 8)))["web probe.latency"]
    assert result.outcome is Outcome.FAILED
    assert result.message == (
        "web probe.latency is 496.1 ms (p(95) of 60 samples), 385 % more than the 102.3 ms of the last 5 recorded runs "
        "(p < 0.0001)"
    )
    tail = result.evidence["p95"]
    assert isinstance(tail, dict)
    assert float(str(tail["shift"])) > 3
    assert abs(float(str(result.evidence["shift"]))) < 0.1
    few = judged({LATENCY: past(0.1, 0.1)}, seen(spread(0.1, 5.0, 8)))["web probe.latency"]
    assert few.outcome is Outcome.PASSED
    assert "p95" not in few.evidence


@pytest.mark.parametrize(
    ("now", "runs", "outcome", "told"),
    [
        # A start beside other work, held against one that had the machine to itself.
        (0.69, (0.121,), Outcome.PASSED, ""),
        (5.0, (0.5,), Outcome.PASSED, "record at least 3 runs"),
        (5.0, (0.5, 0.52), Outcome.PASSED, "record at least 3 runs"),
        (5.0, (0.5, 0.52, 0.49), Outcome.FAILED, "Mend what has changed it"),
        # Where runs differ by twice as much, half as much again is nothing.
        (3.0, (2.0,) * 5, Outcome.PASSED, ""),
        (4.0, (2.0,) * 5, Outcome.FAILED, "Mend what has changed it"),
    ],
)
def test_a_time_that_a_run_takes_once_needs_several_recorded_runs(
    now: float, runs: tuple[float, ...], outcome: Outcome, told: str
) -> None:
    recorded = tuple(PastRun(f"2026-11-2{at}T12:00:00Z", distribution([one])) for at, one in enumerate(runs))
    result = judged({STARTUP: recorded}, seen(startup=[now]))["web startup"]
    assert result.outcome is outcome
    assert [told in one.remedy for one in result.findings] == ([True] if told else [])


def test_the_load_of_the_host_is_told() -> None:
    loaded = replace(seen(near(0.2)), host_load={"idle": (0.5, 3.25), "suite": ()})
    result = judged({LATENCY: past(*(0.1,) * 5)}, loaded)["web probe.latency"]
    assert result.message.endswith("(p < 0.0001, host load 3.2 per core)")
    assert result.evidence["host_load"] == 3.25


def test_of_a_service_that_has_ended_well_nothing_is_owed() -> None:
    gone = seen(states=(ended("web"),))
    assert judged({LATENCY: past(0.1)}, gone)["web probe.latency"].outcome is Outcome.PASSED
    broken = seen(states=(ended("web", code=1),))
    assert judged({LATENCY: past(0.1)}, broken)["web probe.latency"].outcome is Outcome.ERROR


def test_measuring_goes_on_where_it_can_bring_samples() -> None:
    assert lacks_samples([LATENCY], seen(near(0.1, 4)))
    assert not lacks_samples([LATENCY], seen(near(0.1, 5)))
    assert not lacks_samples([STARTUP], seen())
    assert not lacks_samples([LATENCY], seen(near(0.1, 4), trouble="died"))
    assert not lacks_samples([LATENCY], seen(states=(ended("web"),)))


def test_only_what_has_enough_samples_is_recorded() -> None:
    found = measured([LATENCY, STARTUP], seen(near(0.1, 4), [2.0]))
    assert {key: one.median for key, one in found.items()} == {STARTUP: 2.0}
