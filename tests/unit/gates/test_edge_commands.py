"""What becomes of an edge that a command of the user proves."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from pytest_infragate import catalogue
from pytest_infragate.errors import EngineError
from pytest_infragate.gates import edge_check, edge_commands
from pytest_infragate.gates.edges import PlannedEdge
from pytest_infragate.gates.live import LiveStack
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.execution import CUT_SHORT, Execution
from pytest_infragate.stack.state import ContainerState
from tests.unit.states import running

PSQL = ("psql", "-c", "select 1")
EDGE = PlannedEdge(
    catalogue.edge_open("api -> db:5432 (psql)"),
    "api",
    "db",
    5432,
    None,
    (5432,),
    "connectivity.expect",
    probe=ProbeSettings("exec", argv=PSQL, timeout_s=3),
    declared=True,
)
ONE, TWO = running("api"), running("api", id="two", name="p-api-2")


@dataclass
class Programs:
    """An engine whose containers end every program with the next of these codes, the last one again and again."""

    codes: Mapping[str, Sequence[int]]
    ran: list[tuple[str, tuple[str, ...], float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def execute(self, container_id: str, argv: tuple[str, ...], *, timeout_s: float) -> Execution:
        with self.lock:
            before = sum(1 for one, _, _ in self.ran if one == container_id)
            self.ran.append((container_id, argv, timeout_s))
        codes = self.codes[container_id]
        if not codes:
            raise EngineError("the engine is gone")
        code = codes[min(before, len(codes) - 1)]
        return Execution(code, b"first line\n", b"last line\n", 0.25, timed_out=code == CUT_SHORT)


def judged(
    codes: Mapping[str, Sequence[int]], *callers: ContainerState, patience_s: float = 0.0
) -> tuple[CheckResult, Programs]:
    programs = Programs(codes)
    live = LiveStack(callers or (ONE, TWO))
    runs = edge_commands.begin([EDGE], live, cast("Engine", programs), patience_s)
    return edge_commands.judge(EDGE, [run() for run in runs[EDGE]]), programs


def test_it_runs_in_every_replica_and_must_end_with_0() -> None:
    result, programs = judged({"api": [0], "two": [0]})
    assert (result.outcome, result.message) == (Outcome.PASSED, "`psql -c select 1` ended with 0 inside api")
    assert sorted(programs.ran) == [("api", PSQL, 3), ("two", PSQL, 3)]
    assert result.evidence == {
        "callers": ["p-api-1", "p-api-2"],
        "command": "psql -c select 1",
        "command_s": [0.25, 0.25],
    }


@pytest.mark.parametrize(
    ("code", "said", "remedy"),
    [
        (3, "ended with exit code 3, expected 0.", "Make db answer as the command wants it, or correct the command."),
        (127, "could not be started (", "Name a program that the image of api has."),
        (CUT_SHORT, "did not end within 3 s and was left alone.", "or give the edge a longer timeout."),
    ],
)
def test_one_replica_in_which_it_fails_is_enough(code: int, said: str, remedy: str) -> None:
    result, _ = judged({"api": [0], "two": [code]})
    assert (result.outcome, result.evidence["reason"]) == (Outcome.FAILED, "command")
    assert f"`psql -c select 1` in p-api-2 {said}" in result.message
    assert remedy in result.message
    assert "\n  first line\n  last line\n" in result.message
    assert result.evidence["exit_code"] == code


def test_a_target_that_is_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_commands, "_PAUSE_S", 0.01)
    result, programs = judged({"api": [1, 1, 0]}, ONE, patience_s=30.0)
    assert (result.outcome, len(programs.ran)) == (Outcome.PASSED, 3)


def test_a_caller_that_does_not_run_is_told() -> None:
    result, _ = judged({}, running("api", running=False, status="exited"))
    assert result.evidence["reason"] == "caller-down"
    assert "p-api-1 does not run (it is exited)" in result.message


def test_an_engine_that_fails_proves_nothing() -> None:
    with pytest.raises(EngineError):
        judged({"api": []}, ONE)


def test_a_caller_that_has_ended_cannot_be_asked_any_more() -> None:
    result = edge_check.settled(EDGE, LiveStack((), ended=frozenset({"api"})))
    assert result is not None
    assert result.outcome is Outcome.ERROR
    assert "api has ended with 0, so what connectivity.expect asks for cannot be asked" in result.message
