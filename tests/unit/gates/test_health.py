from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from pytest_infragate.gates import health
from pytest_infragate.gates.readiness import (
    DECLARED_PROBE,
    ENDED,
    ENGINE_HEALTHCHECK,
    OWN_TEST,
    WEAKER,
    State,
    judge,
    judge_all,
)
from pytest_infragate.gates.roles import Life, Role
from pytest_infragate.gates.waiting import End, Wait
from pytest_infragate.results import Outcome, Severity
from pytest_infragate.run.planning import health_checks
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.events import Gap
from pytest_infragate.stack.state import ContainerState
from pytest_infragate.units import format_duration

from .builders import at, container, created, ended, health_run, look, project, service

LONG = Role("db", Life.LONG_RUNNING, "needed running")
SHOT = Role("db", Life.ONE_SHOT, "declared")
OPEN = Role("db", Life.UNDECIDED)
PROBED = replace(LONG, probe=ProbeSettings("tcp", 5432))
MISSING = 'OCI runtime exec failed: exec failed: exec: "curl": executable file not found in $PATH: unknown'

HEALTHY = container(health="healthy")
STARTING = container(health="starting")


@pytest.mark.parametrize(
    "role, state, expected, said",
    [
        (LONG, HEALTHY, State.READY, "is healthy"),
        (LONG, container(), State.READY, "no healthcheck"),
        (LONG, STARTING, State.PENDING, "has not succeeded yet"),
        (
            LONG,
            container(health="unhealthy", health_runs=(health_run(1, "refused"),)),
            State.FAILED,
            "is unhealthy: refused",
        ),
        (LONG, container(status="paused", paused=True), State.PENDING, "is paused"),
        (LONG, container(status="restarting", restarting=True), State.PENDING, "restarted"),
        (LONG, container(restart_count=1, health="healthy"), State.FAILED, "restarted once (none allowed)"),
        (replace(LONG, restarts=1), container(restart_count=1, health="healthy"), State.READY, "is healthy"),
        (replace(LONG, restarts=1), container(restart_count=2, health="healthy"), State.FAILED, "twice (1 allowed)"),
        (LONG, container(oom_killed=True, health="healthy"), State.FAILED, "out of memory"),
        (LONG, ended(code=137, oom_killed=True), State.FAILED, "killed: out of memory"),
        (
            LONG,
            ended(code=137, memory_limit=2**24),
            State.FAILED,
            "its memory limit is 16 MiB, so it may have run out of memory",
        ),
        (LONG, ended(code=1), State.FAILED, "exit code 1 (a general failure), 2 s after its start"),
        (LONG, ended(), State.FAILED, "but it is meant to run"),
        (LONG, created(error="driver failed: port is already allocated"), State.FAILED, "port is already allocated"),
        (LONG, created(), State.FAILED, "never started"),
        (SHOT, ended(), State.READY, "has ended with 0"),
        (SHOT, ended(code=1), State.FAILED, "exit code 1"),
        (SHOT, container(), State.PENDING, "is still running"),
        (SHOT, container(restart_count=1, status="restarting", exit_code=2), State.FAILED, "exit code 2"),
        (OPEN, ended(), State.READY, "taken for a one-shot"),
        (OPEN, ended(code=3), State.FAILED, "exit code 3"),
        (OPEN, container(), State.READY, "no healthcheck"),
        (replace(OPEN, strict=True), ended(), State.FAILED, "level strict demands"),
        (PROBED, STARTING, State.READY, "answers"),
        (PROBED, container(health="unhealthy"), State.FAILED, "is unhealthy"),
        (replace(LONG, needs_healthcheck=True), container(), State.FAILED, "no healthcheck and no probe"),
        (replace(LONG, needs_healthcheck=True), HEALTHY, State.READY, "is healthy"),
        (replace(PROBED, needs_healthcheck=True), container(), State.READY, "answers"),
    ],
)
def test_one_container(role: Role, state: ContainerState, expected: State, said: str) -> None:
    found = judge(role, [state], look())
    assert found.state is expected, found
    assert said in found.message


@pytest.mark.parametrize(
    "role, state, proof, warned",
    [
        (LONG, HEALTHY, ENGINE_HEALTHCHECK, False),
        (PROBED, container(), DECLARED_PROBE, False),
        (LONG, container(), WEAKER, True),
        (SHOT, ended(), ENDED, False),
        (OPEN, ended(), ENDED, True),
    ],
)
def test_how_it_was_proven_is_told(role: Role, state: ContainerState, proof: str, warned: bool) -> None:
    found = judge(role, [state], look())
    assert found.proof == proof
    assert [one.severity for one in found.findings] == ([Severity.WARNING] if warned else [])


