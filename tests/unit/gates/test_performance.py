from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from pytest_infragate.compose.model import Project, Service
from pytest_infragate.gates import limit_plan, meters, performance, warm_up
from pytest_infragate.gates.aggregations import needed, percentile
from pytest_infragate.gates.log_tally import LogFlow
from pytest_infragate.gates.measures import Measurements, Warm
from pytest_infragate.limits import METRICS, parse_limit
from pytest_infragate.probes.request_log import TimedRequest
from pytest_infragate.probes.scraping import Exposed, ExposedSeries, Fetches
from pytest_infragate.results import CheckResult, Location, Outcome, Severity
from pytest_infragate.settings import PerformanceSettings, ProbeSettings, ServiceSettings, Settings
from pytest_infragate.stack.sampling import Series
from pytest_infragate.stack.state import ContainerState, HealthRun
from pytest_infragate.stack.stats import Sample
from tests.unit.states import running

HERE = Location("compose.yaml", 3)
NANO = 10**9


def project(*services: Service) -> Project:
    return Project("p", "/p", (), {one.name: one for one in services}, {}, {}, {}, {})


def settings(performance: PerformanceSettings | None = None, **services: ServiceSettings) -> Settings:
    return Settings(root="/p", performance=performance or PerformanceSettings(), services=services)


def limits(**by_service: Sequence[str]) -> PerformanceSettings:
    named = {name.replace("every", "*"): tuple(map(parse_limit, texts)) for name, texts in by_service.items()}
    return PerformanceSettings(limits=named)


API = Service("api", HERE, pids_limit=50)
JOB = Service("job", HERE)
STACK = project(API, JOB)
DEFAULTS = ["memory.ratio: max < 0.95", "cpu.throttled: med < 0.5", "restarts: max <= 0"]


def texts(chosen: Settings, service: str, one_shots: frozenset[str] = frozenset()) -> list[str]:
    planned = limit_plan.plan(STACK, chosen, one_shots)
    return [one.check.subject.removeprefix(f"{service} ") for one in planned if one.service == service]


def test_every_service_has_default_limits() -> None:
    assert texts(settings(), "api") == [*DEFAULTS, "pids: max < 50"]
    assert texts(settings(), "job") == DEFAULTS


def test_the_restarts_that_are_allowed_are_allowed() -> None:
    assert "restarts: max <= 2" in texts(settings(job=ServiceSettings(restarts=2)), "job")


def test_the_users_limit_replaces_the_default_of_its_metric_only() -> None:
    chosen = settings(limits(job=["memory.ratio: max < 0.5", "memory.ratio: avg < 0.4"]))
    assert texts(chosen, "job") == ["memory.ratio: max < 0.5", "memory.ratio: avg < 0.4", *DEFAULTS[1:]]


def test_the_nearest_name_decides_metric_by_metric() -> None:
    by_pattern = {
        "*": ["memory.ratio: max < 0.6", "pids: max < 9", "cpu.ratio: max < 1"],
        "a*": ["memory.ratio: max < 0.5", "pids: max < 8"],
        "api": ["memory.ratio: max < 0.4"],
    }
    named = PerformanceSettings(limits={name: tuple(map(parse_limit, lines)) for name, lines in by_pattern.items()})
    expected = ["memory.ratio: max < 0.4", "pids: max < 8", "cpu.ratio: max < 1", *DEFAULTS[1:]]
    assert texts(settings(named), "api") == expected
    assert texts(settings(named), "job") == [*by_pattern["*"], *DEFAULTS[1:]]
    assert "memory.ratio: max < 0.5" not in texts(settings(named), "api", frozenset({"api"}))


def test_a_limit_on_the_start_leaves_the_rest_of_the_run_as_it_was() -> None:
    chosen = settings(limits(every=["log.errors: count < 1"], job=["startup.log.errors: count < 9"]))
    assert texts(chosen, "job")[:2] == ["startup.log.errors: count < 9", "log.errors: count < 1"]


def test_a_limit_of_a_service_replaces_that_of_every_service() -> None:
    chosen = settings(limits(every=["memory.ratio: max < 0.6", "pids: max < 9"], api=["memory.ratio: max < 0.5"]))
    assert texts(chosen, "api") == ["memory.ratio: max < 0.5", "pids: max < 9", *DEFAULTS[1:]]
    assert texts(chosen, "job")[:2] == ["memory.ratio: max < 0.6", "pids: max < 9"]


def test_a_one_shot_has_limits_that_name_it_and_that_on_restarts() -> None:
    chosen = settings(limits(every=["pids: max < 9"], job=["memory.bytes: max < 10m"]))
    assert texts(chosen, "job", frozenset({"job"})) == ["memory.bytes: max < 10m", "restarts: max <= 0"]


def test_a_service_that_may_end_has_all_limits_until_it_has_ended() -> None:
    planned = limit_plan.plan(project(JOB), settings(), undecided=frozenset({"job"}))
    assert [one.limit.text for one in planned] == DEFAULTS
    ended = Measurements(containers=(container("job", status="exited", running=False),))
    assert [performance.judge(one, ended).outcome for one in planned] == [Outcome.PASSED] * 3
    died = Measurements(containers=(container("job", status="exited", running=False, exit_code=1),))
    assert performance.judge(planned[0], died).outcome is Outcome.ERROR
    assert performance.judge(planned[0], Measurements(containers=(container("job"),))).outcome is Outcome.ERROR
    named = settings(limits(job=["memory.ratio: max < 0.5"], every=["pids: max < 9"]))
    mine, every, *_ = limit_plan.plan(project(JOB), named, undecided=frozenset({"job"}))
    result = performance.judge(mine, ended)
    assert result.outcome is Outcome.ERROR, "who names it wants it measured"
    assert "It had ended by then: what it did while the stack started is startup.memory.ratio." in result.message
    assert performance.judge(every, ended).outcome is Outcome.PASSED


def test_request_metrics_for_every_service_mean_those_with_a_probe() -> None:
    every = replace(limits(every=["http.failed: rate < 0.1"]), probes={"api": ProbeSettings("http", 80)})
    assert "http.failed: rate < 0.1" in texts(settings(every), "api")
    assert "http.failed: rate < 0.1" not in texts(settings(every), "job")
    assert "http.failed: rate < 0.1" in texts(settings(limits(every=["http.failed: rate < 0.1"])), "job")


