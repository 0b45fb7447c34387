"""The order of the steps of a live run, seen from what it leaves on the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine_setup.images import TINY
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.ownership import objects_of

from ..leftovers import project_name
from .conftest import Stacks

APP = "services: {app: {image: BASE, init: true, command: sleep 300}}"
COMMANDS = 'commands: [{name: up, run: "docker compose up --detach && exit 1", when: before-up}]\n'


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder of its own."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("COMPOSE_", "INFRAGATE_"))}
    call = [sys.executable, "-m", "pytest", *words, f"--rootdir={folder}", "-p", "no:cacheprovider"]
    return subprocess.run(call, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_what_a_command_brought_up_before_the_start_goes_down(stacks: Stacks, engine: Engine) -> None:
    name = project_name()
    folder = Path(stacks.selection(APP, name).directory)
    (folder / "infragate.yaml").write_text(COMMANDS, encoding="utf-8")
    done = run(folder, "--infragate", f"--infragate-project={name}")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "Started" in done.stdout + done.stderr
    assert objects_of(engine, name) == []


WAITED_FOR = f"""
services:
  bare: {{image: "{TINY}", depends_on: [slow]}}
  slow:
    image: BASE
    init: true
    command: [sh, -c, "sleep 2; touch /tmp/there; sleep 300"]
    healthcheck: {{test: [CMD, test, -e, /tmp/there], interval: 1s, retries: 60}}
"""
COUNTING = """
import subprocess
def test_it(infragate_stack):
    words = ["docker", "ps", "-aq", "--filter", f"label=pytest-infragate.run={infragate_stack.project}"]
    assert subprocess.check_output(words) == b""
"""


def test_the_fixture_alone_starts_no_helper_because_it_asks_for_no_edge(stacks: Stacks) -> None:
    name = project_name()
    folder = Path(stacks.selection(WAITED_FOR, name).directory)
    (folder / "test_it.py").write_text(COUNTING, encoding="utf-8")
    done = run(folder, f"--infragate-project={name}", "test_it.py")
    assert done.returncode == pytest.ExitCode.OK, done.stdout
