"""The phases of a run, each made to last until it is cut short, and what must be true after that."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine_setup.images import SERVICES

from .. import processes, waiting
from ..projects import Underway, UserProject

REACHED_S = 60.0
COMPOSE = f"""
services:
  api:
    image: {SERVICES}
    command: [busybox, httpd, -f, -p, "8000"]
    stop_signal: SIGKILL
    volumes: ["data:/data"]
    healthcheck: {{test: [CMD, curl, -s, -o, /dev/null, "127.0.0.1:8000"], interval: 300ms, timeout: 5s, retries: 2}}
"""
VOLUMES = """
volumes: {data: {}}
"""
NEVER_HEALTHY = COMPOSE.replace("127.0.0.1:8000", "127.0.0.1:8001").replace("retries: 2", "retries: 1000")
DEPENDENT = f"""
  late:
    image: {SERVICES}
    command: [sleep, "3600"]
    stop_signal: SIGKILL
    depends_on: {{api: {{condition: service_healthy}}}}
"""
STUBBORN = COMPOSE.replace("SIGKILL", "SIGUSR2").replace(
    '[busybox, httpd, -f, -p, "8000"]', """[sh, -c, "trap '' USR2; exec busybox httpd -f -p 8000"]"""
)
BUILT = COMPOSE.replace(f"image: {SERVICES}", "build: .")
ENDLESS_BUILD = f"FROM {SERVICES}\nRUN sleep 600\n"
BUILD = f"FROM {SERVICES}\nRUN true\n"
SETTINGS = """
timeout: 60s
health: {stable_for: 0s}
performance: {window: 100ms}
"""
SLEEPS = """
import os, time


def test_sleeps(infragate_stack):
    with open("running", "w") as stream:
        stream.write(str(os.getpid()))
    print("the suite runs", flush=True)
    time.sleep(600)
"""
PASSES = """
def test_passes(infragate_stack):
    pass
"""


def command(when: str) -> str:
    """Return settings with a command that does not end."""
    return f"{SETTINGS}\ncommands:\n  - {{name: endless, run: sleep 600, when: {when}}}\n"


@dataclass(frozen=True)
class Phase:
    """A phase that lasts until it is cut short: the files that make it last and the output that shows it."""

    name: str
    shown_by: str
    files: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    gate: bool = True
    """Whether it is a phase of the gate; else of a run that has the fixture alone."""
    compose: str = ""
    """The command of Compose that runs in it."""
    proven: bool = False
    """Whether everything was proven by then, so that only the exit status tells of the interruption."""

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    def reach(self, project: UserProject) -> Underway:
        """Begin a run of the project and return it when the phase is reached."""
        files = {"compose.yaml": COMPOSE, "infragate.yaml": SETTINGS, "test_suite.py": PASSES, **self.files}
        files["compose.yaml"] += VOLUMES
        project.write(**files)
        run = (project.begin_gate if self.gate else project.begin)("-s", "-v", *self.arguments)
        run.wait_for(self.shown_by)
        if self.compose:
            compose_child(project, self.compose)
        return run


UP = Phase(
    "up",
    "  api: is running",
    {
        "compose.yaml": NEVER_HEALTHY + DEPENDENT,
        "infragate.yaml": SETTINGS.replace("health: {", "health: {early: false, "),
    },
    compose="up",
)
"""Compose itself waits in it for the health of a dependency, because readiness by exec is switched off."""
BEFORE_THE_TESTS = (
    Phase("command before up", "commands before-up", {"infragate.yaml": command("before-up")}),
    Phase("build", "building images", {"compose.yaml": BUILT, "Dockerfile": ENDLESS_BUILD}, compose="build"),
    UP,
    Phase("waiting for health", "  api: is running", {"compose.yaml": NEVER_HEALTHY}),
    Phase("command after up", "commands after-up", {"infragate.yaml": command("after-up")}),
)
FROM_THE_TESTS_ON = (
    Phase("test", "the suite runs", {"test_suite.py": SLEEPS}),
    Phase("test under xdist", "test_sleeps", {"test_suite.py": SLEEPS}, ("-n2",)),
    Phase("command after the tests", "commands after-tests", {"infragate.yaml": command("after-tests")}),
    Phase("down", "taking the stack down", {"compose.yaml": STUBBORN}, compose="down", proven=True),
)
WITH_THE_FIXTURE_ALONE = (
    Phase("fixture: up", "  api: ", {"compose.yaml": NEVER_HEALTHY}, gate=False),
    Phase("fixture: test", "the suite runs", {"test_suite.py": SLEEPS}, gate=False),
    Phase("fixture: test under xdist", "test_sleeps", {"test_suite.py": SLEEPS}, ("-n2",), gate=False),
)


def compose_child(project: UserProject, word: str) -> int:
    """Return the PID of the Compose plugin that carries out a command for the project now; the docker CLI starts it."""

    def found() -> int:
        commands = {pid: processes.words(pid) for pid in project.processes()}
        return max((pid for pid, words in commands.items() if "compose" in words[:2] and word in words), default=0)

    return waiting.until(found, REACHED_S, f"docker compose {word} was seen")


def assert_nothing_left(project: UserProject) -> None:
    """Wait for the end of everything that the run began, and demand that nothing else of it is left."""
    project.settle()
    assert project.left_behind() == ()
    assert project.left_folders() == ()