def test_one_limit_in_two_phases_is_two_checks() -> None:
    chosen = settings(limits(job=["idle.pids: max < 9", "suite.pids: max < 9", "suite.pids: max < 9"]))
    assert texts(chosen, "job")[:2] == ["idle.pids: max < 9", "suite.pids: max < 9"]


def test_a_service_without_containers_has_no_limits() -> None:
    assert limit_plan.plan(project(Service("off", HERE, replicas=0)), settings()) == ()


def container(service: str = "api", **more: object) -> ContainerState:
    return running(service, **more)


def sample(at: float, **more: int) -> Sample:
    base = Sample(at, int(at * NANO), 2, 0, 0, 50, 100, 4, 0, 0, 0)
    return replace(base, **more)


def series(*samples: Sample, phase: str = "idle", **more: object) -> Series:
    rounds = {phase: len(samples)}
    return Series(container(**more), tuple((phase, one) for one in samples), rounds)  # type: ignore[arg-type]


def measured(*every: Series, **more: object) -> Measurements:
    return Measurements(containers=(container(),), series={"api": every}, **more)  # type: ignore[arg-type]


def judged(limit: str, found: Measurements) -> CheckResult:
    (planned, *_) = limit_plan.plan(project(API), settings(limits(api=[limit])))
    return performance.judge(planned, found)


THREE = series(sample(1), sample(2, memory_working_set=97), sample(3))


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ("memory.ratio: max < 0.95", Outcome.FAILED),
        ("memory.ratio: med < 0.95", Outcome.PASSED),
        ("memory.ratio: last <= 50%", Outcome.PASSED),
        ("memory.ratio: min > 0.5", Outcome.FAILED),
        ("memory.ratio: avg < 66%", Outcome.PASSED),
        ("memory.ratio: avg < 65%", Outcome.FAILED),
        ("memory.bytes: max < 98", Outcome.PASSED),
        ("memory.growth: max < 47", Outcome.FAILED),
        ("memory.growth: last <= 0", Outcome.PASSED),
        ("pids: max == 4", Outcome.PASSED),
        ("pids: max != 4", Outcome.FAILED),
        ("cpu.ratio: max <= 50%", Outcome.PASSED),
        ("cpu.ratio: max < 50%", Outcome.FAILED),
    ],
)
def test_gauges(limit: str, outcome: Outcome) -> None:
    assert judged(limit, measured(THREE)).outcome is outcome


def test_the_message_tells_value_limit_samples_and_window() -> None:
    result = judged("memory.ratio: max < 0.95", measured(THREE))
    assert result.message == "api: memory.ratio max is 97 %, limit < 95 %; 3 samples in 2.0 s, idle and suite"
    assert result.evidence == {
        "value": 0.97,
        "limit": 0.95,
        "unit": "ratio",
        "samples": 3,
        "window_s": 2.0,
        "phase": "idle and suite",
        "host_load": "unknown",
        "within_noise": False,
    }


def test_the_host_s_load_is_that_of_the_limit_s_phases() -> None:
    busy = measured(THREE, host_load={"startup": (3.0,), "idle": (0.5, 0.25), "suite": (1.5,)})
    assert judged("idle.memory.ratio: max < 0.95", busy).evidence["host_load"] == 0.5
    told = judged("memory.ratio: max < 0.95", busy)
    assert told.evidence["host_load"] == 1.5
    assert told.message.endswith("3 samples in 2.0 s, idle and suite, host load 1.5 per core")


def test_rates_and_times_are_held_without_the_warm_up() -> None:
    samples = [sample(at, cpu_total_ns=int(NANO * max(at, 2 * at - 3))) for at in range(1, 9)]
    every = measured(series(*samples))
    late = replace(every, warm=Warm(4.5, 0.0, 3.5))
    assert judged("cpu.ratio: max < 900%", every).evidence["samples"] == 7
    result = judged("cpu.ratio: max < 900%", late)
    assert (result.evidence["samples"], result.evidence["warm_up_s"]) == (3, 3.5)
    assert judged("memory.ratio: max < 900%", late).evidence["samples"] == 8, "how full it is counts from the start"
    cold = judged("suite.http.latency: max < 200ms", replace(requests(0.1, 0.1, 0.1), warm=Warm(0.0, 9.0, 9.0)))
    assert cold.outcome is Outcome.ERROR
    assert "most samples fell into the first 9 s, which are warm-up: let the tests run for longer" in cold.message
    answered = replace(requests(0.9, 0.1, 0.1), warm=Warm(0.0, 0.5, 0.5))
    assert judged("http.latency: max < 200ms", answered).outcome is Outcome.PASSED
    assert judged("http.latency: max < 200ms", requests(0.9, 0.1, 0.1)).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("chosen", "seconds"), [({}, 2), ({"window_s": 60}, 5), ({"warm_up_s": 7}, 7), ({"warm_up_s": 0}, 0)]
)
def test_the_warm_up_is_a_part_of_the_window_or_what_the_user_says(chosen: dict[str, float], seconds: float) -> None:
    assert warm_up.length_s(PerformanceSettings(**chosen)) == seconds  # type: ignore[arg-type]


def test_a_result_within_noise_says_so_and_warns() -> None:
    near = series(*(sample(at, pids=pids) for at, pids in enumerate((96, 99, 103, 98, 97, 102), 1)))
    result = judged("pids: med < 100", measured(near))
    assert (result.outcome, result.evidence["within_noise"]) == (Outcome.PASSED, True)
    assert result.message.endswith("; within noise of its limit")
    assert [(one.severity, one.subject) for one in result.findings] == [(Severity.WARNING, "api")]
    assert "`performance.measure_on`" in result.findings[0].remedy
    assert judged("pids: med < 200", measured(near)).findings == ()
    of_suite = replace(near, samples=tuple(("suite", one) for _, one in near.samples), rounds={"suite": 6})
    (finding,) = judged("suite.pids: med < 100", measured(of_suite)).findings
    assert "by tests that run for longer" in finding.remedy, "what comes after the tests is no suite"


