"""What is said of an edge on which nothing accepts, and what to change."""

from __future__ import annotations

from typing import cast

import pytest

from pytest_infragate import catalogue
from pytest_infragate.gates.edge_words import explain, explain_reply
from pytest_infragate.gates.edges import PlannedEdge
from pytest_infragate.gates.live import LiveStack, Sight
from pytest_infragate.probes.listeners import Listener
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Exchange, Failure, Judgement, Question, lost
from pytest_infragate.stack.inside import Inside
from pytest_infragate.stack.state import ContainerState
from tests.unit.states import running

ALL = "0.0.0.0"  # noqa: S104  (seen, not opened)
REFUSED: Exchange = lost(Question("db", 5432), Failure.REFUSED, "Connection refused")


class Seen(Sight):
    """What is looked up is given."""

    def __init__(self, found: tuple[Listener, ...]) -> None:
        super().__init__(cast("Inside", None))
        self._found = found

    def listeners(self, _container: ContainerState) -> tuple[Listener, ...]:
        return self._found


def on_network(service: str) -> ContainerState:
    return running(service, addresses={"p_default": "10.0.0.2"})


def planned(probe: ProbeSettings | None, path: str | None = None, *, declared: bool = False) -> PlannedEdge:
    check = catalogue.edge_open("api -> db:5432")
    return PlannedEdge(check, "api", "db", 5432, path, (5432,), "DB_URL", probe=probe, declared=declared)


def said(found: tuple[Listener, ...], probe: ProbeSettings | None = None) -> tuple[str, str]:
    stack = LiveStack((on_network("api"), on_network("db")))
    return explain(planned(probe), "api-1", REFUSED, stack, Seen(found))


@pytest.mark.parametrize(
    ("found", "listens", "remedy"),
    [
        (
            (Listener(22, ALL), Listener(5432, "127.0.0.1")),
            "db listens on 127.0.0.1:5432 only.",
            "Make db listen on 0.0.0.0:5432 instead of its own loopback (127.0.0.1:5432).",
        ),
        (
            (Listener(5432, "127.0.0.1"), Listener(5432, "::1")),
            "db listens on 127.0.0.1:5432, [::1]:5432 only.",
            "Make db listen on 0.0.0.0:5432 instead of its own loopback (127.0.0.1:5432).",
        ),
        (
            (Listener(5432, "10.0.0.9"), Listener(5432, "127.0.0.1")),
            "db listens on 10.0.0.9:5432, 127.0.0.1:5432.",
            "Make db listen on port 5432, on the address of the shared network.",
        ),
        ((), "db listens on nothing at all.", "Make db listen on port 5432, on the address of the shared network."),
        (
            (Listener(5433, ALL),),
            "db listens on 0.0.0.0:5433.",
            "Use port 5433, on which db listens, or make it listen on port 5432.",
        ),
        (
            tuple(Listener(port, ALL) for port in range(1, 12)),
            "0.0.0.0:8 and 3 more.",
            "Use port 1 or 2 or 3 or 4 or 5 or another, on which db listens, or make it listen on port 5432.",
        ),
    ],
)
def test_a_refused_edge_says_what_listens_and_what_to_change(
    found: tuple[Listener, ...], listens: str, remedy: str
) -> None:
    text, advice = said(found)
    assert listens in text
    assert advice == remedy


def test_the_usual_port_of_the_protocol_is_the_one_that_is_meant() -> None:
    found = tuple(Listener(port, ALL) for port in (80, 6379, 9000))
    assert said(found, ProbeSettings("redis", 5432))[1].startswith("Use port 6379, on which db listens")


@pytest.mark.parametrize(
    ("protocol", "path", "declared", "failure", "found", "remedy"),
    [
        (
            "postgres",
            None,
            False,
            Failure.AUTHENTICATION,
            "db:5432 refuses the login of api-1: what it says. Needed by DB_URL.",
            "Give api a user and a password that db takes. What is in a volume keeps the users with which it was first filled",
        ),
        (
            "redis",
            None,
            False,
            Failure.AUTHENTICATION,
            "refuses the login",
            "Give api a user and a password that db takes.",
        ),
        (
            "redis",
            None,
            False,
            Failure.PROTOCOL,
            "db:5432 accepts connections of api-1, but is not ready to speak redis: what it says.",
            "See in the log of db why it is not ready, or correct the port where another protocol is spoken.",
        ),
        (
            "http",
            "/x",
            False,
            Failure.STATUS,
            "db:5432/x answers api-1 wrongly: what it says.",
            "with a status from 200",
        ),
        ("http", "/x", True, Failure.STATUS, "answers api-1 wrongly", "Make db answer as the settings expect"),
        ("mysql", None, False, Failure.STATUS, "answers api-1 wrongly", "Create in db what api opens there"),
        (
            "redis",
            None,
            False,
            Failure.STATUS,
            "answers api-1 wrongly",
            "Correct the number of the database, or give db more",
        ),
        ("grpc", None, False, Failure.STATUS, "answers api-1 wrongly", "See in the log of db why it is not ready."),
    ],
)
def test_a_wrong_answer_says_what_kind_it_is_and_what_to_change(
    protocol: str, path: str | None, declared: bool, failure: Failure, found: str, remedy: str
) -> None:
    edge = planned(ProbeSettings(protocol, 5432), path, declared=declared)
    text, advice = explain_reply(edge, "api-1", Judgement(ok=False, message="what it says", failure=failure))
    assert found in text
    assert remedy in advice
