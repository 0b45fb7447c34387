from __future__ import annotations

import datetime
from typing import Any

import pytest

from pytest_infragate.catalogue import scaling_proven
from pytest_infragate.gates.scaling import PlannedScaling
from pytest_infragate.run.trial import ill, not_as_before
from pytest_infragate.scaling_settings import ScalingSettings

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