def test_measuring_on_is_for_what_is_undecided_and_grows_after_the_tests() -> None:
    near = measured(series(*(sample(at, pids=pids) for at, pids in enumerate((96, 99, 103, 98, 97, 102), 1))))
    undecided = {
        limit: bool(performance.undecided(limit_plan.plan(project(API), settings(limits(api=[limit])))[:1], near))
        for limit in ("pids: med < 100", "pids: med < 200", "pids: max < 103", "suite.pids: med < 100")
    }
    assert undecided == {
        "pids: med < 100": True,
        "pids: med < 200": False,
        "pids: max < 103": False,
        "suite.pids: med < 100": False,
    }


def test_cpu_is_held_against_the_containers_own_limit() -> None:
    limited = replace(THREE, container=container(nano_cpus=NANO // 2))
    assert judged("cpu.ratio: max <= 200%", measured(limited)).evidence["value"] == 2.0


def test_two_looks_at_once_are_no_look_of_their_own() -> None:
    every = ((1.0, 100, 100), (1.01, 100, 100), (2.0, 110, 110), (2.02, 110, 110), (3.0, 120, 120))
    found = series(*(sample(at, periods=all_, throttled_periods=cut) for at, all_, cut in every))
    result = judged("cpu.throttled: min > 0.5", measured(found))
    assert (result.evidence["value"], result.evidence["samples"]) == (1.0, 2)


def test_throttling_is_a_share_of_the_periods_between_two_samples() -> None:
    found = series(
        sample(1, periods=100, throttled_periods=100),
        sample(2, periods=110, throttled_periods=105),
        sample(3, periods=120, throttled_periods=115),
        sample(4, periods=120, throttled_periods=115),
    )
    assert judged("cpu.throttled: max < 200%", measured(found)).evidence["value"] == 1.0
    assert judged("cpu.throttled: med < 200%", measured(found)).evidence["value"] == 0.5


def test_a_counter_that_began_anew_after_a_restart_is_no_negative_use() -> None:
    found = series(sample(1), sample(2), sample(3, cpu_total_ns=5, net_errors=3), sample(4))
    assert judged("cpu.ratio: min >= 0", measured(found)).outcome is Outcome.PASSED
    assert judged("network.errors: count <= 3", measured(found)).evidence["value"] == 3.0


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("network.errors: count < 99", 5.0),
        ("network.errors: max < 99", 3.0),
        ("network.errors: rate < 99", 2.5),
        ("disk.read: count < 1g", 0.0),
    ],
)
def test_counters_count_from_the_first_sample_on_over_all_replicas(limit: str, value: float) -> None:
    one = series(sample(1, net_errors=10), sample(3, net_errors=12))
    other = series(sample(1, net_errors=0), sample(3, net_errors=3))
    assert judged(limit, measured(one, other)).evidence["value"] == value


def test_a_container_that_starves_does_not_hide_among_others() -> None:
    def one(name: str, cut: int, count: int = 9) -> Series:
        looks = (sample(at, periods=10 * at, throttled_periods=cut * at, pids=cut) for at in range(1, count))
        return replace(series(*looks), container=container(name=f"p-api-{name}"))

    three = measured(one("1", 0), one("2", 9), one("3", 0))
    result = judged("cpu.throttled: med < 0.5", three)
    assert (result.outcome, result.evidence["value"]) == (Outcome.FAILED, 0.9)
    assert "is 90 % of p-api-2 alone, limit < 50 %" in result.message
    assert result.evidence["container"] == "p-api-2"
    assert judged("pids: med > 0", three).outcome is Outcome.FAILED, "the least is worst for a lower bound"
    short = measured(one("1", 0), one("2", 9, count=4), one("3", 0))
    assert judged("cpu.throttled: med < 0.5", short).outcome is Outcome.PASSED, "seen for a moment only"
    assert "container" not in judged("cpu.throttled: max < 1", three).evidence


def test_a_leak_is_not_made_up_for_by_a_container_that_shrinks() -> None:
    grown = series(*(sample(at, memory_working_set=10_000 + 50 * at) for at in range(1, 30)))
    shrunk = series(*(sample(at, memory_working_set=10_000 - 50 * at) for at in range(1, 30)))
    assert judged("memory.growth: rate < 40", measured(shrunk, grown)).evidence["value"] == pytest.approx(50)


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ("pids: last < 5", Outcome.FAILED),
        ("pids: last > 3", Outcome.FAILED),
        ("pids: last == 4", Outcome.FAILED),
        ("pids: last != 3", Outcome.FAILED),
        ("pids: last != 4", Outcome.PASSED),
        ("pids: last >= 3", Outcome.PASSED),
    ],
)
def test_the_last_value_of_every_container_is_held(limit: str, outcome: Outcome) -> None:
    one, other = (series(sample(1, pids=4), sample(2, pids=pids)) for pids in (3, 5))
    assert judged(limit, measured(one, other)).outcome is outcome


def test_the_start_of_every_container_is_its_last_one() -> None:
    found = Measurements(containers=(container(),), startup_s={"api": (9.0, 3.0)})
    assert judged("startup: last < 5s", found).outcome is Outcome.FAILED


def test_processors_are_those_that_the_container_may_use() -> None:
    samples = [sample(at, cpu_total_ns=NANO * at) for at in range(1, 5)]
    bound = replace(series(*samples), container=container(bound_cpus=1))
    assert judged("cpu.ratio: max < 90%", measured(series(*samples))).evidence["value"] == 0.5
    assert judged("cpu.ratio: max < 90%", measured(bound)).evidence["value"] == 1.0
    both = replace(bound, container=container(bound_cpus=2, nano_cpus=NANO))
    assert judged("cpu.ratio: max < 90%", measured(both)).evidence["value"] == 1.0


def test_a_restart_is_seen_by_any_counter_that_fell() -> None:
    found = series(
        sample(1, periods=100, throttled_periods=100),
        sample(2, periods=101, throttled_periods=3),
        sample(3, periods=111, throttled_periods=13),
        sample(4, periods=121, throttled_periods=23),
    )
    assert judged("cpu.throttled: min >= 0", measured(found)).evidence["value"] == 1.0


