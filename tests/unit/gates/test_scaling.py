from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_infragate.gates.edge_plan import plan as edges_of
from pytest_infragate.gates.roles import roles
from pytest_infragate.gates.scaling import PlannedScaling, gain_is_close, judge, left_alone, load_s, plan, refused
from pytest_infragate.gates.scaling_trial import Fault, Request, Throughput, Trial, failures_of_load, rate, together
from pytest_infragate.gates.spread import Spread
from pytest_infragate.limits import parse_limit
from pytest_infragate.results import Outcome, Severity
from pytest_infragate.scaling_settings import SCALE_METRICS, ScalingSettings
from pytest_infragate.settings import (
    ConnectivitySettings,
    EdgeSettings,
    PerformanceSettings,
    ProbeSettings,
    ServiceSettings,
    Settings,
)

from ..stacks import project
from ..states import running

API: dict[str, Any] = {"expose": ["9000"]}
CALLER: dict[str, Any] = {"image": "ours"}
EXPECT = ConnectivitySettings(expect=(EdgeSettings("caller", "api", 8000),))
ONE = running("api", id="one", name="p-api-1")
TWO = running("api", id="two", name="p-api-2")
GOOD = Trial(
    (ONE,),
    (TWO,),
    {"p-api-2": 1.5},
    0.5,
    ("p-caller-1",),
    (Spread("p-caller-1", "by name", {"p-api-1": 25, "p-api-2": 15}, 40),),
    Throughput(100.0, 200, 0, (0.01,) * 200),
    Throughput(180.0, 360, 0, (0.01, 0.02) * 180),
)


def planned(*limits: str, api: dict[str, Any] | None = None, **changes: Any) -> tuple[PlannedScaling, ...]:
    found = project({"api": api or API, "caller": CALLER, "job": {}})
    wish = ScalingSettings(2, limits=tuple(parse_limit(text, None, SCALE_METRICS) for text in limits))
    settings = replace(Settings(root=".", scaling={"api": wish}, connectivity=EXPECT), **changes)
    edges = edges_of(found, settings.connectivity)
    return plan(found, settings, edges.edges, roles(found, settings, {"api"}))


def one(*limits: str, **changes: Any) -> PlannedScaling:
    (found,) = planned(*limits, **changes)
    return found


def test_the_port_that_callers_use_is_asked() -> None:
    found = one()
    assert (found.ports, found.probe, found.declared) == ((8000,), None, 1)
    assert [edge.check.subject for edge in found.edges] == ["caller -> api:8000"]


def test_without_a_caller_the_declared_ports_are_asked() -> None:
    assert one(connectivity=ConnectivitySettings()).ports == (9000,)


@pytest.mark.parametrize(
    ("changes", "port"),
    [
        ({"scaling": {"api": ScalingSettings(2, probe=ProbeSettings("http", 1))}}, 1),
        ({"performance": PerformanceSettings(probes={"api": ProbeSettings("http", 2)})}, 2),
        ({"services": {"api": ServiceSettings(probe=ProbeSettings("redis", 3))}}, 3),
    ],
)
def test_a_declared_request_is_made(changes: dict[str, Any], port: int) -> None:
    found = one(**changes)
    assert found.probe is not None
    assert (found.probe.port, found.ports) == (port, (port,))


def test_a_program_inside_is_no_request() -> None:
    services = {"api": ServiceSettings(probe=ProbeSettings("exec", argv=("true",)))}
    assert one(services=services).probe is None


def test_a_pattern_means_services_that_stay() -> None:
    scaling = {"*": ScalingSettings(2)}
    assert [found.service for found in planned(scaling=scaling)] == ["api"]
    named = {"*": ScalingSettings(2), "job": ScalingSettings(3)}
    assert [found.wish.replicas for found in planned(scaling=named)] == [2, 3]


def test_what_exists_once_is_refused_with_all_its_limits() -> None:
    found = one("scale.up: max < 3s", api={"container_name": "one"})
    whole, limit = refused(found)
    assert whole.outcome is Outcome.FAILED
    assert whole.message == "api was not scaled: compose.yaml:1:1: 2 containers cannot all be called 'one'."
    assert (limit.outcome, limit.check.subject, limit.because) == (Outcome.ERROR, "api scale.up: max < 3s", "api")


def test_what_was_not_tried_is_not_proven() -> None:
    results = left_alone(one("scale.up: max < 3s"), "why")
    assert [(result.check.id, result.outcome, result.message) for result in results] == [
        ("IG932", Outcome.ERROR, "why"),
        (
            "IG931",
            Outcome.ERROR,
            "api: scale.up is not proven: the trial was not made, or ended before that was measured.",
        ),
    ]


