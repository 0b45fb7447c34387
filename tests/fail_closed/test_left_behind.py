"""What cannot be removed after the run closes the gate."""

from __future__ import annotations

import pytest

from engine_setup.images import SERVICES
from pytest_infragate.stack.engine import Engine

from .. import leftovers
from ..projects import UserProject

JOINS = f"""
import subprocess


def test_somebody_joins_the_network(infragate_stack):
    network = f"{{infragate_stack.project}}_default"
    run = ["docker", "run", "--detach", "--init", "--name", "GUEST", "--network", network, "{SERVICES}", "sleep", "300"]
    subprocess.run(run, check=True, capture_output=True, timeout=60)
"""


def test_a_network_that_somebody_else_uses_stays_and_is_told(small: UserProject, engine: Engine) -> None:
    guest = leftovers.project_name()
    small.write(**{"test_suite.py": JOINS.replace("GUEST", guest)})
    try:
        ended = small.gate()
        assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
        assert small.report.broken == {"lifecycle"}
        [complaint] = small.report.about("lifecycle", "*")
        assert complaint.message.startswith("still there: network infragate-igt-"), ended.output
        assert engine.client.containers.get(guest).status == "running"
    finally:
        engine.client.containers.get(guest).remove(force=True)
        small.remove()
