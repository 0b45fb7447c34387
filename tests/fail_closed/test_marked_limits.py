"""The marker ``infragate_limits``: what a service may take while one test runs, with the gate, without it, and under xdist."""

from __future__ import annotations

import pytest

from engine_setup.images import SERVICES

from ..projects import UserProject

COMPOSE = f"""
services:
  web:
    image: {SERVICES}
    init: true
    mem_limit: 128m
    command: [python3, -m, http.server, "8000"]
    healthcheck: {{test: [CMD, nc, -z, 127.0.0.1, "8000"], interval: 500ms}}
"""
SETTINGS = """
timeout: 60s
health: {stable_for: 0s}
performance: {window: 0s, probes: {web: "http://:8000/"}}
"""
SUITE = """
import time

import pytest

fill = ["dd", "if=/dev/zero", "of=/dev/shm/held", "bs=1M", "count=24"]


@pytest.mark.infragate_limits("web", "memory.growth: last < 12m", "pids: max < 50")
def test_kept():
    pass


@pytest.mark.infragate_limits("web", "memory.growth: last < 12m", "pids: max > 500")
def test_broken(infragate_stack):
    assert infragate_stack.exec("web", fill).exit_code == 0


@pytest.mark.infragate_limits("w*", "memory.bytes: p(95) < 100m")
def test_unproven():
    pass


@pytest.mark.infragate_limits("web", "http.latency: max < 5s", "http.failed: count <= 0")
def test_asked():
    time.sleep(2.5)
"""
MISTAKEN = """
import pytest

@pytest.mark.infragate_limits("wep", "pids: max < 9")
def test_one():
    pass
"""


@pytest.mark.parametrize("arguments", [("-n1",), ("--infragate", "-rf")], ids=["xdist", "gate"])
def test_limits_hold_while_their_test_runs(project: UserProject, arguments: tuple[str, ...]) -> None:
    project.write(**{"compose.yaml": COMPOSE, "infragate.yaml": SETTINGS, "test_suite.py": SUITE})
    ended = project.run(*arguments)
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    failures = ended.output.partition("short test summary info")[0]  # In CI the summary repeats them whole.
    broken = [line for line in failures.splitlines() if line.startswith("infragate_limits: web: ")]
    assert len(broken) == 3, ended.output
    assert "memory.growth last is 2" in broken[0]
    assert "limit < 12 MiB" in broken[0]
    assert "while the test ran" in broken[0]
    assert "pids max is" in broken[1]
    assert "p(95) needs 20 samples, there were only" in broken[2]
    assert "The test ran for 0.0 s: let it go on" in broken[2]
    failed = {
        name for name in ("kept", "broken", "unproven", "asked") if f"FAILED test_suite.py::test_{name}" in ended.output
    }
    assert failed == {"broken", "unproven"}, ended.output
    assert "Traceback" not in ended.output
    assert project.left_behind() == ()


def test_a_mistaken_marker_is_an_error_at_collection(project: UserProject) -> None:
    project.write(**{"compose.yaml": COMPOSE, "infragate.yaml": SETTINGS, "test_suite.py": MISTAKEN})
    ended = project.run()
    assert ended.status == pytest.ExitCode.INTERRUPTED, ended.output
    assert "infragate_limits: the stack has no service 'wep': it has web; did you mean 'web'?" in ended.output
    assert project.created() == ()