def test_without_a_healthcheck_the_first_look_and_a_listener_are_waited_for() -> None:
    assert judge(LONG, [container()], look(steady_s=lambda _: 1.0)).state is State.PENDING
    silent = judge(LONG, [container()], look(listening=lambda _: (False, "nothing listens on 5432")))
    assert (silent.state, silent.message) == (State.PENDING, "runs, but nothing listens on 5432")


def test_a_job_that_still_runs_is_not_blamed_for_a_missing_healthcheck_during_the_first_look() -> None:
    role = replace(OPEN, needs_healthcheck=True)
    assert judge(role, [container()], look(steady_s=lambda _: 1.0)).state is State.PENDING
    assert judge(role, [container()], look()).state is State.FAILED


def test_a_probe_that_fails_is_waited_for() -> None:
    found = judge(PROBED, [HEALTHY], look(probe=lambda _: (False, "connection refused")))
    assert (found.state, found.message) == (State.PENDING, "does not answer its probe yet: connection refused")


@pytest.mark.parametrize(
    "runs, health, expected",
    [
        ((health_run(-1, MISSING),), "starting", State.PENDING),
        ((health_run(-1, MISSING), health_run(-1, MISSING)), "starting", State.FAILED),
        ((health_run(-1, MISSING),), "unhealthy", State.FAILED),
        ((health_run(127, "/bin/sh: 1: curl: not found"),) * 2, "starting", State.FAILED),
        ((health_run(-1, "Health check exceeded timeout (2s)"),) * 2, "starting", State.PENDING),
        ((health_run(1, "cat: /ready: No such file or directory"),) * 2, "starting", State.PENDING),
    ],
)
def test_a_healthcheck_whose_program_is_missing(runs: tuple[Any, ...], health: str, expected: State) -> None:
    found = judge(LONG, [container(health=health, health_runs=runs)], look())
    assert found.state is expected
    assert (expected is State.FAILED) == ("missing in the image (curl)" in found.message)


def test_all_replicas_count() -> None:
    role = replace(LONG, replicas=2)
    second = container(id="2", name="shop-db-2", health="starting")
    assert judge(role, [HEALTHY], look()).state is State.FAILED
    assert judge(role, [HEALTHY], look(up_done=False)).state is State.PENDING
    assert judge(role, [HEALTHY, second], look()).message.endswith("(container shop-db-2)")
    assert judge(role, [HEALTHY, replace(second, health="healthy")], look()).state is State.READY


def test_a_service_scaled_to_nothing_is_told() -> None:
    found = judge(replace(LONG, replicas=0), [], look())
    assert (found.state, len(found.findings)) == (State.READY, 1)


def test_one_that_was_not_started_names_what_it_waits_for() -> None:
    api = Role("api", Life.LONG_RUNNING, needs=(("db", "service_healthy"),))
    found = judge_all({"db": LONG, "api": api}, [container(health="unhealthy"), created("api")], look())
    assert found["api"].message == "was not started: it waits for db, which is unhealthy"
    assert found["api"].waits_for == "db"


def test_one_that_waits_for_the_health_of_a_service_without_healthcheck() -> None:
    api = Role("api", Life.LONG_RUNNING, needs=(("db", "service_healthy"),))
    found = judge_all({"db": LONG, "api": api}, [container(), created("api")], look())
    assert found["api"].message == "was not started: it waits for db, which has no healthcheck"


def test_the_plan_has_two_checks_a_service_and_the_watch() -> None:
    planned = health_checks(project(service("db"), service("api")))
    assert [check.title for check in planned] == [
        "service-ready[db]",
        "service-ready[api]",
        "service-stayed-healthy[db]",
        "service-stayed-healthy[api]",
        "watch-complete",
    ]


def outcome_of(role: Role, state: ContainerState, end: End) -> tuple[Outcome, str]:
    wait = Wait({"db": judge(role, [state], look())}, (state,), at(3), end, 3.0)
    (result,) = health.ready_results({"db": role}, wait, lambda _: [f"line {number}" for number in range(20)])
    return result.outcome, result.message


