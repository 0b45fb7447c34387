from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pytest_infragate.errors import EngineError
from pytest_infragate.gates.own_tests import OwnTests, is_due
from pytest_infragate.stack import own_test
from pytest_infragate.stack.state import ContainerState, HealthRun

from .builders import at, container, health_run

STARTING = container(health="starting", health_test=("CMD", "pg_isready"))
PATIENCE_S = 10.0

Run = Callable[[ContainerState], "HealthRun | None"]


@contextlib.contextmanager
def own_tests(run: Run, listening: Callable[[ContainerState], bool] = lambda _: True) -> Iterator[OwnTests]:
    made = OwnTests(run, listening)
    try:
        yield made
    finally:
        made.close()


def repeated(tests: OwnTests, state: ContainerState, until: Callable[[], bool]) -> None:
    """Consider a container again and again, as the waiting does, until something is so."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        tests.consider([state])
        if until():
            return
        pause.wait(0.01)
    pytest.fail("it never came to that")


@pytest.mark.parametrize(
    ("test", "shell", "expected"),
    [
        (("CMD", "redis-cli", "ping"), ("/bin/sh", "-c"), ("redis-cli", "ping")),
        (("CMD-SHELL", "a && b"), ("/bin/sh", "-c"), ("/bin/sh", "-c", "a && b")),
        (("CMD-SHELL", "a"), ("/bin/bash", "-o", "pipefail", "-c"), ("/bin/bash", "-o", "pipefail", "-c", "a")),
        (("NONE",), ("/bin/sh", "-c"), ()),
        ((), ("/bin/sh", "-c"), ()),
        (("CMD",), ("/bin/sh", "-c"), ()),
    ],
)
def test_the_command_is_the_one_that_the_engine_runs(
    test: tuple[str, ...], shell: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert own_test.command(container(health_test=test, shell=shell)) == expected


def test_one_that_passes_proves_the_container() -> None:
    with own_tests(lambda _: health_run(0)) as tests:
        assert not tests.passed(STARTING)
        repeated(tests, STARTING, lambda: tests.passed(STARTING))


def test_it_is_tried_again_until_it_passes() -> None:
    codes = iter((1, 1, 0))
    with own_tests(lambda _: health_run(next(codes))) as tests:
        repeated(tests, STARTING, lambda: tests.passed(STARTING))
    assert list(codes) == []


def test_it_counts_only_where_others_can_reach_the_service() -> None:
    open_now = threading.Event()
    asked: list[bool] = []

    def run(_state: ContainerState) -> HealthRun:
        asked.append(open_now.is_set())
        return health_run(0)

    looked = threading.Semaphore(0)

    def listening(_state: ContainerState) -> bool:
        looked.release()
        return open_now.is_set()

    with own_tests(run, listening) as tests:
        tests.consider([STARTING])
        assert looked.acquire(timeout=PATIENCE_S)
        open_now.set()
        repeated(tests, STARTING, lambda: tests.passed(STARTING))
    assert asked == [True]


def test_what_passed_before_a_restart_says_nothing() -> None:
    with own_tests(lambda _: health_run(0)) as tests:
        repeated(tests, STARTING, lambda: tests.passed(STARTING))
        assert not tests.passed(replace(STARTING, started_at=at(5)))


def test_the_engine_wins() -> None:
    with own_tests(lambda _: health_run(0)) as tests:
        repeated(tests, STARTING, lambda: tests.passed(STARTING))
        assert not tests.passed(replace(STARTING, health="unhealthy"))
        assert not tests.passed(replace(STARTING, running=False))


def test_one_that_does_not_end_is_left_to_the_engine() -> None:
    runs: list[ContainerState] = []

    def hang(state: ContainerState) -> HealthRun | None:
        runs.append(state)
        return None

    with own_tests(hang) as tests:
        repeated(tests, STARTING, lambda: bool(runs))
        for _ in range(100):
            tests.consider([STARTING])
    assert len(runs) == 1


def test_a_container_that_is_gone_proves_nothing() -> None:
    tried = threading.Event()

    def gone(_state: ContainerState) -> HealthRun:
        tried.set()
        raise EngineError("no such container")

    with own_tests(gone) as tests:
        repeated(tests, STARTING, tried.is_set)
        assert not tests.passed(STARTING)


@pytest.mark.parametrize(
    "state",
    [
        container(health="healthy", health_test=("CMD", "true")),
        container(health="unhealthy", health_test=("CMD", "true")),
        container(health=None),
        replace(STARTING, running=False),
        replace(STARTING, paused=True),
    ],
)
def test_whom_the_engine_has_judged_or_cannot_judge_is_not_tested(state: ContainerState) -> None:
    assert not own_test.waits_for_engine(state)


@pytest.mark.parametrize(("ago_s", "due"), [(0.1, False), (0.8, True), (2.0, True), (60.0, False)])
def test_what_the_engine_is_about_to_run_is_not_run_twice(ago_s: float, due: bool) -> None:
    started = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=ago_s)
    assert is_due(replace(STARTING, started_at=started, health_interval_s=1.0)) is due
    later = replace(STARTING, started_at=at(0), health_interval_s=1.0, health_runs=(HealthRun(started, 0.1, 1, ""),))
    assert is_due(later) is due


def test_the_latest_start_comes_first() -> None:
    order: list[str] = []
    all_ran = threading.Event()

    def run(one: ContainerState) -> HealthRun:
        order.append(one.id)
        if len(order) == len(starts):
            all_ran.set()
        return health_run(0)

    starts = [replace(STARTING, id=f"c{second}", started_at=at(second)) for second in range(20)]
    with own_tests(run) as tests:
        tests.consider(starts)
        assert all_ran.wait(PATIENCE_S)
    assert order.index("c19") < order.index("c0")
