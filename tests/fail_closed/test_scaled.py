"""A stack of which a service is scaled: proven as a whole run, cut short, and left alone where it is not ours."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from engine_setup.images import SERVICES

from .. import waiting
from ..projects import Underway, UserProject
from .stack import COMPOSE, OPEN
from .test_keep_and_attach import containers

SCALED = f"{OPEN}scaling: {{api: {{replicas: 2, load: 500ms, limits: ['scale.up: max < 60s']}}}}\n"
FIRST = """
    command: [sh, -c, "mkdir /state/first && touch /tmp/first; exec sleep 600"]
    init: true
    volumes: ["state:/state"]
    healthcheck: {test: [CMD, test, -e, /tmp/first], interval: 300ms, timeout: 5s, retries: 1000}
volumes: {state: {}}
"""
ENDLESS = f"services:\n  api:\n    image: {SERVICES}{FIRST}"
"""Of this service only the first container is ever healthy."""


@pytest.fixture
def scaled(small: UserProject) -> Iterator[UserProject]:
    small.write(**{"infragate.yaml": SCALED})
    try:
        yield small
    finally:
        small.remove()


def underway(project: UserProject, *arguments: str) -> Underway:
    """Begin a run whose second container never becomes healthy, and return it when that container is there."""
    project.write(**{"compose.yaml": ENDLESS})
    run = project.begin_gate(*arguments)
    run.wait_for("scaling api to 2 containers")
    waiting.until(lambda: len(containers(project)) > 1, 60.0, "a second container")
    return run


def test_a_kept_stack_is_scaled_and_stands_as_before(scaled: UserProject) -> None:
    ended = scaled.gate("--infragate-keep")
    assert ended.status == pytest.ExitCode.OK, ended.output
    assert "api ran with 2 containers instead of 1" in scaled.report.message("scaling-proven")
    assert scaled.created().count("api") == 2
    before = containers(scaled)
    assert [name[-6:] for name in before] == ["-api-1"]
    name = next(iter(before)).removesuffix("-api-1")
    ended = scaled.gate("--infragate-attach", f"--infragate-project={name}")
    assert ended.status == pytest.ExitCode.TESTS_FAILED
    assert "--infragate-attach alters nothing of a stack" in scaled.report.message("scaling-proven")
    assert {one.subject for one in scaled.report.complaints} == {"api", "api scale.up: max < 60s"}
    assert containers(scaled) == before


def test_ctrl_c_while_a_kept_stack_is_scaled_puts_back_what_stood(scaled: UserProject) -> None:
    run = underway(scaled, "--infragate-keep")
    run.press_ctrl_c()
    assert run.end().status == pytest.ExitCode.INTERRUPTED
    assert scaled.report.verdict == "incomplete"
    assert [name[-6:] for name in containers(scaled)] == ["-api-1"]


def test_a_run_that_is_killed_while_it_scales_leaves_nothing(scaled: UserProject) -> None:
    run = underway(scaled)
    run.send(signal.SIGKILL)
    assert run.end().status == -signal.SIGKILL
    scaled.settle()
    assert scaled.left_behind() == ()


def test_what_exists_once_is_told_before_anything_is_started(scaled: UserProject) -> None:
    scaled.write(**{"compose.yaml": COMPOSE.replace("127.0.0.1::8000", "127.0.0.1:18431:8000")})
    ended = scaled.gate()
    assert ended.status == pytest.ExitCode.TESTS_FAILED
    assert "2 replicas share the host port 18431." in ended.output
    assert "compose.yaml:7:13" in ended.output
    assert scaled.created() == ()
