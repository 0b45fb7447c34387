from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_infragate.catalogue import limit_kept, scaling_proven
from pytest_infragate.gates.scaling import LimitOfScaling, PlannedScaling
from pytest_infragate.gates.scaling_trial import Throughput
from pytest_infragate.limits import parse_limit
from pytest_infragate.progress import Silent
from pytest_infragate.run.requests_to_replicas import Requests
from pytest_infragate.run.site import Site
from pytest_infragate.run.trial import Attempt, ill, not_as_before
from pytest_infragate.scaling_settings import SCALE_METRICS, ScalingSettings
from pytest_infragate.stack.state import ContainerState

from ..states import running

STARTED = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
ONE = running("api", started_at=STARTED)
PLANNED = PlannedScaling(scaling_proven("api"), "api", ScalingSettings(2))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"health": "starting"}, ""),
        ({"health": "unhealthy"}, "p-api-1 is running and unhealthy"),
        ({"running": False, "status": "exited", "exit_code": 3}, "p-api-1 has ended with exit code 3"),
        ({"paused": True, "status": "paused"}, "p-api-1 is paused"),
    ],
)
def test_a_service_that_is_ill_is_not_scaled(changes: dict[str, Any], said: str) -> None:
    assert ill(PLANNED, [running("api", **changes)]).startswith(said)
    assert bool(ill(PLANNED, [running("api", **changes)])) is bool(said)


def test_a_service_with_another_number_of_containers_is_not_scaled() -> None:
    assert ill(PLANNED, []) == "it has 0 containers, and the file declares 1"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([ONE], []),
        ([], ["p-api-1 is gone after api was scaled back."]),
        ([running("api", started_at=STARTED + datetime.timedelta(1))], ["p-api-1 was started anew while api was scaled."]),
        ([running("api", started_at=STARTED, restart_count=1)], ["p-api-1 was started anew while api was scaled."]),
        ([running("api", started_at=STARTED, health="unhealthy")], ["p-api-1 is running and unhealthy after api was scaled back."]),
        ([ONE, running("api", id="new", name="p-api-2")], ["p-api-2 is left after api was scaled back."]),
    ],
)  # fmt: skip
def test_what_stood_before_must_stand_as_it_did(now: list[Any], said: list[str]) -> None:
    assert [fault.text for fault in not_as_before([ONE], now)] == said


class Steady:
    """Gives each container 20 answers a second, but a fifth of that as long as the machine is busy."""

    def __init__(self, busy: int) -> None:
        self.asked: list[int] = []
        self._busy = busy

    def throughput(self, _asker: ContainerState, replicas: Sequence[ContainerState]) -> Throughput:
        self.asked.append(len(replicas))
        rate = 20.0 * len(replicas) / (5 if len(self.asked) <= self._busy else 1)
        return Throughput(rate, 40, 0, (0.05,) * 40)


def measured(bound: str, busy: int = 0) -> tuple[Attempt, list[int]]:
    """Carry out the loads of a trial with a limit on the gain."""
    limit = parse_limit(f"scale.gain: last > {bound}", None, SCALE_METRICS)
    planned = replace(PLANNED, limits=(LimitOfScaling(limit_kept("api", limit.text), limit),))
    attempt = Attempt(cast("Site", SimpleNamespace(containers=list)), planned, [ONE], Silent(), 0.0)
    steady = Steady(busy)
    attempt._requests = cast("Requests", steady)
    attempt._measure_standing(ONE)
    attempt.seen = replace(attempt.seen, added=(running("api", number=2),))
    attempt._measure_in_turn(ONE, [ONE, *attempt.seen.added])
    return attempt, steady.asked


def test_those_that_stood_and_all_are_measured_in_turn() -> None:
    attempt, asked = measured("1.5")
    assert (asked, attempt.seen.gain) == ([1, 2, 1, 2], 2.0)


def test_a_gain_that_is_near_to_its_limit_is_measured_longer() -> None:
    attempt, asked = measured("1.9")
    assert (asked, attempt.seen.gain) == ([1, 2, 1, 2, 1, 2, 1, 2], 2.0)


@pytest.mark.parametrize("busy", [1, 2])
def test_a_machine_that_was_busy_for_a_while_makes_no_gain(busy: int) -> None:
    attempt, _ = measured("1.5", busy)
    assert attempt.seen.gain == 2.0
