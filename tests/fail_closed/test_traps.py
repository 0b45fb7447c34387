"""What misleads others: stacks that ``docker compose up --wait`` calls well and that are not, and the other way round."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.stack.engine import Engine

from .. import leftovers
from ..projects import Ended, UserProject, user_project

DEADLINE = "was not ready within"
"""What is said of a service that was waited for in vain."""
SETTINGS = "timeout: 90s\nhealth: {stable_for: 0s}\nperformance: {window: 0s}\n"
SUITE = "def test_nothing(infragate_stack): pass\n"
STAYS = f"{{image: '{SERVICES}', init: true, command: [sleep, '600'], healthcheck: {{test: [CMD, test, -d, /proc], interval: 300ms}}}}"


def services(**bodies: str) -> str:
    """Return a Compose file; each body is what follows the image."""
    lines = [f"  {name}: {{image: '{SERVICES}', {body}}}\n" for name, body in bodies.items()]
    return "services:\n" + "".join(lines)


def gated(project: UserProject, compose: str, settings: str = SETTINGS, suite: str = SUITE) -> Ended:
    """Run the gate on a Compose file."""
    project.write(**{"compose.yaml": compose, "infragate.yaml": settings, "test_suite.py": suite})
    return project.gate()


def up_wait(project: UserProject) -> int:
    """Return the exit status of Compose's own waiting."""
    words = ("docker", "compose", "-p", f"{project.name}-plain", "up", "--detach", "--wait")
    try:
        return subprocess.run(words, cwd=project.directory, capture_output=True, check=False).returncode
    finally:
        down = ("docker", "compose", "-p", f"{project.name}-plain", "down", "--volumes", "--timeout", "1")
        subprocess.run(down, cwd=project.directory, capture_output=True, check=True)


def said(project: UserProject, condition: str, subject: str) -> str:
    """Return everything that the verdict complains of about a subject."""
    return "\n".join(one.message for one in project.report.about(condition, subject))


@pytest.fixture
def foreign(engine: Engine) -> Iterator[str]:
    """Give the name of a running container of somebody else, which must still run in the end."""
    name = leftovers.project_name()
    with contextlib.ExitStack() as stack:
        network = engine.client.networks.create(name)
        stack.callback(network.remove)
        made = engine.client.containers.create(SERVICES, ["sleep", "600"], name=name, init=True, network=name)
        stack.callback(made.remove, force=True)
        made.start()
        yield name
        made.reload()
        assert made.status == "running", "the foreign container was touched"


HOPELESS = (
    services(
        ends="command: [sh, -c, 'exit 4']",
        again="restart: always, command: [sh, -c, 'sleep 0.5; exit 5']",
        toolless="init: true, command: [sleep, '600'], healthcheck: {test: [CMD, igt-absent], interval: 300ms, retries: 1000}",
        late="command: [sh, -c, 'sleep 2; exit 1']",
        pair=(
            "init: true, scale: 2, volumes: ['marks:/marks'], "
            "command: [sh, -c, 'mkdir /marks/first && exec sleep 600; exit 6']"
        ),
    )
    + "volumes: {marks: {}}\n"
)
"""Each service fails for good in its own way, and none waits for another."""


@pytest.fixture(scope="module")
def hopeless(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[tuple[UserProject, Ended]]:
    """Run the gate once on the stack in which nothing can get ready."""
    with user_project(tmp_path_factory.mktemp("hopeless"), engine) as project:
        yield project, gated(project, HOPELESS, f"{SETTINGS}services: {{late: {{kind: one-shot}}}}\n")


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("ends", "exit code 4"),
        ("again", "crashed and was restarted"),
        ("toolless", "missing in the image (igt-absent)"),
        ("late", "exit code 1"),
        ("pair", "exit code 6"),
    ],
)
def test_what_has_failed_for_good_is_not_waited_for(
    hopeless: tuple[UserProject, Ended], service: str, words: str
) -> None:
    project, ended = hopeless
    assert words in said(project, "health", service), ended.output
    assert DEADLINE not in ended.output


def test_a_service_of_which_one_replica_lives_is_not_ready(hopeless: tuple[UserProject, Ended]) -> None:
    project, ended = hopeless
    assert "(container " in said(project, "health", "pair"), ended.output


