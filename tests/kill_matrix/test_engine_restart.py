"""The engine is restarted, or goes away, under a run: the run ends by itself and red, and nothing is left."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from engine_setup.images import TINY
from pytest_infragate.stack.engine import Engine

from .. import leftovers
from ..leftovers import Thing
from ..private_engine import Daemon, load, private_daemon
from ..projects import Ended, Underway, UserProject
from .phases import SETTINGS

POOLS = "base=10.214.0.0/24,size=26"
STACK = f"""
services:
  app:
    image: {TINY}
    network_mode: none
    volumes: ["data:/data"]
volumes: {{data: {{}}}}
"""
WAITS = """
import pathlib, time


def test_waits(infragate_stack):
    print("the suite runs", flush=True)
    while not pathlib.Path("go").exists():
        time.sleep(0.05)
"""
COMMAND = """
commands:
  - {name: waits, run: "until [ -e go ]; do sleep 0.05; done", when: before-up}
"""


@pytest.fixture(scope="module")
def daemon(engine: Engine) -> Iterator[Daemon]:
    """Give an engine that these tests alone use; it runs before each test."""
    with private_daemon(POOLS) as made:
        with contextlib.closing(made.connected()) as own:
            load(own, TINY, engine)
        yield made


def begin(project: UserProject, daemon: Daemon, shown_by: str, *arguments: str) -> Underway:
    """Begin a run on the test's own engine and return it when it has come so far."""
    project.write(**{"compose.yaml": STACK, "test_suite.py": WAITS})
    run = project.begin_gate("-s", *arguments, environ={"DOCKER_HOST": daemon.address})
    run.wait_for(shown_by)
    return run


def end(project: UserProject, run: Underway) -> Ended:
    """Let the run go on and return its end."""
    (project.directory / "go").touch()
    ended = run.end()
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "INTERNALERROR" not in ended.output
    assert project.report.verdict == "incomplete"
    return ended


def left(project: UserProject, daemon: Daemon) -> tuple[Thing, ...]:
    """Return what stands on the test's own engine of the project, when nothing of the run lives any more."""
    project.settle()
    with contextlib.closing(daemon.connected()) as engine:
        return tuple(one for one in leftovers.things(engine) if project.name in one.project)


def test_a_restart_under_the_suite_closes_the_gate(project: UserProject, daemon: Daemon) -> None:
    project.write(**{"infragate.yaml": SETTINGS})
    run = begin(project, daemon, "the suite runs")
    daemon.restart()
    daemon.connected().close()
    ended = end(project, run)
    assert project.report.outcomes["health"] == "failed", ended.output
    assert left(project, daemon) == ()
    assert project.left_folders() == ()


def test_a_restart_before_the_start_leaves_nothing(project: UserProject, daemon: Daemon) -> None:
    project.write(**{"infragate.yaml": SETTINGS + COMMAND})
    run = begin(project, daemon, "commands before-up")
    daemon.end()
    end(project, run)
    daemon.begin()
    assert left(project, daemon) == ()


def test_an_engine_that_comes_back_after_the_run_is_cleared_by_the_reaper(project: UserProject, daemon: Daemon) -> None:
    project.write(**{"infragate.yaml": SETTINGS})
    run = begin(project, daemon, "the suite runs")
    daemon.end()
    try:
        ended = end(project, run)
        assert project.report.outcomes["lifecycle"] in ("failed", "error"), ended.output
    finally:
        daemon.begin()
    assert left(project, daemon) == ()
    assert project.left_folders() == ()


def test_a_kill_while_the_engine_is_away_is_cleared_by_the_reaper(project: UserProject, daemon: Daemon) -> None:
    project.write(**{"infragate.yaml": SETTINGS})
    run = begin(project, daemon, "the suite runs")
    daemon.end()
    try:
        run.kill()
    finally:
        daemon.begin()
    assert left(project, daemon) == ()
    assert project.left_folders() == ()
