from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pytest_infragate.gates import health
from pytest_infragate.gates.readiness import Look, State
from pytest_infragate.gates.recheck import Aftermath, recheck
from pytest_infragate.gates.roles import Life, Role
from pytest_infragate.gates.symptoms import LOG_LINES
from pytest_infragate.gates.waiting import Asking, End, Wait, wait_ready
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.events import EventWatch
from pytest_infragate.stack.interruptions import MeantInterruption
from pytest_infragate.stack.state import ContainerState

from .conftest import Stacks, SteeredStack

PATIENCE_S = 60.0

GOOD = """
services:
  checked:
    image: BASE
    init: true
    command: ["bash", "-c", "sleep 1; touch /ready; exec sleep 300"]
    healthcheck: {test: ["CMD", "test", "-e", "/ready", "-a", "!", "-e", "/sick"], interval: 300ms, retries: 10}
  plain: {image: BASE, init: true, command: sleep 300, scale: 2}
  migrate: {image: BASE, command: "true"}
"""
GOOD_ROLES = {
    "checked": Role("checked", Life.LONG_RUNNING),
    "plain": Role("plain", Life.LONG_RUNNING, replicas=2),
    "migrate": Role("migrate", Life.UNDECIDED),
}


def asking(**changes: object) -> Asking:
    made = Asking(lambda _: (True, "listens"), lambda _: (True, "answers"), first_look_s=1.0)
    return replace(made, **changes)  # type: ignore[arg-type]


def waited(
    engine: Engine, stack: SteeredStack, roles: dict[str, Role], patience_s: float = PATIENCE_S, **changes: object
) -> Wait:
    return wait_ready(engine, stack.project, roles, asking(**changes), deadline=time.monotonic() + patience_s)


def logs(engine: Engine, state: ContainerState) -> list[str]:
    return engine.logs(state.id, tail=LOG_LINES).splitlines()


def broken(engine: Engine, stacks: Stacks, body: str, role: Role | None = None) -> tuple[CheckResult, Wait]:
    """Return what comes of a stack with the one service ``app`` that never gets ready."""
    stack = stacks.make(f"services: {{app: {{image: BASE, {body}}}}}")
    stack.up(timeout_s=PATIENCE_S)
    roles = {"app": role or Role("app", Life.LONG_RUNNING)}
    wait = waited(engine, stack, roles)
    (result,) = health.ready_results(roles, wait, lambda state: logs(engine, state))
    assert wait.end is End.FAILED
    assert result.outcome is Outcome.FAILED
    return result, wait


def test_a_good_stack_is_ready_and_every_change_is_told_once(engine: Engine, stacks: Stacks) -> None:
    told: list[tuple[str, str]] = []
    stack = stacks.up(GOOD)
    wait = waited(engine, stack, GOOD_ROLES, on_change=lambda service, text: told.append((service, text)))
    assert wait.end is End.READY
    assert {one.state for one in wait.readiness.values()} == {State.READY}
    assert len(told) == len(set(told))
    assert any(service == "checked" and text.startswith("is healthy after") for service, text in told)
    assert any(service == "migrate" and "taken for a one-shot" in text for service, text in told)


def test_a_service_that_crashes(engine: Engine, stacks: Stacks) -> None:
    result, _ = broken(engine, stacks, 'command: ["bash", "-c", "echo my reason; exit 4"]')
    assert "has ended with exit code 4" in result.message
    assert "my reason" in result.message


def test_a_crash_loop_that_compose_calls_healthy(engine: Engine, stacks: Stacks) -> None:
    result, wait = broken(engine, stacks, 'restart: always, command: ["bash", "-c", "sleep 0.5; exit 3"]')
    assert "crashed and was restarted" in result.message
    assert wait.duration_s < PATIENCE_S


def test_an_unhealthy_service_ends_the_waiting_at_once(engine: Engine, stacks: Stacks) -> None:
    result, wait = broken(
        engine,
        stacks,
        'init: true, command: sleep 300, healthcheck: {test: "echo no role; exit 1", interval: 300ms, retries: 2}',
    )
    assert "is unhealthy: no role" in result.message
    assert wait.duration_s < PATIENCE_S


def test_a_healthcheck_whose_program_is_missing(engine: Engine, stacks: Stacks) -> None:
    result, _ = broken(
        engine,
        stacks,
        'init: true, command: sleep 300, healthcheck: {test: ["CMD", "igt-curl"], interval: 300ms, retries: 100}',
    )
    assert "missing in the image (igt-curl)" in result.message


def test_a_one_shot_that_fails(engine: Engine, stacks: Stacks) -> None:
    result, _ = broken(engine, stacks, 'command: ["bash", "-c", "exit 1"]', Role("app", Life.ONE_SHOT))
    assert "exit code 1" in result.message


