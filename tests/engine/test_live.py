"""The order of the steps of a live run, seen from what it leaves on the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.ownership import objects_of

from ..leftovers import project_name
from .conftest import Stacks

APP = "services: {app: {image: BASE, init: true, command: sleep 300}}"
COMMANDS = 'commands: [{name: up, run: "docker compose up --detach && exit 1", when: before-up}]\n'


def test_what_a_command_brought_up_before_the_start_goes_down(stacks: Stacks, engine: Engine) -> None:
    name = project_name()
    folder = Path(stacks.selection(APP, name).directory)
    (folder / "infragate.yaml").write_text(COMMANDS, encoding="utf-8")
    words = ("--infragate", f"--infragate-project={name}", f"--rootdir={folder}", "-p", "no:cacheprovider")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("COMPOSE_", "INFRAGATE_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "Started" in done.stdout + done.stderr
    assert objects_of(engine, name) == []