def test_samples_of_another_phase_do_not_count() -> None:
    result = judged("suite.memory.ratio: max < 0.95", measured(THREE))
    assert (result.outcome, result.evidence) == (Outcome.ERROR, {"samples": 0, "needed": 2})
    assert "needs 2 samples, there were no samples. Only what is measured while the tests run counts" in result.message
    assert "leave out 'suite.'" in result.message


def test_a_sample_at_the_border_of_two_phases_is_one_sample() -> None:
    border = (("idle", sample(1)), ("suite", sample(1)))
    assert (
        judged("pids: max < 9", measured(Series(container(), border, {"idle": 1, "suite": 1}))).outcome is Outcome.ERROR
    )


def test_a_stack_that_was_up_before_has_no_start_to_measure() -> None:
    result = judged("startup.memory.ratio: max < 0.95", measured(THREE))
    assert "only containers count that this run has started" in result.message


def test_the_step_out_of_the_suite_is_not_idle() -> None:
    phases = ("idle", "idle", "suite", "suite", "idle", "idle", "idle")
    used = (0, 1, 2, 12, 22, 23, 24)
    samples = tuple(
        (phase, sample(at, cpu_total_ns=NANO * cpu))
        for at, (phase, cpu) in enumerate(zip(phases, used, strict=True), 1)
    )
    found = measured(Series(container(), samples, {"idle": 5, "suite": 2}))
    assert judged("idle.cpu.ratio: max < 900%", found).evidence["value"] == 0.5
    assert judged("suite.cpu.ratio: max < 900%", found).evidence["value"] == 5.0
    assert judged("cpu.ratio: max < 900%", found).evidence["samples"] == 6


def test_counters_of_a_container_that_was_started_meanwhile_count_from_nothing() -> None:
    seen = series(sample(1, net_received=10), sample(3, net_received=12), phase="startup")
    started = replace(seen, from_start=True)
    assert judged("startup.network.received: count < 99", measured(seen)).evidence["value"] == 2.0
    assert judged("startup.network.received: count < 99", measured(started)).evidence["value"] == 12.0
    assert judged("network.received: count < 99", measured(started)).outcome is Outcome.ERROR


def test_a_counter_that_began_anew_counts_from_nothing() -> None:
    found = series(sample(1, net_sent=100), sample(2, net_sent=130), sample(3, cpu_total_ns=5, net_sent=7))
    assert judged("network.sent: count < 99", measured(found)).evidence["value"] == 37.0


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("network.errors: count < 99", 7.0),
        ("network.drops: count < 99", 3.0),
        ("network.received: rate < 1k", 50.0),
        ("network.sent: count < 1k", 40.0),
        ("disk.read: count < 1k", 5.0),
        ("disk.written: max < 1k", 9.0),
    ],
)
def test_what_the_kernel_counts(limit: str, value: float) -> None:
    later = sample(3, net_errors=7, net_drops=3, net_received=100, net_sent=40, io_read=5, io_written=9)
    assert judged(limit, measured(series(sample(1, io_read=0), later))).evidence["value"] == value


@pytest.mark.parametrize(
    ("limit", "words"),
    [("disk.written: count < 1g", "under cgroup v1"), ("disk.read: count < 1g", "does not count the block I/O")],
)
def test_what_the_kernel_does_not_count_proves_nothing(limit: str, words: str) -> None:
    found = series(*(replace(sample(at), io_written=None, io_read=None) for at in (1, 2, 3)))
    result = judged(limit, measured(found))
    assert (result.outcome, words in result.message) == (Outcome.ERROR, True), result.message


def test_the_network_of_the_machine_is_not_that_of_the_container() -> None:
    found = series(sample(1), sample(2), sample(3), network_mode="host")
    result = judged("network.received: count < 1g", measured(found))
    assert (result.outcome, "no network of its own" in result.message) == (Outcome.ERROR, True)


def test_growth_is_the_slope_of_all_samples_and_not_of_the_last() -> None:
    leak = series(*(sample(at, memory_working_set=1000 + 50 * at) for at in range(1, 30)))
    assert judged("memory.growth: rate < 1k", measured(leak)).evidence["value"] == pytest.approx(50.0)
    spike = series(*(sample(at, memory_working_set=50) for at in range(1, 30)), sample(30, memory_working_set=950))
    grown = judged("memory.growth: rate < 1k", measured(spike)).evidence["value"]
    assert isinstance(grown, float)
    assert 0 < grown < 10 < 900 / 29
    two = judged("memory.growth: rate < 1k", measured(leak, leak)).evidence["value"]
    assert two == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("limit", "kills", "outcome"),
    [
        ("oom.kills: count <= 0", {}, Outcome.PASSED),
        ("oom.kills: count <= 0", {"api": {"suite": 1}}, Outcome.FAILED),
        ("oom.kills: count <= 0", {"api": {"startup": 1}, "job": {"idle": 2}}, Outcome.PASSED),
        ("startup.oom.kills: count <= 0", {"api": {"startup": 1}}, Outcome.FAILED),
        ("oom.kills: count <= 0", None, Outcome.ERROR),
    ],
)
def test_kills_for_want_of_memory(limit: str, kills: dict[str, dict[str, int]] | None, outcome: Outcome) -> None:
    assert judged(limit, Measurements(oom_kills=kills)).outcome is outcome


@pytest.mark.parametrize("limit", [f"{name}: {metric.aggregations[0]} > 0" for name, metric in METRICS.items()])
def test_without_measurements_nothing_is_proven(limit: str) -> None:
    limit = limit.replace("p(N)", "p(50)").replace("> 0", "> 0s") if "seconds" in limit else limit
    found = judged(limit, Measurements())
    assert found.outcome is Outcome.ERROR, found.message


def test_one_sample_is_not_enough() -> None:
    assert judged("memory.ratio: max < 0.95", measured(series(sample(1)))).outcome is Outcome.ERROR


