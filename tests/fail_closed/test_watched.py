"""A suite that is green on a stack that broke underneath and recovered is not complete, and the test that ran is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.stack.engine import Engine

from ..projects import Ended, UserProject, user_project
from ..reports import Report

UNTIL = "while [ ! -e {0} ]; do sleep 0.05; done; rm {0}"
DIES = f"command: [bash, -c, '{UNTIL.format('/die')}; exit 3'], restart: always"
EATS = (
    f"mem_limit: 24m, memswap_limit: 24m, command: [bash, -c, '{UNTIL.format('/eat')}; tail /dev/zero; exec sleep 600']"
)
FLAPS = "command: [sleep, '600'], healthcheck: {test: [CMD, test, '!', -e, /sick], interval: 300ms, retries: 1}"
SLEEPS = "command: [sleep, '600']"

SERVICES_OF = {
    "dies": DIES,
    "eats": EATS,
    "flaps": FLAPS,
    "frozen": SLEEPS,
    "alone": SLEEPS,
    "anew": SLEEPS,
    "replaced": SLEEPS,
    "untouched": SLEEPS,
}
COMPOSE = "services:\n" + "".join(
    f"  {name}: {{image: '{SERVICES}', init: true, {body}}}\n" for name, body in SERVICES_OF.items()
)
SETTINGS = "timeout: 90s\nhealth: {stable_for: 0s}\nperformance: {window: 0s}\n"
SUITE = """
import os
import subprocess
import time

import pytest

@pytest.fixture
def one(infragate_stack, request):
    return Container(infragate_stack, request.param)


class Container:
    def __init__(self, stack, service):
        self.stack, self.service = stack, service
        self.id = self.state.id

    @property
    def state(self):
        return self.stack.containers(self.service)[0]

    def touch(self, path):
        docker("exec", self.id, "touch", path)


def docker(*words):
    return subprocess.run(["docker", *words], check=True, capture_output=True).stdout


def until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def on(service):
    return pytest.mark.parametrize("one", [service], indirect=True, ids=[""])


@on("dies")
def test_dies(one):
    one.touch("/die")
    until(lambda: one.state.restart_count == 1 and one.state.running)


@on("eats")
def test_eats(one):
    one.touch("/eat")
    told = ("events", "--since", "1", "--filter", f"container={one.id}", "--filter", "event=oom", "--until")
    until(lambda: docker(*told, str(int(time.time()))))
    assert one.state.running


@on("flaps")
def test_flaps(one):
    one.touch("/sick")
    until(lambda: one.state.health == "unhealthy")
    docker("exec", one.id, "rm", "/sick")
    until(lambda: one.state.health == "healthy")


@on("frozen")
def test_frozen(one):
    docker("pause", one.id)
    docker("unpause", one.id)


@on("alone")
def test_alone(one):
    network = f"{one.stack.project}_default"
    docker("network", "disconnect", network, one.id)
    docker("network", "connect", network, one.id)


@on("anew")
def test_anew(one):
    docker("restart", "-t", "1", one.id)


@on("replaced")
def test_replaced(one):
    docker("compose", "up", "--detach", "--force-recreate", "--no-deps", "--timeout", "1", "replaced")
    assert one.state.id != one.id


def test_innocent():
    pass
