from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from pytest_infragate.gates.readiness import DECLARED_PROBE, WEAKER, Readiness, State
from pytest_infragate.gates.waiting import End, Wait
from pytest_infragate.run.moments import ready_at
from pytest_infragate.stack.clock import ClockDifference
from pytest_infragate.stack.event import HEALTHY, StackEvent

from ..states import running

BEGUN = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
CLOCK = ClockDifference(1.0, 1.5)
"""The engine's clock is ahead of ours."""


def at(seconds: float) -> datetime.datetime:
    return BEGUN + datetime.timedelta(seconds=seconds)


def ready(proof: str = "", healthy: float | None = None, wait: dict[str, Any] | None = None, **state: Any) -> float:
    container = running("api", **{"started_at": at(2), **state})
    events = [] if healthy is None else [StackEvent(int(at(healthy).timestamp() * 1e9), HEALTHY, "api", "api")]
    known = Wait({"api": Readiness(State.READY, "", proof=proof)}, (container,), at(20), End.READY, 20.0)
    found = ready_at(replace(known, **wait or {}), events, CLOCK)
    return (found["api"] - BEGUN).total_seconds()


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({"healthy": 7}, 7),
        ({"wait": {"early": {"api": at(4)}}}, 5.5),
        ({"healthy": 5, "wait": {"early": {"api": at(4)}}}, 5),
        ({"healthy": 7, "wait": {"early": {"api": at(4)}}}, 5.5),
        ({"status": "exited", "running": False, "finished_at": at(9)}, 9),
        ({"proof": DECLARED_PROBE, "wait": {"seen_ready": {"api": at(6)}}}, 7.5),
        ({"proof": WEAKER, "wait": {"seen_ready": {"api": at(6)}}}, 20),
        ({}, 20),
        ({"healthy": 1}, 2),
    ],
)
def test_when_a_container_was_ready(changes: dict[str, Any], seconds: float) -> None:
    assert ready(**changes) == pytest.approx(seconds)


def test_a_container_that_was_not_started_has_no_moment() -> None:
    wait = Wait({}, (running("api"),), at(20), End.FAILED, 20.0)
    assert ready_at(wait, [], CLOCK) == {}
