"""A part of a run is killed, or its end is hidden from others: the run ends by itself, and nothing is left."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from .. import processes, waiting
from ..projects import UserProject
from .phases import (
    BUILD,
    BUILT,
    COMPOSE,
    ENDLESS_BUILD,
    PASSES,
    REACHED_S,
    SETTINGS,
    SLEEPS,
    STUBBORN,
    UP,
    Phase,
    assert_nothing_left,
    command,
    compose_child,
)

COMPOSE_RUNS = (
    Phase("build", "building images", {"compose.yaml": BUILT, "Dockerfile": ENDLESS_BUILD}, compose="build"),
    UP,
    Phase("down", "taking the stack down", {"compose.yaml": STUBBORN}, compose="down"),
)
FORKS = """
import os, signal, time


def test_forks(infragate_stack):
    if not (pid := os.fork()):
        time.sleep(600)
    with open("forked", "w") as stream:
        stream.write(str(pid))
    print("the suite runs", flush=True)
    time.sleep(600)
"""
EXITS = """
import os


def test_exits(infragate_stack):
    os._exit(0)
"""


def reapers(project: UserProject) -> list[int]:
    """Return the PIDs of the reapers that wait for the project's runs."""
    return [
        pid for pid in project.processes() if any("pytest_infragate.run.reaper" in one for one in processes.words(pid))
    ]


def kill(project: UserProject, pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a process of the project's runs, and to no other."""
    assert pid > 1
    assert pid in project.processes()
    os.kill(pid, number)


def pid_in(path: Path) -> int:
    """Return the PID that a test wrote into a file, as soon as it is there."""
    return int(waiting.until(lambda: path.exists() and path.read_text(), REACHED_S, f"{path.name} was written"))


@pytest.mark.parametrize("phase", COMPOSE_RUNS, ids=str)
def test_a_killed_compose_leaves_nothing(project: UserProject, phase: Phase) -> None:
    run = phase.reach(project)
    kill(project, compose_child(project, phase.compose))
    ended = run.end()
    # What a killed `down` left is removed by ourselves, and that is verified.
    assert (ended.status == pytest.ExitCode.OK) == (phase.compose == "down"), ended.output
    assert "INTERNALERROR" not in ended.output
    if phase is UP:
        assert "and said nothing of an error" in ended.output
    assert_nothing_left(project)


@pytest.mark.parametrize("gate", [True, False], ids=["gate", "fixture"])
def test_a_killed_worker_leaves_nothing(project: UserProject, gate: bool) -> None:
    # The worker that xdist starts instead has one test left, which passes.
    suite = {"test_suite.py": SLEEPS, "test_other.py": PASSES}
    run = Phase("worker", "test_sleeps", suite, ("-n1", "--max-worker-restart=1"), gate=gate).reach(project)
    kill(project, pid_in(project.directory / "running"))
    ended = run.end()
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "crashed" in ended.output
    assert_nothing_left(project)


def test_a_test_that_ends_the_process_leaves_nothing(project: UserProject) -> None:
    run = Phase("exit", "test_suite.py", {"test_suite.py": EXITS}).reach(project)
    assert run.end().status == 0
    assert project.report.verdict == "incomplete"
    assert_nothing_left(project)


def test_a_forked_child_that_lives_on_hides_no_death(project: UserProject) -> None:
    run = Phase("fork", "the suite runs", {"test_suite.py": FORKS}).reach(project)
    child = pid_in(project.directory / "forked")
    run.send(signal.SIGKILL)
    try:
        waiting.until(lambda: not project.left(), REACHED_S, "the stack was removed")
        assert child in project.processes()
    finally:
        kill(project, child)
    run.end()
    assert_nothing_left(project)


def test_a_reaper_outlives_what_is_sent_to_everybody(project: UserProject) -> None:
    run = Phase("test", "the suite runs", {"test_suite.py": SLEEPS}).reach(project)
    [reaper] = reapers(project)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        kill(project, reaper, number)
    run.send(signal.SIGKILL)
    run.end()
    assert_nothing_left(project)


def test_what_nobody_could_reap_is_removed_by_the_next_run(project: UserProject) -> None:
    files = {"compose.yaml": BUILT, "Dockerfile": BUILD, "test_suite.py": SLEEPS}
    run = Phase("test", "the suite runs", files).reach(project)
    [reaper] = reapers(project)
    kill(project, reaper)
    run.kill()
    project.settle()
    assert project.left()
    assert project.left_folders()
    project.write(**{"compose.yaml": COMPOSE + "\nvolumes: {data: {}}\n", "test_suite.py": PASSES})
    ended = project.gate()
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert_nothing_left(project)


def test_a_kept_stack_outlives_a_killed_run(project: UserProject) -> None:
    files = {"compose.yaml": COMPOSE + "\nvolumes: {data: {}}\n", "infragate.yaml": SETTINGS, "test_suite.py": PASSES}
    project.write(**files)
    assert project.gate("--infragate-keep").status == pytest.ExitCode.OK
    kept = project.left()
    assert {thing.kind for thing in kept} == {"container", "network", "volume"}
    try:
        after_up = {"infragate.yaml": command("after-up")}
        run = Phase("keep", "commands after-up", after_up, ("--infragate-keep",)).reach(project)
        run.kill()
        project.settle()
        assert project.left() == kept
        assert project.left_folders() == ()
    finally:
        project.remove()


def test_a_stack_that_was_to_be_kept_and_was_not_proven_goes_with_a_killed_run(project: UserProject) -> None:
    run = Phase("keep", "the suite runs", {"test_suite.py": SLEEPS}, ("--infragate-keep",)).reach(project)
    run.kill()
    assert_nothing_left(project)
