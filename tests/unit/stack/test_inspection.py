from __future__ import annotations

import copy
import datetime

import pytest

from pytest_infragate.stack.inspection import container_state, parse_time
from pytest_infragate.stack.state import PublishedPort

from .shapes import ENGINE_20, ENGINE_28

UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2026-11-22T11:35:10.443789788Z", datetime.datetime(2026, 11, 22, 11, 35, 10, 443789, UTC)),
        ("2026-11-22T11:35:10Z", datetime.datetime(2026, 11, 22, 11, 35, 10, 0, UTC)),
        ("2026-11-22T12:35:10.5+01:00", datetime.datetime(2026, 11, 22, 11, 35, 10, 500000, UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
        ("yesterday", None),
    ],
)
def test_times_of_the_engine(text: str | None, expected: datetime.datetime | None) -> None:
    assert parse_time(text) == expected


def test_a_running_container() -> None:
    state = container_state(ENGINE_20)
    assert (state.name, state.service, state.number) == ("shop-db-1", "db", 2)
    assert (state.status, state.running, state.restart_count) == ("running", True, 2)
    assert state.finished_at is None
    assert (state.memory_limit, state.nano_cpus, state.pids_limit) == (67108864, 500000000, 50)
    assert state.ports == (PublishedPort(9000, "tcp", "127.0.0.1", 18997),)
    assert state.exposed == ((53, "udp"), (9000, "tcp"))
    assert state.binds == (("/srv/shop", False),)
    assert dict(state.addresses) == {"shop_default": "172.22.0.2"}


def test_its_healthcheck() -> None:
    state = container_state(ENGINE_20)
    assert state.health == "unhealthy"
    assert (state.health_test, state.health_interval_s, state.health_timeout_s) == (("CMD", "curl"), 0.3, 2.0)
    (run,) = state.health_runs
    assert (run.exit_code, round(run.duration_s, 3)) == (-1, 0.06)
    assert "curl" in run.output


def test_a_container_that_was_killed_and_has_no_healthcheck() -> None:
    state = container_state(ENGINE_28)
    assert (state.status, state.exit_code, state.oom_killed) == ("exited", 137, True)
    assert (state.health, state.health_runs, state.health_test) == (None, (), ())
    assert state.nano_cpus == 500_000_000
    assert (state.memory_limit, state.pids_limit) == (0, 0)
    assert dict(state.addresses) == {}
    assert state.started_at == datetime.datetime(2026, 11, 22, 11, 35, 10, 0, UTC)


def test_a_container_of_no_project() -> None:
    shape = copy.deepcopy(ENGINE_28)
    shape["Config"]["Labels"] = None
    shape["State"].pop("Health")
    state = container_state(shape)
    assert (state.service, state.number, state.health) == ("", 1, None)