def test_a_percentile_needs_a_sample_beyond_it() -> None:
    twenty = series(*(sample(at, pids=at) for at in range(1, 21)))
    nineteen = series(*(sample(at) for at in range(1, 20)))
    assert judged("pids: p(95) < 99", measured(twenty)).evidence["value"] == 19.0
    result = judged("pids: p(95) < 99", measured(nineteen))
    assert result.outcome is Outcome.ERROR
    assert "p(95) needs 20 samples, there were only 19 of them." in result.message
    assert "bound a lower percentile" in judged("pids: p(99) < 99", measured(twenty)).message


@pytest.mark.parametrize(
    ("percent", "count"), [(1, 101), (5, 21), (50, 3), (75, 4), (90, 10), (95, 20), (99, 100), (99.9, 1000)]
)
def test_how_many_samples_a_percentile_needs(percent: float, count: int) -> None:
    assert needed(parse_limit(f"pids: p({percent}) < 9"), sampled=True) == count


@pytest.mark.parametrize(("percent", "value"), [(1, 1), (50, 2), (75, 3), (76, 4), (99, 4)])
def test_percentiles_are_values_that_occurred(percent: float, value: float) -> None:
    assert percentile([4, 2, 1, 3], percent) == value


def test_a_sampler_that_died_proves_nothing() -> None:
    result = judged("memory.ratio: max < 0.99", measured(THREE, trouble="the sampling ended by an error"))
    assert (result.outcome, "the sampling ended by an error" in result.message) == (Outcome.ERROR, True)


def test_mostly_missed_rounds_prove_nothing() -> None:
    holes = replace(THREE, rounds={"idle": 9}, misses={"idle": 6})
    assert judged("memory.ratio: max < 0.99", measured(holes)).outcome is Outcome.ERROR
    fewer = replace(THREE, rounds={"idle": 6}, misses={"idle": 3})
    assert judged("memory.ratio: max < 0.99", measured(fewer)).outcome is Outcome.PASSED


def test_every_metric_is_measured() -> None:
    assert set(METRICS) == set(meters.METERS)


WROTE = LogFlow(
    lines={"": 100, "startup": 50, "idle": 4, "suite": 26},
    errors={"startup": 7, "suite": 3},
    seconds={"startup": 5.0, "idle": 2.0, "suite": 8.0},
    per_second={"startup": (10.0,) * 5, "idle": (2.0, 2.0), "suite": (0.0,) * 7 + (26.0,)},
)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("log.errors: count <= 3", 3),
        ("idle.log.errors: count <= 0", 0),
        ("startup.log.errors: count > 6", 7),
        ("suite.log.errors: rate < 0.5", 0.375),
        ("log.rate: rate <= 3", 3),
        ("log.rate: max < 30", 26),
        ("log.rate: med < 1", 0),
        ("log.rate: count < 31", 30),
        ("startup.log.rate: avg < 11", 10),
    ],
)
def test_log_lines_are_counted_and_rated_by_phase(limit: str, value: float) -> None:
    result = judged(limit, Measurements(logs={"api": WROTE}))
    assert (result.outcome, result.evidence["value"]) == (Outcome.PASSED, value), result.message


@pytest.mark.parametrize(
    ("limit", "flow", "words"),
    [
        ("log.errors: count < 1", LogFlow(), "no samples"),
        ("suite.log.errors: count < 1", LogFlow(seconds={"idle": 3.0}), "no samples"),
        ("log.rate: max < 1", LogFlow(seconds={"idle": 1.5}, per_second={"idle": (1.0,)}), "needs 2 samples"),
        ("log.errors: count < 1", replace(WROTE, trouble="its log cannot be read"), "cannot be read"),
        ("log.rate: max < 1", replace(WROTE, trouble="its log cannot be read"), "cannot be read"),
    ],
)
def test_a_log_that_was_not_read_proves_no_limit(limit: str, flow: LogFlow, words: str) -> None:
    result = judged(limit, Measurements(logs={"api": flow}))
    assert result.outcome is Outcome.ERROR
    assert words in result.message


def test_facts_of_containers_need_no_samples_over_time() -> None:
    runs = tuple(HealthRun(None, seconds, 0, "") for seconds in (0.1, 0.3))
    found = Measurements(
        containers=(container(restart_count=2, health_runs=runs), container(restart_count=1)),
        startup_s={"api": (3.0,)},
        connect_s={"api": (0.001, 0.004)},
        image_bytes={"api": (10_000_000,)},
    )
    assert judged("restarts: max <= 1", found).outcome is Outcome.FAILED
    assert judged("restarts: count <= 3", found).outcome is Outcome.PASSED
    assert judged("health.duration: max < 200ms", found).outcome is Outcome.FAILED
    assert judged("startup: max < 5s", found).outcome is Outcome.PASSED
    assert judged("connect.latency: avg < 2ms", found).outcome is Outcome.FAILED
    assert judged("image.size: last < 1m", found).outcome is Outcome.FAILED


def requests(*latencies: float | None, proven: bool = True) -> Measurements:
    made = tuple(
        TimedRequest(float(at), "suite", latency is not None, latency, "refused", proven)
        for at, latency in enumerate(latencies)
    )
    return Measurements(requests={"api": made})


@pytest.mark.parametrize(
    ("limit", "found", "outcome"),
    [
        ("http.latency: max < 200ms", requests(0.1, 0.19), Outcome.PASSED),
        ("http.latency: max < 200ms", requests(0.1, 0.3), Outcome.FAILED),
        ("http.latency: max < 200ms", requests(None, None, None), Outcome.ERROR),
        ("http.failed: rate < 0.3", requests(0.1, 0.1, 0.1, None), Outcome.PASSED),
        ("http.failed: rate < 0.2", requests(0.1, 0.1, 0.1, None), Outcome.FAILED),
        ("http.failed: count <= 1", requests(0.1, None), Outcome.PASSED),
        ("http.failed: rate < 0.2", requests(None, None, proven=False), Outcome.ERROR),
        ("http.rate: rate >= 1", requests(0.1, 0.1, 0.1), Outcome.PASSED),
    ],
)
def test_requests(limit: str, found: Measurements, outcome: Outcome) -> None:
    assert judged(limit, found).outcome is outcome