def test_a_service_that_exceeds_its_memory(engine: Engine, stacks: Stacks) -> None:
    eater = 'mem_limit: 16m, memswap_limit: 16m, command: ["tail", "/dev/zero"]'
    result, _ = broken(engine, stacks, eater)
    assert "out of memory" in result.message


def test_one_that_never_gets_ready_is_given_up_at_the_deadline(engine: Engine, stacks: Stacks) -> None:
    stack = stacks.up("services: {app: {image: BASE, init: true, command: sleep 300}}")
    roles = {"app": Role("app", Life.LONG_RUNNING, probe=ProbeSettings("tcp", 80))}
    wait = waited(engine, stack, roles, patience_s=1, probe=lambda _: (False, "refused"))
    assert wait.end is End.DEADLINE
    (result,) = health.ready_results(roles, wait)
    assert "does not answer its probe yet: refused" in result.message


def test_the_waiting_ends_when_it_is_stopped(engine: Engine, stacks: Stacks) -> None:
    stack = stacks.up("services: {app: {image: BASE, init: true, command: sleep 300}}")
    stop = threading.Event()
    roles = {"app": Role("app", Life.LONG_RUNNING)}
    wait = waited(engine, stack, roles, stop=stop, first_look_s=600.0, on_change=lambda *_: stop.set())
    assert wait.end is End.STOPPED


class Proven:
    """A good stack that was proven ready, watched since before its start."""

    def __init__(self, engine: Engine, stack: SteeredStack, watch: EventWatch) -> None:
        self.engine = engine
        self.stack = stack
        self.watch = watch
        self.wait = waited(engine, stack, GOOD_ROLES)
        assert self.wait.end is End.READY

    def container(self, service: str) -> ContainerState:
        return next(state for state in self.engine.containers(self.stack.project) if state.service == service)

    def until(self, service: str, action: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        since = [one for one in self.watch.events(service) if one.time >= self.wait.at]
        while action not in [one.action for one in since]:
            assert time.monotonic() < deadline, since
            self.watch.wait(0.2)
            since = [one for one in self.watch.events(service) if one.time >= self.wait.at]

    def results(self, *meant: MeantInterruption) -> dict[str, CheckResult]:
        self.watch.catch_up()
        after = Aftermath(self.engine.containers(self.stack.project), self.watch.events(), meant)
        look = Look(lambda _: (True, ""), lambda _: (True, ""), lambda _: math.inf)
        found = recheck(GOOD_ROLES, self.wait, after, look)
        assert health.watch_result(self.watch.gaps, 1, self.wait).outcome is Outcome.PASSED
        return {result.check.subject: result for result in found}


@pytest.fixture
def proven(engine: Engine, stacks: Stacks) -> Iterator[Proven]:
    stack = stacks.make(GOOD)
    watch = EventWatch(engine, stack.project)
    watch.start()
    with contextlib.ExitStack() as ending:
        ending.callback(watch.stop)
        assert stack.up(timeout_s=PATIENCE_S).ok
        yield Proven(engine, stack, watch)


def test_health_was_kept(proven: Proven) -> None:
    results = proven.results()
    assert [result.outcome for result in results.values()] == [Outcome.PASSED] * 3, results


def test_a_flap_while_the_tests_ran(proven: Proven) -> None:
    checked = proven.container("checked")
    proven.engine.execute(checked.id, ["touch", "/sick"], timeout_s=20)
    proven.until("checked", "health_status: unhealthy")
    proven.engine.execute(checked.id, ["rm", "/sick"], timeout_s=20)
    proven.until("checked", "health_status: healthy")
    results = proven.results()
    assert "turned unhealthy" in results["checked"].message
    assert results["plain"].outcome is Outcome.PASSED


def test_a_death_while_the_tests_ran(proven: Proven) -> None:
    proven.engine.client.containers.get(proven.container("plain").id).kill()
    proven.until("plain", "die")
    results = proven.results()
    assert "stopped from outside (SIGKILL) and ended with exit code 137" in results["plain"].message
    assert results["checked"].outcome is Outcome.PASSED


def test_a_meant_restart_is_forgiven_and_one_that_nobody_meant_is_not(proven: Proven) -> None:
    begin = proven.engine.now()
    proven.stack.steer("restart", "checked")
    proven.until("checked", "health_status: healthy")
    meant = MeantInterruption("checked", "restart", begin, proven.engine.now())
    assert proven.results(meant)["checked"].outcome is Outcome.PASSED
    assert "stopped from outside (SIGTERM)" in proven.results()["checked"].message


def test_a_paused_and_a_disconnected_container(proven: Proven) -> None:
    proven.stack.steer("pause", "checked")
    proven.stack.steer("unpause", "checked")
    network = proven.engine.client.networks.list(names=[f"{proven.stack.project}_default"])[0]
    network.disconnect(proven.container("plain").id)
    results = proven.results()
    assert "was paused" in results["checked"].message
    assert f"was taken off network {proven.stack.project}_default" in results["plain"].message
