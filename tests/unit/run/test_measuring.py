from __future__ import annotations

import datetime

import pytest

from pytest_infragate import catalogue
from pytest_infragate.gates.edge_plan import ConnectivityPlan
from pytest_infragate.gates.edges import PlannedEdge
from pytest_infragate.gates.readiness import Readiness, State
from pytest_infragate.gates.waiting import End, Wait
from pytest_infragate.results import failed, passed
from pytest_infragate.run.measuring import connect_times, layer_growth, oom_kills, startup_times
from pytest_infragate.stack.clock import ClockDifference
from pytest_infragate.stack.event import StackEvent
from pytest_infragate.stack.state import ContainerState
from tests.unit.gates.builders import at, container, ended, event

SAME = ClockDifference(0.0, 0.0)
READY = Readiness(State.READY, "is ready")


def wait(state: ContainerState, **early: datetime.datetime) -> Wait:
    return Wait({"db": READY}, (state,), at(9), End.READY, 9.0, early)


@pytest.mark.parametrize(
    ("state", "early", "events", "seconds"),
    [
        (container(), None, (), 9.0),
        (container(health="healthy"), None, (event(4, "health_status: healthy"),), 4.0),
        (container(health="starting"), 1.5, (), 1.5),
        (container(health="healthy"), 1.5, (event(4, "health_status: healthy"),), 1.5),
        (ended(), None, (), 2.0),
    ],
)
def test_a_start_lasts_until_the_first_proof(
    state: ContainerState, early: float | None, events: tuple[StackEvent, ...], seconds: float
) -> None:
    proven = {} if early is None else {state.id: at(early)}
    assert startup_times(wait(state, **proven), events, SAME) == {"db": (seconds,)}


def test_a_proof_by_our_clock_is_held_against_a_start_by_the_engine_s() -> None:
    state = container(health="starting")
    found = startup_times(wait(state, **{state.id: at(1.5)}), (), ClockDifference(1.0, 1.0))
    assert found == {"db": (2.5,)}


def test_kills_for_want_of_memory_are_told_by_service_and_phase() -> None:
    marks = [(event(second, "").time_ns, phase) for second, phase in ((1, "startup"), (5, "idle"), (9, "suite"))]
    events = (event(2, "oom"), event(6, "oom"), event(7, "oom"), event(8, "die"), event(10, "oom"))
    assert oom_kills(events, marks) == {"db": {"startup": 1, "idle": 2, "suite": 1}}
    assert oom_kills((), marks) == {}


def test_connects_are_told_by_called_service_and_by_edge() -> None:
    edges = [
        PlannedEdge(catalogue.edge_open(f"{one} -> db"), one, "db", 5432, None, (5432,), "") for one in ("api", "job")
    ]
    results = [
        passed(edges[0].check, "is open", connect_s=[0.1, 0.2]),
        passed(edges[1].check, "is open", connect_s=[0.3]),
    ]
    assert connect_times(ConnectivityPlan(tuple(edges)), results) == {
        "db": (0.1, 0.2, 0.3),
        "api -> db": (0.1, 0.2),
        "job -> db": (0.3,),
    }
    assert connect_times(ConnectivityPlan(tuple(edges)), [failed(edges[0].check, "is closed")]) == {}


def test_layers_are_told_of_containers_that_were_there_both_times() -> None:
    states = (container(id="a"), container(id="b"), container("web", id="c"))
    found = layer_growth({"a": 10, "b": 50, "c": 1}, {"a": 15, "b": 40, "d": 9}, states)
    assert found == {"db": ((15, 5), (40, 0))}