def mixed(*requests: float | None, proven: bool = True) -> tuple[TimedRequest, ...]:
    return tuple(
        TimedRequest(float(at), "suite", one is not None, one, "gives 503", proven) for at, one in enumerate(requests)
    )


def to(container: str, made: Sequence[TimedRequest]) -> tuple[TimedRequest, ...]:
    return tuple(replace(one, container=container) for one in made)


@pytest.mark.parametrize(
    ("limit", "second", "outcome", "words"),
    [
        ("http.latency: med < 1s", mixed(*(2.0,) * 5), Outcome.FAILED, "api-2"),
        ("http.latency: med < 1s", mixed(*(0.2,) * 5), Outcome.PASSED, "api-2"),
        ("http.failed: rate < 0.5", mixed(0.1, None, None, None), Outcome.FAILED, "api-2"),
        ("http.latency: med < 1s", mixed(0.1, None, None, None), Outcome.ERROR, "api-2: 3 of 4 requests failed"),
        ("http.failed: rate < 0.5", mixed(None, None, proven=False), Outcome.ERROR, "api-2: no request could be made"),
        # Replicas add up to what a service gets done.
        ("http.rate: rate > 2", mixed(*(0.1,) * 8), Outcome.PASSED, "http.rate rate is 2.28571/s"),
    ],
)
def test_the_worst_replica_decides_and_is_named(
    limit: str, second: tuple[TimedRequest, ...], outcome: Outcome, words: str
) -> None:
    made = (*to("api-1", mixed(*(0.1,) * 8)), *to("api-2", second))
    result = judged(limit, Measurements(requests={"api": made}))
    assert result.outcome is outcome, result.message
    assert words in result.message


@pytest.mark.parametrize(
    ("limit", "made", "words"),
    [
        (
            "http.latency: max < 1s",
            mixed(0.1, 0.1, None, None, None),
            "3 of 5 requests failed, which has no latency: gives 503",
        ),
        ("http.latency: max < 1s", mixed(0.1, 0.1, None, None), ""),
        (
            "http.failed: rate < 0.5",
            (*mixed(0.1, 0.1), *mixed(None, None, None, proven=False)),
            "3 of 5 requests could not be made: gives 503",
        ),
        ("http.failed: rate < 0.5", (*mixed(0.1, 0.1), *mixed(None, None, proven=False)), ""),
    ],
)
def test_the_few_requests_that_went_well_prove_nothing_of_the_others(
    limit: str, made: tuple[TimedRequest, ...], words: str
) -> None:
    result = judged(limit, Measurements(requests={"api": made}))
    assert result.outcome is (Outcome.ERROR if words else Outcome.PASSED), result.message
    assert words in result.message


@pytest.mark.parametrize(
    "made",
    [mixed(0.1, 0.1, 0.1, 0.1, None, None, None), mixed(None, None, None, 0.1, 0.1, 0.1, 0.1)],
    ids=["ends with an outage", "begins with an outage"],
)
def test_the_rate_falls_while_nothing_is_answered(made: tuple[TimedRequest, ...]) -> None:
    result = judged("http.rate: min > 0.5", Measurements(requests={"api": tuple(reversed(made))}))
    assert result.outcome is Outcome.FAILED
    assert result.evidence["value"] == pytest.approx(1 / 3)
    assert judged("http.rate: min > 0.5", requests(0.1, 0.1, 0.1)).outcome is Outcome.PASSED


def told(*series: ExposedSeries, **more: object) -> Measurements:
    return Measurements(exposed={"api": Exposed({"prometheus.a_total": series}, **more)})  # type: ignore[arg-type]


def fetched(container: str = "p-api-1", **more: object) -> Fetches:
    moments = tuple((2.0 * at, "suite") for at in range(3))
    return Fetches(container, {"idle": 3, "suite": 3}, **{"told": moments, **more})  # type: ignore[arg-type]


def points(*values: float, phase: str = "suite") -> tuple[tuple[float, str, float], ...]:
    return tuple((2.0 * at, phase, value) for at, value in enumerate(values))


@pytest.mark.parametrize(
    ("limit", "series", "value"),
    [
        ("prometheus.a_total: count <= 9", ExposedSeries(points(1, 3, 6)), 5),
        ("prometheus.a_total: rate <= 9", ExposedSeries(points(1, 3, 6)), 1.25),
        ("prometheus.a_total: count <= 9", ExposedSeries(points(7, 9, 1, 2)), 4),
        ("prometheus.a_total: count <= 9", ExposedSeries(points(2, 3), from_zero=True), 3),
        ("prometheus.a_total: max <= 9", ExposedSeries(points(2, 8, 3)), 8),
        ("prometheus.a_total: last <= 9", ExposedSeries(points(2, 8, 3), is_gauge=True), 3),
        ("idle.prometheus.a_total: count <= 9", ExposedSeries((*points(1, 5), (5.0, "idle", 7), (6.0, "idle", 8))), 1),
    ],
)
def test_what_services_tell_of_themselves(limit: str, series: ExposedSeries, value: float) -> None:
    result = judged(limit, told(series))
    assert (result.outcome, result.evidence["value"]) == (Outcome.PASSED, value), result.message


def test_the_rate_of_what_appears_late_is_that_of_the_whole_time() -> None:
    late = told(*[ExposedSeries(((4.0, "suite", 6.0),), from_zero=True)] * 2, fetches=(fetched(),))
    result = judged("prometheus.a_total: rate < 2", late)
    assert (result.outcome, result.evidence["value"]) == (Outcome.FAILED, 3.0)


def test_several_series_count_together_and_each_is_held_against_a_maximum() -> None:
    two = told(ExposedSeries(points(1, 3)), ExposedSeries(points(5, 9)))
    assert judged("prometheus.a_total: count <= 9", two).evidence["value"] == 6
    assert judged("prometheus.a_total: max <= 9", two).evidence["value"] == 9


