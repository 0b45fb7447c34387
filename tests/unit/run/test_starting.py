from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_infragate.compose.model import Dependency, Project
from pytest_infragate.process import Completed
from pytest_infragate.run.starting import (
    COMPLETED,
    HEALTHY,
    STARTED,
    Known,
    awaited,
    hopeless,
    merged,
    startable,
    worthwhile,
)
from pytest_infragate.stack.state import ContainerState
from tests.unit.gates.builders import container, created, ended, project, service

DB_UP = container("db", health="healthy")
DB_STARTING = container("db", health="starting")


def stack(**needs: tuple[Dependency, ...]) -> Project:
    """Return a project of services, each with what it waits for."""
    return project(*(service(name, depends_on=wanted) for name, wanted in needs.items()))


def needs(name: str, condition: str = HEALTHY, *, required: bool = True) -> Dependency:
    return Dependency(name, condition, required=required)


def known(*containers: ContainerState, failed: tuple[str, ...] = ()) -> Known:
    return Known(containers, frozenset(failed), lambda state: state.health == "healthy")


CHAIN = stack(db=(), api=(needs("db"),), web=(needs("api"),))
STARTS = stack(db=(), api=(needs("db", STARTED),), web=(needs("api", STARTED),))
ONE_SHOT = stack(migrate=(), api=(needs("migrate", COMPLETED),))
OPTIONAL = stack(db=(), api=(needs("db", required=False),))


@pytest.mark.parametrize(
    ("made", "waiting", "shown", "expected"),
    [
        (CHAIN, "db api web", known(), "db"),
        (CHAIN, "api web", known(DB_STARTING), ""),
        (CHAIN, "api web", known(DB_UP), "api"),
        (CHAIN, "web", known(DB_UP, container("api", health="healthy")), "web"),
        (CHAIN, "api web", known(replace(DB_UP, running=False, status="exited")), ""),
        (STARTS, "db api web", known(), "db api web"),
        (STARTS, "api web", known(created("db")), ""),
        (STARTS, "api web", known(container("db")), "api web"),
        (ONE_SHOT, "migrate api", known(), "migrate"),
        (ONE_SHOT, "api", known(container("migrate")), ""),
        (ONE_SHOT, "api", known(ended("migrate")), "api"),
        (ONE_SHOT, "api", known(ended("migrate", 1)), ""),
        (OPTIONAL, "api", known(DB_STARTING), ""),
        (OPTIONAL, "api", known(container("db", health="unhealthy"), failed=("db",)), "api"),
    ],
)
def test_what_can_be_started(made: Project, waiting: str, shown: Known, expected: str) -> None:
    assert startable(made, waiting.split(), shown) == frozenset(expected.split())


def test_every_replica_must_be_healthy() -> None:
    made = project(service("db", replicas=2), service("api", depends_on=(needs("db"),)))
    second = container("db", id="db-2", health="starting")
    assert startable(made, ["api"], known(DB_UP)) == frozenset()
    assert startable(made, ["api"], known(DB_UP, second)) == frozenset()
    assert startable(made, ["api"], known(DB_UP, replace(second, health="healthy"))) == {"api"}


def test_a_service_scaled_to_nothing_holds_up_nobody() -> None:
    made = project(service("db", replicas=0), service("api", depends_on=(needs("db"),)))
    assert startable(made, ["api"], known()) == {"api"}


@pytest.mark.parametrize(
    ("made", "shown", "expected"),
    [
        (CHAIN, known(DB_STARTING), ""),
        (CHAIN, known(DB_STARTING, failed=("db",)), "api web"),
        (CHAIN, known(container("db")), "api web"),
        (CHAIN, known(created("db")), ""),
        (ONE_SHOT, known(ended("migrate", 1), failed=("migrate",)), "api"),
        (OPTIONAL, known(DB_STARTING, failed=("db",)), ""),
        (OPTIONAL, known(container("db")), ""),
    ],
)
def test_what_will_never_be_started(made: Project, shown: Known, expected: str) -> None:
    waiting = [name for name in made.services if name not in ("db", "migrate")]
    assert hopeless(made, waiting, shown) == frozenset(expected.split())


def test_only_stacks_that_wait_for_more_than_a_start_gain() -> None:
    assert worthwhile(CHAIN)
    assert worthwhile(ONE_SHOT)
    assert not worthwhile(STARTS)


def test_whose_health_others_wait_for() -> None:
    assert awaited(CHAIN) == {"db", "api"}
    assert awaited(ONE_SHOT) == frozenset()


def call(code: int = 0, text: str = "", **how: bool) -> Completed:
    return Completed(("docker", "compose", text), code, f"{text} out\n", f"{text} err\n", 1.0, **how)


def test_several_calls_are_told_as_one() -> None:
    good = merged([call(text="create"), call(text="up")], stopped=False)
    assert (good.ok, good.stdout, good.stderr) == (True, "create out\nup out\n", "create err\nup err\n")
    assert good.duration_s == 2.0


def test_the_first_call_that_failed_decides() -> None:
    bad = merged([call(), call(17, "up"), call()], stopped=False)
    assert (bad.exit_code, bad.argv[-1], bad.ok) == (17, "up", False)


def test_a_start_that_not_all_had_was_stopped() -> None:
    assert merged([call(), call()], stopped=True).stopped
