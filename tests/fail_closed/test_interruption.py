"""Ctrl-C and SIGTERM in each phase: the run ends, is not green, and leaves nothing behind."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from engine_setup.images import SERVICES

from ..projects import Underway, UserProject
from .stack import COMPOSE, FILES, OPEN

NEVER_HEALTHY = COMPOSE.replace("8000/", "8000/absent").replace("retries: 2", "retries: 1000")
DEPENDENT = f"""
  late:
    image: {SERVICES}
    command: [sleep, "3600"]
    stop_signal: SIGKILL
    depends_on: {{api: {{condition: service_healthy}}}}
"""
STUBBORN = COMPOSE.replace("stop_signal: SIGINT", "stop_signal: SIGUSR2").replace(
    '[python3, -m, http.server, "8000"]', """[sh, -c, "trap '' USR2; exec python3 -m http.server 8000"]"""
)
SLEEPS = """
import time


def test_sleeps():
    print("the suite runs", flush=True)
    time.sleep(600)
"""


@dataclass(frozen=True)
class Phase:
    """A phase that lasts until it is interrupted: the files that make it last and the output that shows it."""

    name: str
    files: dict[str, str]
    shown_by: str
    proven: bool = False
    """Whether everything was proven by then, so that only the exit status tells of the interruption."""


def command(when: str) -> str:
    """Return settings with a command that does not end."""
    return f"{OPEN}\ncommands:\n  - {{name: endless, run: sleep 600, when: {when}}}\n"


PHASES = (
    Phase("command before up", {"infragate.yaml": command("before-up")}, "commands before-up"),
    Phase("up", {"compose.yaml": NEVER_HEALTHY + DEPENDENT}, "  api: "),
    Phase("health", {"compose.yaml": NEVER_HEALTHY}, "  api: "),
    Phase("command after up", {"infragate.yaml": command("after-up")}, "commands after-up"),
    Phase("suite", {"test_suite.py": SLEEPS}, "the suite runs"),
    Phase("command after the tests", {"infragate.yaml": command("after-tests")}, "commands after-tests"),
    Phase("down", {"compose.yaml": STUBBORN}, "taking the stack down", proven=True),
)
SIGNALS: dict[str, Callable[[Underway], None]] = {
    "Ctrl-C": Underway.press_ctrl_c,
    "SIGTERM": lambda run: run.send(signal.SIGTERM),
}


def interrupted(project: UserProject, phase: Phase, *sends: Callable[[Underway], None]) -> None:
    """Interrupt the gate in a phase and demand an orderly, red end."""
    project.write(**{**FILES, **phase.files})
    run = project.begin_gate("-s")
    run.wait_for(phase.shown_by)
    for send in sends:
        send(run)
    ended = run.end()
    assert ended.status != pytest.ExitCode.OK, ended.output
    assert "INTERNALERROR" not in ended.output
    assert project.report.verdict == ("complete" if phase.proven else "incomplete"), ended.output
    assert project.left() == (), ended.output


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
@pytest.mark.parametrize("send", SIGNALS.values(), ids=SIGNALS)
def test_an_interruption_leaves_nothing(project: UserProject, phase: Phase, send: Callable[[Underway], None]) -> None:
    interrupted(project, phase, send)


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_a_second_ctrl_c_leaves_nothing(project: UserProject, phase: Phase) -> None:
    interrupted(project, phase, Underway.press_ctrl_c, Underway.press_ctrl_c)


@pytest.mark.parametrize("send", SIGNALS.values(), ids=SIGNALS)
def test_an_interrupted_distributed_suite_leaves_nothing(
    project: UserProject, send: Callable[[Underway], None]
) -> None:
    project.write(
        **{**FILES, "test_suite.py": SLEEPS.replace('print("the suite runs", flush=True)', "open('running', 'w')")}
    )
    run = project.begin_gate("-n2", "-v")
    run.wait_for("test_sleeps")
    send(run)
    ended = run.end()
    assert ended.status != pytest.ExitCode.OK, ended.output
    assert project.report.verdict == "incomplete"
    assert project.left() == ()