"""


@pytest.fixture(scope="module", params=["-n0", "-n2"])
def ended(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, engine: Engine
) -> Iterator[tuple[Ended, Report]]:
    """Run the suite once: each test breaks one service from outside, and every service is well again in the end."""
    folder: Path = tmp_path_factory.mktemp("watched")
    with user_project(folder, engine) as project:
        project.write(**{"compose.yaml": COMPOSE, "infragate.yaml": SETTINGS, "test_suite.py": SUITE})
        yield project.gate(request.param), project.report


def stayed(report: Report, service: str) -> dict[str, Any]:
    """Return the check that a service stayed healthy."""
    (found,) = [one for one in report.data["checks"] if one["id"] == "IG912" and one["subject"] == service]
    return dict(found)


def test_the_suite_is_green_and_the_run_is_not(ended: tuple[Ended, Report]) -> None:
    run, report = ended
    assert "8 passed" in run.output or "failed" in run.output, run.output
    assert "FAILED test_suite" not in run.output, run.output
    assert run.status == pytest.ExitCode.TESTS_FAILED, run.output
    assert report.verdict == "incomplete"


@pytest.mark.parametrize(
    ("service", "action", "words"),
    [
        ("dies", "die", "died with exit code 3"),
        ("eats", "oom", "ran out of memory and lost a process"),
        ("flaps", "health_status: unhealthy", "turned unhealthy"),
        ("frozen", "pause", "was paused"),
        ("alone", "disconnect", "was taken off network"),
        ("anew", "die", "was stopped from outside (SIGTERM)"),
        ("replaced", "create", "was given another container"),
    ],
)
def test_what_broke_and_recovered_is_told_with_the_test_that_ran(
    ended: tuple[Ended, Report], service: str, action: str, words: str
) -> None:
    run, report = ended
    check = stayed(report, service)
    assert check["outcome"] == "failed", run.output
    assert f"{service} {words}" in check["message"], check["message"]
    (incident,) = [one for one in check["evidence"]["incidents"] if one["action"] == action]
    test = f"test_suite.py::test_{service}[]"
    assert test in incident["tests"], incident
    assert f"UTC), {incident['when']}" in check["message"]
    assert test in incident["when"]


def test_nobody_else_is_blamed(ended: tuple[Ended, Report]) -> None:
    _, report = ended
    assert stayed(report, "untouched")["outcome"] == "passed"
    (watch,) = [one for one in report.data["checks"] if one["id"] == "IG913"]
    assert watch["outcome"] == "passed", watch


def test_a_meant_interruption_is_told_with_its_test_too(project: UserProject) -> None:
    project.write(
        **{
            "compose.yaml": f"services: {{app: {{image: '{SERVICES}', init: true, {SLEEPS}}}}}",
            "infragate.yaml": SETTINGS.replace("window: 0s", "window: 8s"),
            "test_suite.py": "def test_stops(infragate_stack):\n    infragate_stack.stop('app')\n",
        }
    )
    run = project.gate()
    assert run.status == pytest.ExitCode.OK, run.output
    meant = stayed(project.report, "app")["evidence"]["meant"]
    assert {test for one in meant for test in one["tests"]} == {"test_suite.py::test_stops"}


DISRUPTS = """
import pytest


@pytest.mark.parametrize("action", ["stop", "pause", "kill", "disconnect"])
def test_lives_with(infragate_disrupt, infragate_stack, action):
    with getattr(infragate_disrupt, action)("app"):
        pass
    assert infragate_stack.problem("app") is None


def test_forgets(infragate_disrupt):
    infragate_disrupt.disconnect("app")
    infragate_disrupt.kill("app")
"""
CRASHES = """
import subprocess


def test_crashes(infragate_disrupt, infragate_stack):
    with infragate_disrupt.kill("app"):
        pass
    [state] = infragate_stack.containers("app")
    subprocess.run(["docker", "kill", state.id], check=True, timeout=60)
    subprocess.run(["docker", "start", state.id], check=True, timeout=60)
"""


def with_suite(project: UserProject, suite: str) -> Ended:
    """Run the gate with one service that may be restarted, and a suite."""
    project.write(
        **{
            "compose.yaml": f"services: {{app: {{image: '{SERVICES}', init: true, restart: always, {SLEEPS}}}}}",
            "infragate.yaml": SETTINGS,
            "test_suite.py": suite,
        }
    )
    return project.gate()


def test_faults_that_a_test_causes_are_meant_and_undone(project: UserProject) -> None:
    run = with_suite(project, DISRUPTS)
    assert run.status == pytest.ExitCode.OK, run.output
    meant = stayed(project.report, "app")["evidence"]["meant"]
    assert {one["action"] for one in meant} >= {"die", "pause", "disconnect"}


def test_a_crash_beside_a_meant_one_closes_the_gate(project: UserProject) -> None:
    run = with_suite(project, CRASHES)
    assert run.status == pytest.ExitCode.TESTS_FAILED, run.output
    assert "app was stopped from outside (SIGKILL)" in stayed(project.report, "app")["message"]
