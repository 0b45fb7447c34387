"""The object behind the fixture, on a real stack: asking, steering, and undoing what a test did."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.errors import StackError
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.interruptions import Journal
from pytest_infragate.stack.running import Endpoint, ExecResult, RunningStack

from .conftest import Stacks

STACK = f"""
services:
  web:
    image: {SERVICES}
    init: true
    command: python3 -m http.server 8000
    ports: ["127.0.0.1::8000"]
    expose: ["9000"]
    healthcheck: {{test: [CMD, curl, -fsS, "http://127.0.0.1:8000/"], interval: 1s, timeout: 1s, retries: 3}}
  pair:
    image: {SERVICES}
    init: true
    command: sh -c 'echo "replica says hello"; exec sleep 600'
    deploy: {{replicas: 2}}
  job:
    image: {SERVICES}
    command: sh -c 'echo done'
"""
SERVICES_OF = ("web", "pair", "job")


@pytest.fixture(scope="module")
def project(module_stacks: Stacks) -> str:
    return module_stacks.up(STACK).project


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


@pytest.fixture
def stack(engine: Engine, project: str, journal: Journal) -> Iterator[RunningStack]:
    made = RunningStack(engine, project, SERVICES_OF, journal, ended=["job"])
    yield made
    made.undo()


def test_an_endpoint_leads_to_the_service(stack: RunningStack) -> None:
    endpoint = stack.endpoint("web", 8000)
    assert endpoint.host == "127.0.0.1"
    assert endpoint.url == f"http://127.0.0.1:{endpoint.port}"
    stack.exec("web", ["true"])
    with urllib.request.urlopen(endpoint.url, timeout=10) as answer:  # noqa: S310  (the stack's own address)
        assert answer.status == 200


def test_an_ipv6_endpoint_is_written_in_brackets() -> None:
    assert Endpoint("::1", 80).url == "http://[::1]:80"


def test_a_port_that_is_not_published_is_refused_with_those_that_are(stack: RunningStack) -> None:
    with pytest.raises(StackError, match=r"service web publishes no port 9000/tcp; published: 8000/tcp"):
        stack.endpoint("web", 9000)


def test_an_unknown_service_is_refused_with_the_nearest_name(stack: RunningStack) -> None:
    with pytest.raises(StackError, match=r"no service 'wep': it has web, pair and job; did you mean 'web'\?"):
        stack.exec("wep", ["true"])


def test_exec_gives_exit_code_and_both_outputs(stack: RunningStack) -> None:
    done = stack.exec("web", ["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert isinstance(done, ExecResult)
    assert (done.exit_code, done.stdout, done.stderr) == (3, "out\n", "err\n")
    assert stack.exec("web", ["id", "-un"], user="nobody").stdout == "nobody\n"


def test_exec_that_does_not_end_is_told(stack: RunningStack) -> None:
    with pytest.raises(StackError, match=r"sleep in service web did not end within 0\.5 s"):
        stack.exec("web", ["sleep", "5"], timeout=0.5)


def test_replicas_are_asked_one_by_one(stack: RunningStack) -> None:
    names = {stack.exec("pair", ["hostname"], replica=number).stdout for number in (1, 2)}
    assert len(names) == 2
    with pytest.raises(StackError, match="service pair has no container number 3"):
        stack.exec("pair", ["true"], replica=3)


def test_logs_come_from_all_replicas(stack: RunningStack) -> None:
    assert stack.logs("pair").count("replica says hello") == 2
    assert stack.logs("pair", tail=0) == ""


@pytest.mark.parametrize(("action", "words"), [("stop", "web is exited"), ("pause", "web is paused")])
def test_what_a_test_does_is_written_down_and_undone(
    stack: RunningStack, journal: Journal, action: str, words: str
) -> None:
    getattr(stack, action)("web")
    problem = stack.problem("web")
    assert problem is not None
    assert problem.startswith(words)
    [meant] = journal.read()
    assert (meant.service, meant.action, meant.end) == ("web", action, None)
    stack.undo()
    assert stack.problem("web") is None
    [meant] = journal.read()
    assert meant.end is not None


def test_a_restart_ends_when_the_service_is_good_again(stack: RunningStack, journal: Journal) -> None:
    before = stack.containers("web")[0].started_at
    stack.restart("web")
    [after] = stack.containers("web")
    assert after.started_at != before
    assert after.health == "healthy"
    assert journal.read()[0].end is not None


def test_starting_again_by_hand_leaves_nothing_to_undo(stack: RunningStack) -> None:
    stack.stop("web")
    stack.start("web")
    assert stack.problem("web") is None
    with pytest.raises(StackError, match="nothing to undo: no stop of service web is in force"):
        stack.start("web")


def test_a_service_that_does_not_run_cannot_be_stopped(stack: RunningStack) -> None:
    with pytest.raises(StackError, match="cannot stop service job: it is not running"):
        stack.stop("job")


def test_a_one_shot_is_good_when_it_has_ended(engine: Engine, project: str, journal: Journal) -> None:
    assert RunningStack(engine, project, SERVICES_OF, journal, ended=["job"]).problem("job") is None
    told = RunningStack(engine, project, SERVICES_OF, journal).problem("job")
    assert told == "job is exited (exit code 0)"


def test_a_second_process_waits_for_its_turn(
    engine: Engine, project: str, stack: RunningStack, journal: Journal
) -> None:
    other = RunningStack(engine, project, SERVICES_OF, journal)
    stack.pause("web")
    waiting = threading.Thread(target=other.pause, args=("web",))
    waiting.start()
    assert [one.end for one in journal.read()] == [None]
    stack.unpause("web")
    waiting.join(60)
    assert [one.action for one in journal.read()] == ["pause", "pause"]
    other.undo()
    assert stack.problem("web") is None


def test_the_marker_waits_out_what_another_test_is_doing(
    engine: Engine, project: str, stack: RunningStack, journal: Journal
) -> None:
    other = RunningStack(engine, project, SERVICES_OF, journal)
    other.pause("web")
    threading.Timer(0.5, other.undo).start()
    assert stack.problem_unless_meant("web") is None
