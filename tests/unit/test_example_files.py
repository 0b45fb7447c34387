"""The example's own commands: its lint, its status and its runner pass what is right and fail on one real fault each.

``docker`` is a script here that prints a resolved configuration, so that these tests need neither engine nor Compose.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_infragate.reading.options import RawOptions
from pytest_infragate.reading.settings import read_settings
from pytest_infragate.settings import Kind

EXAMPLE = Path(__file__).parents[2] / "example_project"
FAKE_DOCKER = """#!/bin/sh
case "$*" in
    "compose config --quiet") cat "$FAKE/warnings" >&2 ;;
    "compose config --format json") cat "$FAKE/model" ;;
    "compose ps --all --format json") cat "$FAKE/containers" ;;
    *) echo "unexpected: $*" >&2; exit 64 ;;
esac
"""
ENDS = (" ok", " failed")
LIMITS = {"cpus": 1, "memory": "67108864", "pids": 16}


def resolved() -> dict[str, Any]:
    """Return a configuration as Compose would print it, with one service of each kind."""
    deploy = {"resources": {"limits": LIMITS}}
    migrate = {"image": "example/migrate:dev", "restart": "no", "deploy": deploy}
    web = {
        "image": "example/web:dev",
        "restart": "unless-stopped",
        "deploy": {"resources": {"limits": dict(LIMITS)}},
        "healthcheck": {"test": ["CMD", "true"]},
        "depends_on": {"migrate": {"condition": "service_completed_successfully"}},
    }
    return {"services": {"web": web, "migrate": migrate}, "secrets": {}}


class Copy:
    """A copy of the example beside a ``docker`` that says what the test wants."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "example"
        self._fake = folder / "fake"
        shutil.copytree(EXAMPLE, self.root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
        self._fake.mkdir()
        docker = self._fake / "docker"
        docker.write_text(FAKE_DOCKER, encoding="utf-8")
        docker.chmod(0o755)
        self.say("warnings", "")
        self.say("model", json.dumps(resolved()))

    def say(self, what: str, text: str) -> None:
        """Set what ``docker compose`` prints."""
        (self._fake / what).write_text(text, encoding="utf-8")

    def forget(self, what: str) -> None:
        """Let ``docker compose`` fail where it was to print this."""
        (self._fake / what).unlink()

    def append(self, path: str, text: str) -> None:
        """Add to a file of the copy."""
        with (self.root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run one of the copy's programs."""
        environ = {"PATH": f"{self._fake}:{os.environ['PATH']}", "FAKE": str(self._fake)}
        return subprocess.run(argv, cwd=self.root, env=environ, capture_output=True, text=True, timeout=60, check=False)

    def lint(self) -> tuple[int, dict[str, str], str]:
        """Return exit code, what each standard was found to be, and the output."""
        done = self.run(sys.executable, "scripts/lint.py")
        lines = (line.rpartition(" ") for line in done.stdout.splitlines() if line[0] != " " and line.endswith(ENDS))
        return done.returncode, {name.strip(): said for name, _, said in lines}, done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def service_of(change: Callable[[dict[str, Any]], object]) -> Callable[[Copy], None]:
    """Return a fault that changes the service that stays up."""

    def break_it(copy: Copy) -> None:
        model = resolved()
        change(model["services"]["web"])
        copy.say("model", json.dumps(model))

    return break_it


def without_secret(copy: Copy) -> None:
    copy.say("model", json.dumps({**resolved(), "secrets": {"key": {"file": str(copy.root / "secrets" / "key")}}}))


FAULTS: dict[str, tuple[str, Callable[[Copy], object], str]] = {
    "warning": (
        "compose configuration",
        lambda copy: copy.say("warnings", "level=warning unset"),
        "level=warning unset",
    ),
    "key in .env alone": ("environment files", lambda copy: copy.append(".env", "NEW=1\n"), "NEW is in .env and not"),
    "unset variable": ("environment files", lambda copy: copy.append("compose.yaml", "# ${GONE}\n"), "GONE is used"),
    "no healthcheck": ("healthchecks", service_of(lambda web: web.pop("healthcheck")), "web has no healthcheck"),
    "healthcheck off": ("healthchecks", service_of(lambda web: web["healthcheck"].update(disable=True)), "web has no"),
    "no memory limit": (
        "resource limits",
        service_of(lambda web: web["deploy"]["resources"]["limits"].pop("memory")),
        "web has no limit on memory",
    ),
    "no restart": ("restart policies", service_of(lambda web: web.pop("restart")), "web has restart policy none"),
    "floating tag": (
        "image tags",
        service_of(lambda web: web.update(image="web:latest")),
        "web has the image web:latest",
    ),
    "registry port": ("image tags", service_of(lambda web: web.update(image="local:5000/web")), "local:5000/web"),
    "another base": (
        "base image",
        lambda copy: copy.append("edge/Dockerfile", "FROM scratch\n"),
        "edge/Dockerfile: FROM",
    ),
    "absent secret": ("secrets", without_secret, "secrets/key"),
    "shell syntax": ("shell scripts", lambda copy: copy.append("db/entrypoint.sh", "if\n"), "db/entrypoint.sh"),
    "Python syntax": ("Python files", lambda copy: copy.append("worker/worker.py", "def\n"), "worker/worker.py:"),
}


def test_lint_finds_nothing_in_the_example(copy: Copy) -> None:
    code, standards, output = copy.lint()

    assert code == 0, output
    assert set(standards.values()) == {"ok"}
    assert {standard for standard, _, _ in FAULTS.values()} == set(standards)


@pytest.mark.parametrize("fault", FAULTS)
def test_lint_fails_on_one_fault_and_names_it(copy: Copy, fault: str) -> None:
    standard, break_it, named = FAULTS[fault]
    break_it(copy)

    code, standards, output = copy.lint()

    assert code == 1
    assert [name for name, said in standards.items() if said == "failed"] == [standard]
    assert named in output


def test_lint_does_not_pass_what_it_could_not_judge(copy: Copy) -> None:
    copy.forget("model")

    code, standards, output = copy.lint()

    assert code == 1
    assert "cannot be judged" in output
    assert {name for name, said in standards.items() if said == "failed"} == {
        "healthchecks",
        "resource limits",
        "restart policies",
        "image tags",
        "secrets",
    }


def test_runner_names_the_module_that_failed(copy: Copy) -> None:
    passed = copy.run("./scripts/ci-modular-runner.sh", "fast")
    copy.append("gateway/jsonrpc.py", "raise RuntimeError('broken')\n")
    failed = copy.run("./scripts/ci-modular-runner.sh", "fast")

    assert (passed.returncode, failed.returncode) == (0, 1), passed.stdout + passed.stderr
    assert [line.split() for line in passed.stdout.splitlines()] == [
        ["module", "config", "ok"],
        ["module", "lint", "ok"],
        ["module", "unit", "ok"],
    ]
    assert "module unit     failed" in failed.stdout


def test_runner_refuses_a_module_that_there_is_not(copy: Copy) -> None:
    assert copy.run("./scripts/ci-modular-runner.sh", "quick").returncode == 2


@pytest.mark.parametrize(
    ("web", "migrate", "code"),
    [
        (("running", 0, "healthy"), ("exited", 0, ""), 0),
        (("running", 0, "starting"), ("exited", 0, ""), 1),
        (("running", 0, "unhealthy"), ("exited", 0, ""), 1),
        (("running", 0, ""), ("exited", 0, ""), 1),
        (("exited", 0, ""), ("exited", 0, ""), 1),
        (("running", 0, "healthy"), ("exited", 1, ""), 1),
        (("running", 0, "healthy"), ("running", 0, ""), 1),
        (("running", 0, "healthy"), None, 1),
    ],
)
def test_status_is_good_only_when_everything_is(
    copy: Copy, web: tuple[str, int, str], migrate: tuple[str, int, str] | None, code: int
) -> None:
    rows = [("web", *web)] + ([("migrate", *migrate)] if migrate else [])
    keys = ("Service", "State", "ExitCode", "Health")
    copy.say("containers", "\n".join(json.dumps(dict(zip(keys, row, strict=True))) for row in rows))

    done = copy.run(sys.executable, "scripts/mcp_status.py")

    assert done.returncode == code, done.stdout + done.stderr
    assert ("NOT OK" in done.stdout) == bool(code)


def test_settings_of_the_example_are_valid() -> None:
    settings = read_settings(EXAMPLE, RawOptions(), known_checks=())

    assert settings.file == str(EXAMPLE / "infragate.yaml")
    assert [command.name for command in settings.commands] == ["lint-ci", "ci-modular-runner", "schema-present"]
    assert settings.service("migrate").kind is Kind.ONE_SHOT
    assert len(settings.connectivity.expect) == 3
    assert len(settings.connectivity.forbid) == 2
