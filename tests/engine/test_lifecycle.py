from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import threading
from pathlib import Path

import pytest

from pytest_infragate.compose.model import Build, Project, Service
from pytest_infragate.errors import StartError
from pytest_infragate.gates import lifecycle
from pytest_infragate.results import Location, Outcome
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.lifecycle import ComposeStack
from pytest_infragate.stack.ownership import objects_of, refuse_foreign
from pytest_infragate.stack.removal import built_images, leftovers, own_volumes, remove_leftovers

from .conftest import Stacks

SLEEPER = """
services:
  sleeper:
    image: BASE
    init: true
    command: sleep 300
    environment: {COLOUR: "${COLOUR:-blue}"}
    volumes: ["data:/data", "/anonymous"]
volumes: {data: {}}
"""
BUILT = """
services:
  made:
    build:
      context: .
      network: host
      dockerfile_inline: |
        FROM BASE
        LABEL igt=PROBE
        CMD ["sleep", "300"]
    init: true
"""
CLOSED = "127.0.0.1:1/igt/none:1"
"""An image of a registry behind a closed port of loopback."""


def model(stack: ComposeStack, **services: Service) -> Project:
    return Project(stack.project, "", (), services, {}, {}, {}, {})


def a_service(name: str, image: str | None = None, *, built: bool = False) -> Service:
    return Service(name, Location("compose.yaml"), image=image, build=Build(".") if built else None)


def test_a_stack_comes_up_and_goes_down_with_its_volumes(engine: Engine, stacks: Stacks) -> None:
    stack = stacks.make(SLEEPER)
    before = refuse_foreign(engine, model(stack))
    lines: list[str] = []
    assert stack.up(timeout_s=60, on_line=lines.append).ok
    assert any("sleeper" in line and "Started" in line for line in lines)
    containers = engine.containers(stack.project)
    assert [state.status for state in containers] == ["running"]
    volumes = own_volumes(engine, stack.project, before)
    assert len(volumes) == 2
    done = stack.down(timeout_s=60)
    left = leftovers(engine, stack.project, volumes)
    assert lifecycle.removed_result(done, left).outcome is Outcome.PASSED


def test_the_configuration_hash_is_that_of_plain_compose(engine: Engine, stacks: Stacks) -> None:
    stack = stacks.up(SLEEPER)
    ours = hashes(engine, stack.project)
    stack.down(timeout_s=60)
    plain = ["docker", "compose", "-f", stack.command[stack.command.index("-f") + 1], "-p", stack.project, "up", "-d"]
    subprocess.run(plain, check=True, capture_output=True, timeout=60)
    assert hashes(engine, stack.project) == ours


def hashes(engine: Engine, project: str) -> list[str]:
    found = engine.client.api.containers(filters={"label": f"com.docker.compose.project={project}"})
    return [one["Labels"]["com.docker.compose.config-hash"] for one in found]


def test_the_callers_compose_variables_do_not_steer_it(stacks: Stacks, engine: Engine, tmp_path: Path) -> None:
    selection = stacks.selection(SLEEPER)
    other = {"COMPOSE_FILE": str(tmp_path / "none.yaml"), "COMPOSE_PROJECT_NAME": "igt-wrong", "COMPOSE_PROFILES": "x"}
    stack = ComposeStack(selection, engine, {**os.environ, **other, "COLOUR": "red"})
    try:
        assert stack.up(timeout_s=60).ok
        (state,) = engine.containers(stack.project)
        assert engine.execute(state.id, ["printenv", "COLOUR"], timeout_s=20).stdout == b"red\n"
    finally:
        stack.down(timeout_s=60)


def test_only_what_has_a_build_section_is_built_and_its_image_goes_with_the_run(engine: Engine, stacks: Stacks) -> None:
    stack = stacks.make(BUILT.replace("PROBE", "built"))
    project = model(stack, made=a_service("made", built=True))
    before = refuse_foreign(engine, project)
    images = built_images(project)
    try:
        assert stack.build(project).ok
        assert stack.up(timeout_s=60).ok
        stack.down(timeout_s=60)
        assert leftovers(engine, stack.project, (), images) == [f"image {stack.project}-made:latest"]
    finally:
        remove_leftovers(engine, stack.project, before, (), images)
    assert leftovers(engine, stack.project, (), images) == []