@pytest.mark.parametrize(
    ("limit", "found", "words"),
    [
        ("prometheus.a_total: max < 9", Measurements(), "nobody has asked for it (performance.metrics)"),
        ("prometheus.a_total: rate < 9", told(ExposedSeries(points(1, 2), is_gauge=True)), "it is a gauge"),
        ("prometheus.b: max < 9", told(missing={"prometheus.b": "there is no b"}), "there is no b"),
        ("prometheus.a_total: max < 9", told(ExposedSeries(points(1))), "needs 2 samples"),
        (
            "prometheus.a_total: max < 9",
            told(
                ExposedSeries(points(1, 2)),
                fetches=(fetched(), fetched("p-api-2", failures={"suite": 4}, trouble="404")),
            ),
            "could not be fetched from p-api-2 4 of 6 times: 404",
        ),
        (
            "prometheus.a_total: max < 9",
            told(ExposedSeries(points(1, 2)), fetches=(fetched(gone={("prometheus.a_total", "suite"): 4}),)),
            "p-api-1 told it at first, and did not in 4 of 6 looks",
        ),
        (
            "prometheus.a_total: rate < 9",
            told(ExposedSeries(points(1)), ExposedSeries(points(7)), fetches=(fetched(told=((0.0, "suite"),)),)),
            "it was fetched only once; it is fetched every 2 s",
        ),
    ],
)
def test_what_services_do_not_tell_proves_nothing(limit: str, found: Measurements, words: str) -> None:
    result = judged(limit, found)
    assert (result.outcome, words in result.message) == (Outcome.ERROR, True), result.message


def test_limits_on_what_is_exposed_mean_the_services_that_expose_it() -> None:
    chosen = replace(limits(every=["prometheus.a_total: max < 9"]), metrics={"api": ProbeSettings("http", 80)})
    assert "prometheus.a_total: max < 9" in texts(settings(chosen), "api")
    assert "prometheus.a_total: max < 9" not in texts(settings(chosen), "job")


def test_connects_of_one_caller_are_told_apart() -> None:
    found = Measurements(connect_s={"api": (0.001, 0.004), "web -> api": (0.001,), "job -> api": (0.004,)})
    assert judged('connect.latency{from="web"}: max < 2ms', found).outcome is Outcome.PASSED
    assert judged('connect.latency{from="job"}: max < 2ms', found).outcome is Outcome.FAILED
    assert judged("connect.latency: max < 2ms", found).outcome is Outcome.FAILED
    result = judged('connect.latency{from="db"}: max < 2ms', found)
    assert (result.outcome, "db has not connected to it" in result.message) == (Outcome.ERROR, True)


FACTS = Measurements(
    containers=(
        container(health_timeout_s=2.0, health_runs=(HealthRun(None, 0.5, 0, ""), HealthRun(None, 2.0, 1, ""))),
    ),
    stages_s={"start.created": {"api": (0.5,)}, "start.connected": {"api": (4.0, 6.0)}},
    layers={"api": ((9_000_000, 4_000_000),)},
    host=(("idle", 5e9, 8e9), ("suite", 4e9, 9e9)),
)


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ("health.ratio: max < 1", Outcome.FAILED),
        ("health.ratio: min < 30%", Outcome.PASSED),
        ("start.created: max < 1s", Outcome.PASSED),
        ("start.connected: max < 5s", Outcome.FAILED),
        ("start.healthy: max < 5s", Outcome.ERROR),
        ("layer.size: last < 8m", Outcome.FAILED),
        ("layer.growth: last < 8m", Outcome.PASSED),
        ("host.memory.available: min > 3g", Outcome.PASSED),
        ("host.disk.free: min > 8g", Outcome.FAILED),
        ("startup.host.disk.free: min > 8g", Outcome.ERROR),
    ],
)
def test_facts_of_start_layers_and_host(limit: str, outcome: Outcome) -> None:
    planned = limit_plan.plan(project(API), settings(limits(api=[limit])))
    (mine,) = [one for one in planned if one.limit.text in limit]
    assert performance.judge(mine, FACTS).outcome is outcome


def test_the_host_is_held_against_a_limit_once() -> None:
    planned = limit_plan.plan(STACK, settings(limits(every=["host.disk.free: min > 1g"])))
    assert [one.check.subject for one in planned if "host" in one.limit.metric] == ["* host.disk.free: min > 1g"]


def test_a_host_that_cannot_be_seen_says_why() -> None:
    (planned, *_) = limit_plan.plan(project(API), settings(limits(api=["host.disk.free: min > 1g"])))
    result = performance.judge(planned, Measurements(host_missing={"disk": "the engine runs on another machine"}))
    assert (result.outcome, "another machine" in result.message) == (Outcome.ERROR, True)


def test_requests_of_any_protocol_are_measured_alike() -> None:
    assert judged("probe.latency: max < 200ms", requests(0.1, 0.3)).outcome is Outcome.FAILED
    assert judged("probe.failed: count <= 1", requests(0.1, None)).outcome is Outcome.PASSED


def test_a_time_out_counts_in_the_latency() -> None:
    late = TimedRequest(9.0, "suite", False, 5.1, "no reply within 5 s")
    found = Measurements(requests={"api": (*requests(0.1, 0.1).requests["api"], late)})
    assert judged("http.latency: max < 5s", found).outcome is Outcome.FAILED
    assert judged("http.latency: med < 200ms", found).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("rate", "limit", "window"),
    [
        (1, "http.latency: p(99) < 1s", 60),
        (10, "http.latency: p(99) < 1s", 10.1),
        (20, "probe.latency: p(99) < 1s", 10),
        (10, "pids: p(95) < 99", 22.05),
        (0.1, "http.failed: rate < 0.1", 20),
    ],
)
def test_a_higher_rate_brings_the_samples_of_a_percentile_sooner(rate: float, limit: str, window: float) -> None:
    chosen = replace(limits(api=[limit]), probes={"api": ProbeSettings("http", 80, rate=rate)})
    planned = limit_plan.plan(project(API), settings(chosen))
    assert performance.window_s(planned, 10) == pytest.approx(window)


def test_limits_for_every_service_mean_those_whose_probe_speaks_so() -> None:
    chosen = replace(
        limits(every=["http.failed: rate < 0.1", "probe.failed: rate < 0.2"]),
        probes={"api": ProbeSettings("redis", 1), "web": ProbeSettings("http", 1)},
    )
    assert texts(settings(chosen), "api")[:1] == ["probe.failed: rate < 0.2"]
    assert "probe.failed: rate < 0.2" not in texts(settings(chosen), "job")


