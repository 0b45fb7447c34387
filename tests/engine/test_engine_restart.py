"""The watch while the engine itself is restarted: what it told before is forgotten, and what comes after is seen."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest

from engine_setup.images import TINY
from pytest_infragate.gates import health
from pytest_infragate.gates.waiting import End, Wait
from pytest_infragate.results import Outcome
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.events import EventWatch
from pytest_infragate.stack.inspection import NUMBER_LABEL, ONE_OFF_LABEL, PROJECT_LABEL, SERVICE_LABEL

from ..leftovers import project_name
from ..private_engine import Daemon, load, private_daemon

POOLS = "base=10.213.0.0/24,size=26"


@pytest.fixture(params=["false", "true"], ids=["containers end", "containers live on"])
def daemon(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Daemon]:
    with private_daemon(POOLS, **{"live-restore": request.param}) as made:
        with contextlib.closing(made.connected()) as first:
            load(first, TINY, engine)
        yield made


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_restart_of_the_engine_is_a_gap_and_the_watch_goes_on(daemon: Daemon) -> None:
    project = project_name()
    labels = {PROJECT_LABEL: project, SERVICE_LABEL: "db", NUMBER_LABEL: "1", ONE_OFF_LABEL: "False"}
    with contextlib.closing(daemon.connected()) as engine:
        watch = EventWatch(engine, project)
        watch.start()
        try:
            run = engine.client.containers.run
            made = run(TINY, ["sleep", "600"], labels=labels, network_mode="none", detach=True, init=True)
            until(lambda: "start" in [one.action for one in watch.events("db")])
            proven = Wait({}, engine.containers(project), engine.now(), End.READY, 1.0)
            daemon.restart()
            daemon.connected().close()
            made.restart(timeout=0)
            until(lambda: "restart" in [one.action for one in watch.events("db")])
            watch.catch_up()
            assert health.watch_result(watch.gaps, watch.count, proven).outcome is Outcome.ERROR
        finally:
            watch.stop()
