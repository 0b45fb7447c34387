from __future__ import annotations

from typing import Any

import pytest

from pytest_infragate.compose.model import Healthcheck, Port
from pytest_infragate.gates.roles import Life, roles
from pytest_infragate.settings import (
    CheckSettings,
    HealthSettings,
    Kind,
    Level,
    ProbeSettings,
    ServiceSettings,
    Settings,
)

from .builders import project, service, waiting


def settings(**said: ServiceSettings) -> Settings:
    return Settings("/srv/shop", services=said)


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, Life.UNDECIDED),
        ({"restart": "no"}, Life.UNDECIDED),
        ({"healthcheck": Healthcheck(disabled=True)}, Life.UNDECIDED),
        ({"restart": "always"}, Life.LONG_RUNNING),
        ({"restart": "on-failure:3"}, Life.LONG_RUNNING),
        ({"ports": (Port(80),)}, Life.LONG_RUNNING),
        ({"expose": (80,)}, Life.LONG_RUNNING),
        ({"healthcheck": Healthcheck(test=("CMD", "true"))}, Life.LONG_RUNNING),
    ],
)
def test_a_service_says_by_itself_that_it_stays_up(changes: dict[str, Any], expected: Life) -> None:
    assert roles(project(service("job", **changes)), settings())["job"].life is expected


@pytest.mark.parametrize(
    "condition, expected",
    [
        ("service_completed_successfully", Life.ONE_SHOT),
        ("service_started", Life.LONG_RUNNING),
        ("service_healthy", Life.LONG_RUNNING),
    ],
)
def test_a_service_that_waits_for_another_says_how_it_lives(condition: str, expected: Life) -> None:
    made = project(service("job"), service("api", depends_on=waiting("job", condition)))
    assert roles(made, settings())["job"].life is expected


def test_an_inbound_edge_needs_the_service_running() -> None:
    made = project(service("db"), service("job"))
    found = roles(made, settings(), called={"db"})
    assert (found["db"].life, found["job"].life) == (Life.LONG_RUNNING, Life.UNDECIDED)


def test_what_is_declared_wins() -> None:
    made = project(
        service("job", restart="always"), service("api", depends_on=waiting("job", "service_completed_successfully"))
    )
    found = roles(made, settings(job=ServiceSettings(Kind.LONG_RUNNING), api=ServiceSettings(Kind.ONE_SHOT)))
    assert (found["job"].life, found["api"].life) == (Life.LONG_RUNNING, Life.ONE_SHOT)


def test_a_declared_probe_means_that_it_runs() -> None:
    found = roles(project(service("job")), settings(job=ServiceSettings(probe=ProbeSettings("tcp", 80))))
    assert found["job"].life is Life.LONG_RUNNING


@pytest.mark.parametrize(
    "level, required, expected",
    [
        (Level.DEFAULT, False, False),
        (Level.DEFAULT, True, True),
        (Level.DEV, False, False),
        (Level.STRICT, False, True),
    ],
)
def test_who_demands_a_healthcheck(level: Level, required: bool, expected: bool) -> None:
    said = Settings("/srv", checks=CheckSettings(level), health=HealthSettings(require_healthcheck=required))
    assert roles(project(service("db")), said)["db"].needs_healthcheck is expected
