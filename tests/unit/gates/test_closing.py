"""A forbidden edge is closed only where somebody else gets through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pytest_infragate.gates import closing, edge_check
from pytest_infragate.gates.edge_check import Asked
from pytest_infragate.gates.live import LiveStack
from pytest_infragate.probes.listeners import Listener
from pytest_infragate.results import Outcome
from pytest_infragate.settings import EdgeSettings
from pytest_infragate.stack.exchange import Answer, Exchange, Failure, Question, lost

from .test_connectivity import ANY, API, ASKED, DB, REFUSED, Seen, edge, state

ACCEPTED = Exchange(ASKED, ("10.0.0.2",), 0.001, (Answer("10.0.0.2", 0.002),))
UNKNOWN = lost(ASKED, Failure.NOT_RESOLVABLE, "no such name")
FORBIDDEN = edge(EdgeSettings("api", "db"), must_be_open=False)
ON_5432 = edge(EdgeSettings("api", "db", 5432), must_be_open=False)
CACHE = edge(EdgeSettings("api", "cache"), must_be_open=False)
BY_NAME = Exchange(Question("cache"), ("10.0.0.5",), 0.1)
LIVE = LiveStack((API, DB, state("cache")))
SOMEBODY = {"5432": "p-worker-1"}


@pytest.mark.parametrize(
    ("answers", "exchanges", "outcome", "said"),
    [
        (SOMEBODY, [UNKNOWN], Outcome.PASSED, "closed: api cannot resolve db, while p-worker-1 connects to db:5432"),
        (SOMEBODY, [REFUSED], Outcome.PASSED, "closed: api gets no connection to db:5432 (refused), while p-worker-1"),
        ({}, [UNKNOWN], Outcome.ERROR, "not even db itself, so that api does not either proves nothing"),
        ({}, [REFUSED], Outcome.ERROR, "or forbid a port on which it listens."),
        ({"80": "p-worker-1"}, [REFUSED], Outcome.ERROR, "nobody gets through to db on port 5432"),
        (SOMEBODY, [REFUSED, ACCEPTED], Outcome.FAILED, "Both are on p_default."),
        (
            SOMEBODY,
            [lost(ASKED, Failure.CALLER_DOWN, "it is paused")],
            Outcome.ERROR,
            "could not be tried: it is paused",
        ),
        (SOMEBODY, [lost(ASKED, Failure.BROKEN, "it broke")], Outcome.ERROR, "it broke"),
    ],
)
def test_somebody_must_get_through(
    answers: Mapping[str, str], exchanges: list[Exchange], outcome: Outcome, said: str
) -> None:
    result = closing.judge(FORBIDDEN, [Asked(API, tuple(exchanges))], answers, LIVE, Seen())  # type: ignore[arg-type]
    assert result.outcome is outcome, result.message
    assert said in result.message


@pytest.mark.parametrize(
    ("seen", "outcome", "said"),
    [
        (Seen(), Outcome.PASSED, "cache listens on nothing, and no file says that it should"),
        (Seen(cache=(Listener(6379, "127.0.0.1"),)), Outcome.PASSED, "cache listens only on its own loopback"),
        (Seen(cache="it is paused"), Outcome.ERROR, "is not proven"),
    ],
)
def test_a_target_of_which_no_port_is_known(seen: Seen, outcome: Outcome, said: str) -> None:
    result = closing.judge(CACHE, [Asked(API, (BY_NAME,))], {}, LIVE, seen)  # type: ignore[arg-type]
    assert result.outcome is outcome, result.message
    assert said in result.message


@pytest.mark.parametrize(
    ("live", "outcome"),
    [
        (LiveStack((API, DB)), None),
        (LiveStack((API, state("db", running=False))), Outcome.ERROR),
        (LiveStack((API,)), Outcome.ERROR),
        (LiveStack((API, state("db", running=False)), ended=frozenset({"db"})), Outcome.PASSED),
    ],
    ids=["runs", "down", "absent", "ended"],
)
def test_a_target_that_is_down_proves_nothing(live: LiveStack, outcome: Outcome | None) -> None:
    result = edge_check.settled(ON_5432, live)
    assert (result and result.outcome) is outcome


def test_where_the_name_leads_nowhere_the_address_is_tried_and_the_target_asks_itself() -> None:
    live = LiveStack((API, state("db", addresses={"p_back": "10.0.1.2"})))
    answers = {API.id: lambda: {ASKED: UNKNOWN}}
    found = closing.further_questions({ON_5432: (ASKED,)}, answers, live)
    asked = {key: [str(question) for question in questions] for key, (_, questions) in found.items()}
    assert asked == {"api": ["10.0.1.2:5432"], "db": ["10.0.1.2:5432"]}


def test_where_the_name_leads_elsewhere_and_nobody_accepts_there_the_address_is_tried() -> None:
    elsewhere = replace(REFUSED, resolved=("127.0.0.1",), answers=(Answer("127.0.0.1", failure=Failure.REFUSED),))
    live = LiveStack((API, state("db", addresses={"p_default": "10.0.0.2"})))
    assert [str(one) for one in closing.by_address(ON_5432, API, [elsewhere], live)] == ["10.0.0.2:5432"]
    assert closing.by_address(ON_5432, API, [REFUSED], live) == ()
    assert closing.by_address(ON_5432, API, [lost(ASKED, Failure.BROKEN, "it broke")], live) == ()


def test_the_caller_of_an_edge_that_must_be_open_is_enough() -> None:
    wanted = edge(EdgeSettings("cache", "db", 5432))
    answers = {"cache": lambda: {ASKED: ACCEPTED}, "api": lambda: {ASKED: REFUSED}}
    tasks = {wanted: (ASKED,), ON_5432: (ASKED,)}
    assert closing.further_questions(tasks, answers, LIVE) == {}
    assert closing.getting_through(tasks, answers, LIVE) == {"db": {"5432": "p-cache-1"}}


def test_a_target_on_the_network_of_the_host_is_tried_where_its_callers_reach_the_host() -> None:
    caller = state("api", gateways=("10.0.0.254",))
    live = LiveStack((caller, state("db", addresses={}, network_mode="host")))
    (question,) = closing.by_address(ON_5432, caller, [UNKNOWN], live)
    assert str(question) == "10.0.0.254:5432"


def test_a_target_in_the_network_of_another_is_there() -> None:
    live = LiveStack((API, state("cache"), state("db", addresses={}, network_mode="container:cache")))
    (question,) = closing.by_address(ON_5432, API, [UNKNOWN], live)
    assert str(question) == "10.0.0.5:5432"


def test_a_port_that_only_the_image_exposes_need_not_be_there() -> None:
    by_image = Exchange(Question("cache", 8000), ("10.0.0.5",), 0.1, (Answer("10.0.0.5", failure=Failure.REFUSED),))
    planned = replace(CACHE, ports=())
    result = closing.judge(planned, [Asked(API, (by_image,))], {}, LIVE, Seen())  # type: ignore[arg-type]
    assert result.outcome is Outcome.PASSED, result.message
    deaf = Seen(cache=(Listener(8000, ANY),))
    result = closing.judge(planned, [Asked(API, (by_image,))], {}, LIVE, deaf)  # type: ignore[arg-type]
    assert result.outcome is Outcome.ERROR, result.message