@pytest.mark.parametrize(
    "state, end, outcome, said",
    [
        (HEALTHY, End.READY, Outcome.PASSED, "db is healthy"),
        (ended(code=1), End.FAILED, Outcome.FAILED, "line 19"),
        (STARTING, End.DEADLINE, Outcome.FAILED, "not ready within 3 s"),
        (STARTING, End.FAILED, Outcome.NOT_RUN, "no longer waited for"),
        (STARTING, End.STOPPED, Outcome.NOT_RUN, "interrupted"),
    ],
)
def test_results(state: ContainerState, end: End, outcome: Outcome, said: str) -> None:
    found, message = outcome_of(LONG, state, end)
    assert found is outcome
    assert said in message


def test_a_failure_shows_the_healthchecks_outputs_and_the_last_ten_log_lines() -> None:
    runs = (health_run(0, "fine"), health_run(1, "no\nrole"), health_run(1, "no\nrole"))
    _, message = outcome_of(LONG, container(health="unhealthy", health_runs=runs), End.FAILED)
    assert "(every 30 s, each may take 30 s):" in message
    assert f"12:00:01 UTC, {format_duration(runs[1].duration_s)}: exit code 1 (a general failure): no / role" in message
    assert message.count("no / role") == 1
    assert ": the same" in message
    assert "fine" not in message
    assert "line 10" in message
    assert "line 9\n" not in message


def test_a_failure_is_a_finding_at_the_services_place() -> None:
    role = replace(LONG, location=service().location)
    wait = Wait({"db": judge(role, [ended(code=1)], look())}, (ended(code=1),), at(3), End.FAILED, 3.0)
    (result,) = health.ready_results({"db": role}, wait)
    (finding,) = result.findings
    assert (finding.severity, str(finding.location), finding.subject) == (Severity.ERROR, "compose.yaml:3", "db")


RUNS = container(health="healthy", started_at=at(5))


def proven(*containers: ContainerState) -> Wait:
    return Wait({}, containers, at(10), End.READY, 3.0)


@pytest.mark.parametrize(
    "until, containers",
    [
        (None, ()),
        (at(10.5), ()),
        (at(5.5), (RUNS,)),
        (at(4.5), (RUNS, replace(RUNS, started_at=at(4)))),
    ],
    ids=["never over", "over after the proof", "over after a start", "over after one start of two"],
)
def test_a_gap_that_no_inspection_closes_is_an_error(
    until: datetime.datetime | None, containers: tuple[ContainerState, ...]
) -> None:
    found = health.watch_result([Gap("events are lost", until)], 12, proven(*containers))
    assert found.outcome is Outcome.ERROR
    assert "events are lost" in found.message


@pytest.mark.parametrize("containers", [(RUNS,), (), (ended(),)], ids=["started later", "none", "one that has ended"])
def test_a_gap_before_anything_ran_is_closed_by_inspection(containers: tuple[ContainerState, ...]) -> None:
    found = health.watch_result([Gap("events are lost", at(4.5))], 12, proven(*containers))
    assert found.outcome is Outcome.PASSED
    assert found.evidence["closed"] == ["events are lost"]


def test_a_watch_without_a_gap() -> None:
    assert health.watch_result((), 12, proven(RUNS)).outcome is Outcome.PASSED


def test_its_own_test_proves_what_the_engine_has_not_judged_yet() -> None:
    passed = look(own_test=lambda _state: True)
    assert judge(LONG, [STARTING], passed).proof == OWN_TEST
    assert judge(LONG, [HEALTHY], passed).proof == ENGINE_HEALTHCHECK
    assert judge(LONG, [container(health="unhealthy")], passed).state is State.FAILED
    two = [HEALTHY, replace(STARTING, id="two")]
    assert judge(replace(LONG, replicas=2), two, look()).state is State.PENDING
    assert judge(replace(LONG, replicas=2), two, passed).proof == OWN_TEST


@pytest.mark.parametrize(("steady_s", "expected"), [(1.0, State.PENDING), (60.0, State.FAILED)])
def test_a_healthcheck_that_passes_while_the_port_is_silent(steady_s: float, expected: State) -> None:
    silent = look(silent=lambda _name: "does not listen on 80/tcp", steady_s=lambda _state: steady_s)
    found = judge(LONG, [HEALTHY], silent)
    assert found.state is expected
    assert "is healthy" in found.message
    assert "does not listen on 80/tcp" in found.message


def test_who_may_have_run_out_of_memory_is_told_of_the_limit() -> None:
    found = judge(LONG, [ended(code=137, memory_limit=2**24)], look())
    assert found.remedy == "Raise its memory limit (now 16 MiB), or make it need less."
    assert "log" in judge(LONG, [ended(code=137)], look()).remedy