def test_a_one_shot_that_fails_after_compose_has_stopped_waiting(project: UserProject) -> None:
    """That the gate sees such a failure is shown above."""
    project.write(**{"compose.yaml": services(late="command: [sh, -c, 'sleep 4; exit 1']") + f"  web: {STAYS}\n"})
    assert up_wait(project) == 0


def test_a_one_shot_that_ended_well_although_nobody_waits_for_it(project: UserProject) -> None:
    compose = services(migrate="command: ['true']") + f"  web: {STAYS}\n"
    ended = gated(project, compose)
    assert ended.status == pytest.ExitCode.OK, ended.output
    warned = [one for one in project.report.data["findings"] if one["subject"] == "migrate"]
    assert any("taken for a one-shot" in one["message"] and one["severity"] == "warning" for one in warned), warned
    assert up_wait(project) != 0


def test_a_process_killed_for_memory_in_a_container_that_runs_and_is_healthy(project: UserProject) -> None:
    body = (
        "init: true, mem_limit: 24m, memswap_limit: 24m, command: [sh, -c, 'tail /dev/zero; touch /alive; exec sleep 600'], "
        "healthcheck: {test: [CMD, test, -e, /alive], interval: 300ms, retries: 1000}"
    )
    ended = gated(project, services(lost=body))
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "ran out of memory and lost a process" in said(project, "health", "lost"), ended.output
    assert "before the first test" in said(project, "health", "lost")
    assert up_wait(project) == 0


@pytest.mark.parametrize(
    ("needed", "words"),
    [
        ("init: true, command: [sleep, '600']", "no healthcheck"),
        ("command: [sh, -c, 'exit 7'], healthcheck: {test: [CMD, test, -d, /proc], interval: 60s}", "exit code 7"),
    ],
    ids=["never healthy", "dead"],
)
def test_a_service_that_waits_for_what_will_never_be(project: UserProject, needed: str, words: str) -> None:
    compose = services(
        db=needed, web="init: true, command: [sleep, '600'], depends_on: {db: {condition: service_healthy}}"
    )
    ended = gated(project, compose, f"{SETTINGS}checks: {{disable: [IG501]}}\n")
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    of_web = said(project, "health", "web") + said(project, "lifecycle", "web")
    assert "web was not started" in of_web, ended.output
    assert "db" in of_web
    assert words in of_web + said(project, "health", "db"), ended.output
    assert DEADLINE not in ended.output


def test_an_image_that_is_nowhere_ends_the_run_at_once(project: UserProject) -> None:
    ended = gated(project, services(web="command: 'true'").replace(SERVICES, "127.0.0.1:9/igt/none:1"))
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "127.0.0.1:9/igt/none:1" in said(project, "lifecycle", "web")
    assert project.created() == ()


def test_a_network_that_others_hold_is_told_with_who_holds_it(
    project: UserProject, foreign: str, engine: Engine
) -> None:
    network = "{infragate_stack.project}_default"
    suite = f"""
import subprocess

def test_somebody_joins(infragate_stack):
    subprocess.run(["docker", "network", "connect", f"{network}", "{foreign}"], check=True)
"""
    ended = gated(project, f"services:\n  web: {STAYS}\n", suite=suite)
    try:
        assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
        complaint = said(project, "lifecycle", "*")
        assert f"is held by {foreign}, which this run did not create" in complaint
        assert "docker network disconnect" in complaint
        claimed = {thing.kind for thing in project.left()}
        assert claimed == {"network", "volume"}
    finally:
        for thing in project.left():
            if thing.kind == "network":
                engine.client.networks.get(thing.id).disconnect(foreign)
    project.settle()
    assert project.left() == (), "the reaper should have gone on until the network was free"


def test_nothing_of_another_project_is_counted(project: UserProject, engine: Engine) -> None:
    """Another project has a healthy service of the same name; ours has none that lives."""
    project.write(**{"compose.yaml": f"services:\n  web: {STAYS}\n"})
    other = ("docker", "compose", "-p", f"{project.name}-other")
    subprocess.run((*other, "up", "--detach", "--wait"), cwd=project.directory, capture_output=True, check=True)
    try:
        ended = gated(project, services(web="command: [sh, -c, 'exit 9']"))
        assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
        assert "exit code 9" in said(project, "health", "web"), ended.output
        assert [state.status for state in engine.containers(f"{project.name}-other")] == ["running"]
    finally:
        down = (*other, "down", "--timeout", "1")
        subprocess.run(down, cwd=project.directory, capture_output=True, check=True)
