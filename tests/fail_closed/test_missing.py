"""What the gate needs and does not find closes it, in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..engine.relay import Relay
from ..projects import REPORT, UserProject
from .stack import CLOSED

COMPLETE = '{"schema": "infragate.verdict/1", "verdict": "complete"}'
WAITS = """
import pathlib
import time


def test_waits():
    pathlib.Path("running").touch()
    print("the suite runs", flush=True)
    deadline = time.monotonic() + 60
    while not pathlib.Path("go-on").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
"""


def test_no_compose_file(small: UserProject) -> None:
    (small.directory / "compose.yaml").unlink()
    demand_closed(small, "configuration", "compose.yaml")


@pytest.mark.parametrize("text", ["", "services: {}\n", "# nothing\n"], ids=["empty", "no services", "a comment"])
def test_an_empty_compose_file(small: UserProject, text: str) -> None:
    small.write(**{"compose.yaml": text})
    demand_closed(small, "configuration", "compose.yaml")


def test_a_compose_file_that_is_no_yaml(small: UserProject) -> None:
    small.write(**{"compose.yaml": "services: [\n"})
    demand_closed(small, "configuration", "compose.yaml")


@pytest.mark.parametrize("address", ["unix://{here}/absent.sock", "tcp://127.0.0.1:9"])
def test_no_engine(small: UserProject, address: str) -> None:
    chosen = address.format(here=small.directory)
    demand_closed(small, "lifecycle", chosen, environ={"DOCKER_HOST": chosen})


def test_no_docker_program(small: UserProject, tmp_path: Path) -> None:
    demand_closed(small, "lifecycle", "docker", environ={"PATH": str(tmp_path)})


def test_without_a_terminal(small: UserProject) -> None:
    assert small.gate("-p", "no:terminal").status == pytest.ExitCode.OK
    assert small.report.verdict == "complete"
    small.write(**{"infragate.yaml": CLOSED})
    assert small.gate("-p", "no:terminal").status == pytest.ExitCode.TESTS_FAILED
    assert small.report.verdict == "incomplete"


def test_an_engine_that_vanishes_in_mid_run(small: UserProject, relay: Relay) -> None:
    small.write(**{"test_suite.py": WAITS})
    run = small.begin_gate("-s", environ={"DOCKER_HOST": relay.address})
    run.wait_for("the suite runs")
    relay.cut()
    small.write(**{"go-on": ""})
    ended = run.end()
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "Traceback" not in ended.output
    assert "INTERNALERROR" not in ended.output
    report = small.report
    assert report.verdict == "incomplete"
    assert report.outcomes["health"] == "error", ended.output
    assert report.outcomes["lifecycle"] in ("failed", "error"), ended.output
    assert relay.address in ended.output
    assert small.remove(), "the stack was out of reach, so it must still have stood"


def test_a_killed_run_leaves_no_old_verdict(small: UserProject) -> None:
    (small.directory / REPORT).mkdir()
    small.write(**{f"{REPORT}/verdict.json": COMPLETE, "test_suite.py": WAITS})
    run = small.begin_gate("-s")
    run.wait_for("the suite runs")
    assert small.report.verdict == "incomplete"
    run.kill()
    assert small.report.verdict == "incomplete"


def test_an_old_verdict_is_replaced_by_a_run_that_finds_nothing(small: UserProject) -> None:
    (small.directory / REPORT).mkdir()
    small.write(**{f"{REPORT}/verdict.json": COMPLETE})
    (small.directory / "compose.yaml").unlink()
    demand_closed(small, "configuration", "compose.yaml")


def demand_closed(project: UserProject, condition: str, word: str, environ: dict[str, str] | None = None) -> None:
    """Demand a closed gate, exit status 1, no traceback, and a reason that holds a word; nothing was started."""
    ended = project.gate(environ=environ)
    assert ended.status == pytest.ExitCode.TESTS_FAILED, ended.output
    assert "Traceback" not in ended.output
    assert "INTERNALERROR" not in ended.output
    report = project.report
    assert report.verdict == "incomplete"
    assert report.outcomes[condition] in ("failed", "error"), ended.output
    assert word in " ".join(complaint.message for complaint in report.complaints), ended.output
    assert project.created() == ()
