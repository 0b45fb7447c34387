from __future__ import annotations

import pytest

from pytest_infragate.gates.readiness import Readiness, State
from pytest_infragate.gates.waiting import End, Wait
from pytest_infragate.run.start_stages import Course, stages
from pytest_infragate.stack.state import ContainerState
from tests.unit.gates.builders import at, container

DB = container(id="db-1", created_at=at(1), started_at=at(3), health="healthy")
COURSE = Course(at(0), {"db-1": at(7)}, {"db": at(9)})
ALL = {"start.created": 1.0, "start.started": 2.0, "start.healthy": 4.0, "start.connected": 6.0}


def told(state: ContainerState, course: Course = COURSE) -> dict[str, float]:
    wait = Wait({"db": Readiness(State.READY, "is ready")}, (state,), at(9), End.READY, 9.0, {})
    found = stages(wait, course)
    return {metric: by_service["db"][0] for metric, by_service in found.items()}


@pytest.mark.parametrize(
    ("state", "course", "missing"),
    [
        (DB, COURSE, set()),
        (container(id="db-1", created_at=at(1), started_at=at(3)), COURSE, {"start.healthy"}),
        (DB, Course(at(0), {"db-1": at(7)}, {}), {"start.connected"}),
        (DB, Course(at(2), {"db-1": at(7)}, {"db": at(9)}), set(ALL)),
        (DB, Course(None), set(ALL)),
        (container(id="db-1", created_at=at(1), started_at=None), COURSE, set(ALL) - {"start.created"}),
    ],
    ids=["all", "no healthcheck", "no caller", "created before", "nothing started", "never started"],
)
def test_each_stage_counts_from_the_end_of_the_one_before(
    state: ContainerState, course: Course, missing: set[str]
) -> None:
    assert told(state, course) == {metric: seconds for metric, seconds in ALL.items() if metric not in missing}


def test_replicas_are_told_one_by_one() -> None:
    second = container(id="db-2", created_at=at(2), started_at=at(3))
    wait = Wait({"db": Readiness(State.READY, "is ready")}, (DB, second), at(9), End.READY, 9.0, {})
    assert stages(wait, COURSE)["start.created"] == {"db": (1.0, 2.0)}