def test_a_good_trial_is_told_whole() -> None:
    (result,) = judge(one(), GOOD)
    assert result.outcome is Outcome.PASSED
    assert result.message == (
        "api ran with 2 containers instead of 1, the last of them ready after 1.5 s; every one of them answers p-caller-1; "
        "40 requests of p-caller-1: p-api-1 62 % and p-api-2 38 % (by name); 100 requests/s before, 180 with all (gain 1.80); "
        "it was scaled back in 500 ms, and what stood before stands as it did"
    )
    assert result.evidence["gain"] == 1.8


def test_a_fault_closes_and_a_remark_warns() -> None:
    trial = replace(
        GOOD, faults=(Fault("p-api-2 is deaf.", "Mend it."),), remarks=(Fault("Hm.", ""),), details="  its log"
    )
    (result,) = judge(one(), trial)
    assert (result.outcome, result.message) == (Outcome.FAILED, "p-api-2 is deaf.\n  its log")
    assert [finding.severity for finding in result.findings] == [Severity.ERROR, Severity.WARNING]


def test_what_could_not_be_seen_is_not_proven() -> None:
    (result,) = judge(one(), replace(GOOD, troubles=("nobody could ask",)))
    assert (result.outcome, result.message) == (Outcome.ERROR, "api is not proven: nobody could ask")


@pytest.mark.parametrize(
    ("limit", "outcome", "said"),
    [
        ("scale.up: max < 2s", Outcome.PASSED, "scale.up max is 1.5 s, limit < 2 s"),
        ("scale.up: max < 1s", Outcome.FAILED, "scale.up max is 1.5 s, limit < 1 s"),
        ("scale.down: last < 1s", Outcome.PASSED, "scale.down last is 500 ms, limit < 1 s"),
        ("scale.gain: last > 1.5", Outcome.PASSED, "scale.gain last is 1.8, limit > 1.5"),
        ("scale.gain: last > 1.9", Outcome.FAILED, "scale.gain last is 1.8, limit > 1.9"),
        ("scale.rate: last > 200", Outcome.FAILED, "scale.rate last is 180, limit > 200"),
        ("scale.share: min > 0.3", Outcome.PASSED, "scale.share min is 37.5 %, limit > 30 %"),
        ("scale.share: min > 0.4", Outcome.FAILED, "scale.share min is 37.5 %, limit > 40 %"),
        ("scale.failed: rate < 1%", Outcome.PASSED, "scale.failed rate is 0 %, limit < 1 %"),
        ("scale.failed: count < 1", Outcome.PASSED, "scale.failed count is 0, limit < 1"),
        ("scale.latency: p(95) < 15ms", Outcome.FAILED, "scale.latency p(95) is 20 ms, limit < 15 ms"),
    ],
)
def test_limits_are_held(limit: str, outcome: Outcome, said: str) -> None:
    _, result = judge(one(limit), GOOD)
    assert (result.outcome, result.message) == (outcome, f"api: {said}")


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("scale.up: max < 2s", "it was not measured"),
        ("scale.gain: last > 1", "no requests were made (scaling.NAME.probe says which)"),
        ("scale.failed: rate < 0.1", "no requests were made (scaling.NAME.probe says which)"),
        ("scale.latency: p(99) < 1s", "no requests were made (scaling.NAME.probe says which)"),
    ],
)
def test_a_limit_without_numbers_is_not_proven(limit: str, said: str) -> None:
    _, result = judge(one(limit), Trial((ONE,)))
    assert (result.outcome, result.message.partition(" is not proven: ")[2]) == (Outcome.ERROR, f"{said}.")


@pytest.mark.parametrize("wrong", [{"faults": (Fault("p-api-2 is deaf.", ""),)}, {"troubles": ("nobody could ask",)}])
def test_what_a_broken_trial_did_not_measure_is_told_with_the_trial(wrong: dict[str, Any]) -> None:
    _, up, gain = judge(one("scale.up: max < 2s", "scale.gain: last > 1"), replace(GOOD, after=None, **wrong))
    assert (up.outcome, up.because) == (Outcome.PASSED, "")
    assert (gain.outcome, gain.because) == (Outcome.ERROR, "api")
    assert "the trial was not made, or ended before" in gain.message


FAILING = Throughput(10.0, 40, 30, (0.01,) * 10, "gives 503")
LOST = Throughput(0.0, 40, 40, (), "gives 503")


def test_the_few_good_answers_to_a_load_prove_no_latency() -> None:
    _, result = judge(one("scale.latency: max < 1s"), replace(GOOD, after=FAILING))
    assert result.outcome is Outcome.ERROR
    assert "30 of 40 requests failed, which has no latency" in result.message


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (GOOD.before, GOOD.after, ""),
        (GOOD.before, FAILING, "30 of 40 requests failed with all replicas, and none before: gives 503."),
        (FAILING, FAILING, ""),
        (FAILING, LOST, "All 40 requests of the load failed with all replicas: gives 503."),
        (None, LOST, "All 40 requests of the load failed"),
    ],
)
def test_what_is_said_of_a_load_that_failed(before: Throughput | None, after: Throughput, said: str) -> None:
    fault = failures_of_load(before, after)
    assert (fault.text if fault else "").startswith(said)
    assert bool(fault) is bool(said)


