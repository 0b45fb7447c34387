"""Faults that tests cause on purpose, on a real stack: they happen, they are undone, and they are written down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.errors import StackError
from pytest_infragate.stack.disruption import Disruption
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.exchange import Failure
from pytest_infragate.stack.interruptions import Journal
from pytest_infragate.stack.running import RunningStack

from .conftest import Stacks

STACK = f"""
services:
  web:
    image: {SERVICES}
    init: true
    restart: always
    command: python3 -m http.server 8000
    healthcheck: {{test: [CMD, curl, -fsS, "http://127.0.0.1:8000/"], interval: 1s, timeout: 1s, retries: 3}}
    networks:
      front: {{aliases: [shop]}}
      back: {{ipv4_address: 10.213.77.5}}
  client:
    image: {SERVICES}
    init: true
    command: sleep 600
    networks: [front, back]
networks:
  front: {{}}
  back: {{ipam: {{config: [{{subnet: 10.213.77.0/28}}]}}}}
"""
SERVICES_OF = ("web", "client")


@pytest.fixture(scope="module")
def project(module_stacks: Stacks) -> str:
    return module_stacks.up(STACK).project


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


@pytest.fixture
def stack(engine: Engine, project: str, journal: Journal) -> Iterator[RunningStack]:
    made = RunningStack(engine, project, SERVICES_OF, journal)
    yield made
    made.undo()


@pytest.fixture
def disrupt(stack: RunningStack) -> Disruption:
    return stack.disruption


def answers(stack: RunningStack, host: str) -> bool:
    """Return whether the web server answers the client under a name or address."""
    url = f"http://{host}:8000/"
    return stack.exec("client", ["curl", "-fsS", "-o", "/dev/null", "--max-time", "3", url]).exit_code == 0


@pytest.mark.parametrize("action", ["stop", "pause", "kill", "disconnect"])
def test_a_fault_lasts_as_long_as_its_block(
    stack: RunningStack, disrupt: Disruption, journal: Journal, action: str
) -> None:
    assert answers(stack, "web")
    with getattr(disrupt, action)("web") as interruption:
        assert not answers(stack, "web")
        [meant] = journal.read()
        assert (meant.service, meant.action, meant.end) == ("web", action, None)
    assert stack.problem("web") is None
    assert answers(stack, "web")
    [meant] = journal.read()
    assert meant.end is not None
    interruption.undo()
    assert len(journal.read()) == 1


def test_what_a_test_forgets_is_undone_last_first(stack: RunningStack, disrupt: Disruption, journal: Journal) -> None:
    disrupt.disconnect("web", "front")
    disrupt.kill("web")
    stack.undo()
    assert stack.problem("web") is None
    assert all(answers(stack, name) for name in ("web", "shop", "10.213.77.5"))
    assert all(one.end for one in journal.read())


def test_one_network_is_left_and_the_others_stay(stack: RunningStack, disrupt: Disruption) -> None:
    with disrupt.disconnect("web", "front"):
        assert not answers(stack, "shop")
        assert answers(stack, "10.213.77.5")


def test_addresses_and_aliases_come_back(stack: RunningStack, disrupt: Disruption) -> None:
    [before] = stack.containers("web")
    disrupt.disconnect("web").undo()
    [after] = stack.containers("web")
    assert before.addresses.keys() == after.addresses.keys()
    assert "10.213.77.5" in after.addresses.values()
    assert answers(stack, "shop")


def test_a_network_that_the_service_is_not_on_is_told_and_nothing_happens(
    stack: RunningStack, disrupt: Disruption, journal: Journal
) -> None:
    with pytest.raises(StackError, match=r"-web-1 is not on network 'bakc'; its networks: back and front"):
        disrupt.disconnect("web", "bakc")
    assert stack.problem("web") is None
    assert all(one.end for one in journal.read())


def test_what_is_down_cannot_be_disrupted(disrupt: Disruption) -> None:
    disrupt.stop("web")
    with pytest.raises(StackError, match="cannot kill service web: it is not running"):
        disrupt.kill("web")


def test_undoing_one_of_two_does_not_wait_for_the_other(stack: RunningStack, disrupt: Disruption) -> None:
    first = disrupt.disconnect("web", "back")
    second = disrupt.stop("web")
    first.undo()
    assert stack.problem("web") is not None
    second.undo()
    assert stack.problem("web") is None
    assert answers(stack, "10.213.77.5")


@pytest.mark.parametrize(
    ("target", "failure"),
    [
        ("web:8000", None),
        ("shop", None),
        ("10.213.77.5:8000", None),
        ("web:8001", Failure.REFUSED),
        ("absent:8000", Failure.NOT_RESOLVABLE),
    ],
)
def test_a_connection_is_made_from_inside_the_caller(stack: RunningStack, target: str, failure: Failure | None) -> None:
    made = stack.connect("client", target)
    assert (made.ok, made.failure) == (failure is None, failure), made.message
    assert target in made.message
    assert "client" in made.message


def test_a_connection_tells_whom_it_reached_and_how_fast(stack: RunningStack) -> None:
    made = stack.connect("client", "10.213.77.5:8000")
    assert made.addresses == ("10.213.77.5",)
    assert made.connect_s is not None
    assert 0 < made.connect_s < 3


def test_a_disrupted_service_cannot_be_connected_to(stack: RunningStack, disrupt: Disruption) -> None:
    with disrupt.disconnect("web"):
        assert not stack.connect("client", "web:8000").ok
    assert stack.connect("client", "web:8000").ok


@pytest.mark.parametrize("target", ["", ":80", "web:", "web:http", "web:0", "web:70000"])
def test_what_is_no_target_is_told(stack: RunningStack, target: str) -> None:
    with pytest.raises(StackError, match="expected a host and a port, such as 'db:5432', or a host alone"):
        stack.connect("client", target)


def test_a_caller_that_does_not_exist_is_told_with_the_nearest(stack: RunningStack) -> None:
    with pytest.raises(StackError, match=r"did you mean 'client'\?"):
        stack.connect("clint", "web:8000")