def test_a_limit_for_services_of_which_none_is_asked_is_not_forgotten() -> None:
    exposed, failed = "prometheus.a_total: max < 9", "http.failed: rate < 0.1"
    web = {"web": ProbeSettings("http", 1)}
    chosen = replace(PerformanceSettings(probes=web, metrics=web), limits=limits(**{"a*": [exposed, failed]}).limits)
    assert texts(settings(chosen), "api")[:2] == [exposed, failed]
    assert not {exposed, failed} & set(texts(settings(chosen), "job"))
    other = replace(limits(every=[failed]), probes={"api": ProbeSettings("redis", 1)})
    assert failed in texts(settings(other), "job"), "nobody speaks HTTP"


@pytest.mark.parametrize(
    ("limit", "early"),
    [
        ("memory.ratio: max < 0.95", True),
        ("memory.ratio: min > 0.6", True),
        ("memory.ratio: avg < 0.6", False),
        ("memory.ratio: avg < 0.4", False),
        ("memory.ratio: med < 0.2", False),
        ("memory.ratio: last < 0.5", False),
        ("startup: med < 1s", True),
        ("health.duration: med < 1s", False),
        ("suite.memory.ratio: max < 0.95", False),
        ("memory.ratio: max < 0.99", False),
        ("startup: max < 9s", False),
        ("memory.ratio: avg > 0.9", False),
        ("memory.ratio: last > 0.9", False),
        ("network.received: count > 1m", False),
        ("network.received: rate < 1", False),
        ("network.received: count < 1", True),
    ],
)
def test_only_what_the_suite_cannot_heal_fails_early(limit: str, early: bool) -> None:
    planned = limit_plan.plan(project(API), settings(limits(api=[limit])))[:1]
    slow = container(health_runs=(HealthRun(None, 2.0, 0, ""),))
    samples = tuple((phase, replace(one, net_received=int(9 * one.time))) for phase, one in THREE.samples)
    every = measured(replace(THREE, samples=samples), startup_s={"api": (2.0, 3.0)})
    assert bool(performance.early_verdict(planned, replace(every, containers=(slow,)))) is early


def test_every_limit_gets_a_result() -> None:
    planned = limit_plan.plan(STACK, settings())
    told: list[CheckResult] = []
    results = performance.evaluate(planned, measured(THREE), told.append)
    assert [result.check for result in results] == [one.check for one in planned]
    assert list(results) == told


@pytest.mark.parametrize(
    ("limit", "seconds"),
    [("pids: max < 9", 10), ("pids: p(50) < 9", 10), ("pids: p(95) < 9", 22.05), ("pids: p(99) < 9", 60)],
)
def test_a_percentile_lengthens_the_window_but_not_without_end(limit: str, seconds: float) -> None:
    planned = limit_plan.plan(project(API), settings(limits(api=[limit])))
    assert math.isclose(performance.window_s(planned, 10), seconds)


def test_the_warm_up_does_not_eat_up_the_window_of_what_it_is_left_out_of() -> None:
    planned = {
        limit: limit_plan.plan(project(API), settings(limits(api=[limit])))[:1]
        for limit in ("cpu.ratio: max < 900%", "cpu.ratio: p(95) < 900%", "pids: max < 9")
    }
    short = {limit: performance.window_s(one, 1, warm_up_s=2) for limit, one in planned.items()}
    assert short == pytest.approx(
        {"cpu.ratio: max < 900%": 5.15, "cpu.ratio: p(95) < 900%": 24.05, "pids: max < 9": 3.15}
    )


def test_only_a_limit_that_holds_without_tests_demands_a_window_without_tests() -> None:
    planned = limit_plan.plan(project(API), settings(limits(api=["suite.pids: max < 9", "cpu.ratio: max < 900%"])))
    assert performance.idle_window_s(planned, 10) == 0
    named = limit_plan.plan(project(API), settings(limits(api=["idle.pids: max < 9"])))
    assert performance.idle_window_s(named, 10) == 10


@pytest.mark.parametrize(
    ("limit", "of", "lacking"),
    [
        ("memory.ratio: max < 0.9", THREE, ""),
        ("memory.ratio: max < 0.9", series(sample(1)), "api"),
        ("cpu.throttled: med < 0.5", series(sample(1), sample(2)), "api"),
        ("pids: p(99.9) < 99", series(sample(1)), ""),
        ("idle.memory.ratio: max < 0.9", series(), "api"),
        ("suite.memory.ratio: max < 0.9", series(), ""),
        ("restarts: max <= 0", series(), ""),
    ],
)
def test_who_lacks_samples_that_measuring_on_can_bring(limit: str, of: Series, lacking: str) -> None:
    assert lacking_of(limit, measured(of)) == frozenset(lacking.split())


def lacking_of(limit: str, found: Measurements) -> frozenset[str]:
    (planned, *_) = limit_plan.plan(project(API), settings(limits(api=[limit])))
    return performance.lack_samples([planned], found)


def test_measuring_on_brings_nothing_where_it_has_ended() -> None:
    short = series(sample(1))
    ended = replace(measured(short), containers=(container(status="exited", running=False),))
    assert lacking_of("memory.ratio: max < 0.9", ended) == frozenset()
    half = replace(measured(short), containers=(container(), container(status="exited", running=False)))
    assert lacking_of("memory.ratio: max < 0.9", half) == frozenset()
    died = measured(short, trouble="the sampling ended by an error")
    assert lacking_of("memory.ratio: max < 0.9", died) == frozenset()


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("memory.ratio: max < 0.9699", "is 97 % (0.01 % more), limit < 97 %"),
        ("memory.ratio: max > 0.9701", "is 97 % (0.01 % less), limit > 97 %"),
        ("memory.ratio: max <= 0.97", "is 97 %, limit <= 97 %"),
        ("memory.ratio: max < 0.96", "is 97 %, limit < 96 %"),
    ],
)
def test_a_value_that_rounds_to_its_limit_says_by_how_much_it_is_another(limit: str, told: str) -> None:
    assert told in judged(limit, measured(THREE)).message
