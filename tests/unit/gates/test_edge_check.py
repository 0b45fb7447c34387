"""What an edge that is open leaves unproven is told."""

from __future__ import annotations

from typing import cast

import pytest

from pytest_infragate import catalogue
from pytest_infragate.gates.edge_check import Asked, judge
from pytest_infragate.gates.edges import PlannedEdge
from pytest_infragate.gates.live import LiveStack, Sight
from pytest_infragate.results import Outcome, Severity
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Answer, Exchange, Judgement, Question
from tests.unit.states import running

EDGE = PlannedEdge(
    catalogue.edge_open("api -> db:3306"),
    "api",
    "db",
    3306,
    None,
    (3306,),
    "DB_URL",
    probe=ProbeSettings("mysql", 3306),
)


@pytest.mark.parametrize("unproven", ["", "that the password is right"])
def test_what_a_target_could_not_be_made_to_answer_is_a_warning(unproven: str) -> None:
    answer = Answer("10.0.0.2", 0.1, judgement=Judgement(ok=True, message="answers", unproven=unproven))
    asked = Asked(running("api"), (Exchange(Question("db", 3306), ("10.0.0.2",), 0.1, (answer,)),))
    result = judge(EDGE, [asked], LiveStack(()), cast("Sight", None))
    assert result.outcome is Outcome.PASSED
    told = [(finding.severity, finding.message) for finding in result.findings]
    assert told == ([(Severity.WARNING, f"api -> db:3306 is proven, but not {unproven}.")] if unproven else [])
