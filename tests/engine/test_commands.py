"""Declared commands inside services, and host commands that reach the engine of the stack."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_infragate.gates import commands
from pytest_infragate.gates.commands import Surroundings
from pytest_infragate.results import CheckResult, Outcome
from pytest_infragate.settings import CommandSettings
from pytest_infragate.stack.engine import Engine

from .conftest import Stacks

STACK = """
services:
  app: {image: BASE, init: true, command: [sleep, "600"], scale: 2, environment: {GIVEN: by-the-service}}
  ended: {image: BASE, command: ["true"]}
"""


@pytest.fixture(scope="module")
def around(module_stacks: Stacks, engine: Engine) -> Surroundings:
    name = module_stacks.up(STACK).project
    selection = module_stacks.selection(STACK, name)
    environment = commands.environment(os.environ, selection, engine)
    return Surroundings(selection.directory, environment, engine, engine.containers(name))


def result_of(command: CommandSettings, around: Surroundings) -> CheckResult:
    (result,) = commands.run(command.when, commands.plan([command]), around)
    return result


def test_a_command_runs_in_every_container_of_its_service(around: Surroundings) -> None:
    result = result_of(
        CommandSettings("here", "hostname > /var/ran; echo $GIVEN $MORE", service="app", environment={"MORE": "x"}),
        around,
    )
    assert result.outcome is Outcome.PASSED
    assert result.evidence["output"] == "by-the-service x"
    proof = result_of(CommandSettings("proof", ("test", "-s", "/var/ran"), service="app"), around)
    assert proof.outcome is Outcome.PASSED


def test_a_folder_of_the_container_is_where_the_command_runs(around: Surroundings) -> None:
    result = result_of(CommandSettings("where", ("pwd",), service="app", directory="/usr/lib"), around)
    assert result.evidence["output"] == "/usr/lib"


def test_one_container_in_which_it_fails_fails_it(around: Surroundings) -> None:
    first = next(state for state in around.containers if state.service == "app" and state.number == 1)
    line = f"echo seen; test $(hostname) != {first.id[:12]}"
    result = result_of(CommandSettings("one", line, service="app"), around)
    assert result.outcome is Outcome.FAILED
    assert f"in {first.name} ended with exit code 1" in result.message
    assert "  seen" in result.message


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (CommandSettings("slow", ("sleep", "30"), service="app", timeout_s=0.5), "did not end within 0.5 s"),
        (CommandSettings("none", ("no-such-program",), service="app"), "ended with exit code 12"),
        (CommandSettings("gone", ("true",), service="ended"), "ended has no running container"),
    ],
)
def test_what_does_not_end_as_declared_fails(command: CommandSettings, said: str, around: Surroundings) -> None:
    result = result_of(command, around)
    assert result.outcome is Outcome.FAILED
    assert said in result.message


def test_the_expected_exit_code_counts_inside_too(around: Surroundings) -> None:
    assert result_of(CommandSettings("three", "exit 3", service="app", exit_code=3), around).outcome is Outcome.PASSED


def test_a_host_command_sees_the_proven_stack(around: Surroundings) -> None:
    result = result_of(CommandSettings("ps", "docker compose ps --services --status running"), around)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.evidence["output"] == "app"
    assert Path(around.directory, "compose.yaml").exists()
    marked = result_of(CommandSettings("marked", 'test "$INFRAGATE_ACTIVE" = 1 && test -n "$DOCKER_HOST"'), around)
    assert marked.outcome is Outcome.PASSED