def test_a_percentile_needs_its_samples() -> None:
    _, result = judge(one("scale.latency: p(99.9) < 1s"), GOOD)
    assert result.outcome is Outcome.ERROR
    assert "needs 1000 samples, there were 360" in result.message


SLOW_BEFORE = Throughput(1.0, 9, 0, (1.0,) * 9)
BY_THE_GATE = Throughput(100.0, 200, 0, (0.01,) * 200, own_share=0.7)


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        (
            replace(GOOD, before=SLOW_BEFORE),
            "it takes 10 good answers of each container, and 1 of them gave 9 in all; a longer load",
        ),
        (
            replace(GOOD, after=replace(SLOW_BEFORE, requests=19)),
            "it takes 10 good answers of each container, and 2 of them gave 19 in all",
        ),
        (replace(GOOD, after=BY_THE_GATE), "the requests spent 70 % of their time in the gate itself"),
        (replace(GOOD, before=BY_THE_GATE), "the requests spent 70 % of their time in the gate itself"),
        (
            replace(GOOD, before=Throughput(0.0, 10, 10)),
            "it takes 10 good answers of each container, and 1 of them gave 0 in all",
        ),
    ],
)
def test_a_gain_of_throughput_that_tells_nothing_of_the_service_is_not_proven(trial: Trial, said: str) -> None:
    whole, limit = judge(one("scale.gain: last > 1.1"), trial)
    assert (limit.outcome, whole.outcome) == (Outcome.ERROR, Outcome.PASSED)
    assert limit.message.startswith(f"api: scale.gain is not proven: {said}")
    assert f"the gain is not known: {said}" in whole.message
    assert whole.evidence["gain"] is None


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ("scale.rate: last > 50", Outcome.PASSED),
        ("scale.rate: last > 200", Outcome.ERROR),
        ("scale.rate: last < 50", Outcome.FAILED),
        ("scale.rate: last < 200", Outcome.ERROR),
    ],
)
def test_a_rate_that_the_gate_itself_held_down_is_a_lower_bound(limit: str, outcome: Outcome) -> None:
    _, result = judge(one(limit), replace(GOOD, after=BY_THE_GATE))
    assert result.outcome is outcome
    assert ("may be more: the requests spent 70 %" in result.message) is (outcome is Outcome.ERROR)


@pytest.mark.parametrize(
    ("limit", "trial", "close"),
    [
        ("scale.gain: last > 1.7", GOOD, True),
        ("scale.gain: last < 1.9", GOOD, True),
        ("scale.gain: last > 1.4", GOOD, False),
        ("scale.gain: last < 3", GOOD, False),
        ("scale.rate: last > 1.8", GOOD, False),
        ("scale.gain: last > 1.4", replace(GOOD, before=SLOW_BEFORE), True),
    ],
)
def test_a_gain_near_to_its_limit_is_measured_again(limit: str, trial: Trial, close: bool) -> None:
    assert gain_is_close(one(limit), trial) is close


@pytest.mark.parametrize(
    ("limits", "seconds"), [([], 0.5), (["scale.up: max < 9s"], 0.5), (["scale.failed: rate < 1%"], 1.0)]
)
def test_what_nobody_judges_is_measured_for_a_shorter_time(limits: list[str], seconds: float) -> None:
    assert load_s(one(*limits)) == seconds


def answers(address: str, *moments: float, good: bool = True) -> list[Request]:
    return [Request(address, good, moment) for moment in moments]


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ([], 0.0),
        (answers("a", 0.5, 1.0), 2.0),
        # what is under way at the end of a window counts with the time that it took
        (answers("a", 1.0, 2.0, 3.0), 1.0),
        # each address for itself: the slow one takes nothing from the other
        (answers("a", 0.5, 1.0) + answers("b", 4.0), 2.25),
        # failures take time and give nothing
        (answers("a", 0.5, 1.0) + answers("a", 4.0, good=False), 0.5),
    ],
)
def test_the_rate_of_a_load(requests: list[Request], expected: float) -> None:
    assert rate(requests) == expected


def test_loads_of_a_kind_give_the_best_rate_and_all_requests() -> None:
    slow = Throughput(50.0, 100, 2, (0.02,), "it was late", 0.4)
    both = together([slow, GOOD.before or slow])
    assert (both.rate, both.requests, both.failures, both.own_share) == (100.0, 300, 2, 0.0)
    assert (len(both.latencies_s), both.first_failure) == (201, "it was late")