def test_nothing_is_built_where_nothing_has_a_build_section(stacks: Stacks) -> None:
    stack = stacks.make(SLEEPER)
    assert stack.build(model(stack, sleeper=a_service("sleeper", "x"))).argv == ()


def test_a_build_that_fails_is_told_with_its_end(stacks: Stacks) -> None:
    stack = stacks.make(BUILT.replace("LABEL igt=PROBE", "RUN echo igt-reason >&2; exit 9"))
    with pytest.raises(StartError, match=r"Building made failed with exit code \d+:[\s\S]*exit code: 9"):
        stack.build(model(stack, made=a_service("made", built=True)))


def test_an_image_that_cannot_be_pulled_is_told_with_its_service(engine: Engine, stacks: Stacks) -> None:
    stack = stacks.make(SLEEPER.replace("BASE", CLOSED))
    with pytest.raises(StartError, match=f"image of sleeper \\(image {CLOSED}\\)"):
        stack.pull_missing(model(stack, sleeper=a_service("sleeper", CLOSED)), engine)


def test_up_never_pulls(engine: Engine, stacks: Stacks) -> None:
    stack = stacks.make(SLEEPER.replace("BASE", CLOSED))
    done = stack.up(timeout_s=60)
    project = model(stack, sleeper=a_service("sleeper", CLOSED))
    (result,) = lifecycle.service_results(project, engine.containers(stack.project), done)
    assert result.outcome is Outcome.FAILED
    assert "No such image" in result.message


def test_a_taken_port_is_told_with_its_service(engine: Engine, stacks: Stacks) -> None:
    text = 'services: {web: {image: BASE, command: sleep 300, init: true, ports: ["127.0.0.1:PORT:80"]}}'
    holder = stacks.up(text.replace("PORT", ""))
    port = engine.containers(holder.project)[0].ports[0].host_port
    stack = stacks.make(text.replace("PORT", str(port)))
    done = stack.up(timeout_s=60)
    (result,) = lifecycle.service_results(model(stack, web=a_service("web")), engine.containers(stack.project), done)
    assert result.outcome is Outcome.FAILED
    assert str(port) in result.message
    assert "Free the port" in result.findings[0].remedy


def test_up_ends_at_its_deadline_and_on_request(stacks: Stacks) -> None:
    stuck = """
services:
  never: {image: BASE, init: true, command: sleep 300, healthcheck: {test: ["CMD", "false"], interval: 60s}}
  waits: {image: BASE, command: "true", depends_on: {never: {condition: service_healthy}}}
"""
    stack = stacks.make(stuck)
    assert stack.up(timeout_s=2).timed_out
    stop = threading.Event()
    stop.set()
    assert stack.up(timeout_s=60, stop=stop).stopped


STUBBORN = """
services:
  deaf:
    image: BASE
    command: [sh, -c, "trap '' TERM; sleep 300 & wait; sleep 300"]
    stop_grace_period: 40s
"""


def test_a_container_that_ignores_sigterm_does_not_get_its_grace(engine: Engine, stacks: Stacks) -> None:
    stack = stacks.up(STUBBORN)
    label = {"label": f"com.docker.compose.project={stack.project}", "type": "container"}
    with contextlib.closing(engine.client.api.events(filters=label, decode=True)) as events:
        assert stack.down(timeout_s=60).ok
        seen = list(itertools.takewhile(lambda event: event["Action"] != "destroy", events))
    asked = [event for event in seen if event["Action"] == "kill"]
    [died] = [event for event in seen if event["Action"] == "die"]
    assert [event["Actor"]["Attributes"]["signal"] for event in asked] == ["15", "9"]
    assert died["Actor"]["Attributes"]["exitCode"] == "137"
    grace_s = 40
    assert died["timeNano"] - asked[0]["timeNano"] < grace_s / 2 * 1e9


def test_what_down_cannot_remove_is_removed_or_named(engine: Engine, stacks: Stacks) -> None:
    stack = stacks.make(SLEEPER)
    before = refuse_foreign(engine, model(stack))
    assert stack.up(timeout_s=60).ok
    volumes = own_volumes(engine, stack.project, before)
    named = f"volume {stack.project}_data"
    assert named in objects_of(engine, stack.project)
    remove_leftovers(engine, stack.project, before, volumes)
    assert leftovers(engine, stack.project, volumes) == []
